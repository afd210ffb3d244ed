"""Saved predictions as evidence: levels and contributions by hand; roles of columns reach the metric."""

import numpy as np
import pandas as pd
import pytest
from tests.datasets import dataset
from tests.trials.small_run import guesses_of, ready_for, run_here, trials

from tenon.trials.ask import Ask
from tenon.trials.evidence import evidence_of, known
from tenon.trials.per import column_of


def rows_with(role, cells, n=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    y = np.where(x + rng.normal(size=n) > 0, "yes", "no")
    kinds = {"x": "number", "c": "category" if role == "group" else "number"}
    return dataset({"x": x, "c": cells, "y": y}, kinds, roles={"c": role})


def evidence_and_said(data, tmp_path, metric="accuracy"):
    ready = ready_for(data, Ask(methods="naive-bayes", metric=metric, splits="3x2"), tmp_path)
    run_here(ready, trials(ready))
    jobs = [job for job in trials(ready) if job.method == "naive-bayes"]
    said = [(job, pd.read_parquet(tmp_path / job.place / "predictions.parquet")) for job in jobs]
    return evidence_of(ready, guesses_of(ready), ["naive-bayes"], metric), said


def test_each_contribution_is_of_its_own_row_and_repeat(tmp_path):
    data = rows_with("weight", np.ones(60))
    evidence, said = evidence_and_said(data, tmp_path)
    assert evidence.psi.shape == (2, 60, 1)
    for job, frame in said:
        is_right = (frame["prediction"] == data.target.loc[frame.index]).to_numpy()
        assert np.array_equal(evidence.psi[job.repeat, frame.index, 0], is_right.astype(float))  # row ids count from 0 here
    assert evidence.level[0] == pytest.approx(evidence.psi.mean())
    assert evidence.question == "method"


def test_weights_weigh(tmp_path):
    weights = np.random.default_rng(1).uniform(0.5, 3.0, 60)
    data = rows_with("weight", weights)
    evidence, said = evidence_and_said(data, tmp_path)
    repeats = [pd.concat([frame for job, frame in said if job.repeat == repeat]).sort_index() for repeat in range(2)]
    expected = [np.average(frame["prediction"] == data.target, weights=weights) for frame in repeats]
    assert evidence.level[0] == pytest.approx(np.mean(expected), rel=1e-12)  # the same sums in another order
    assert np.array_equal(evidence.weights, weights)


def test_groups_are_the_units(tmp_path):
    cells = np.array([f"u{i // 5}" for i in range(60)])
    evidence, _ = evidence_and_said(rows_with("group", cells), tmp_path)
    assert evidence.n_units == 12
    assert len(set(zip(evidence.groups, cells, strict=True))) == 12  # one code a group


def test_time_makes_ten_blocks_of_a_history(tmp_path):
    evidence, said = evidence_and_said(rows_with("time", np.arange(60)[::-1]), tmp_path)
    assert evidence.question == "history"
    assert len(evidence.y) == sum(len(frame) for _, frame in said) == 45  # the first block of four is in no fold
    assert evidence.n_units == 10
    assert (np.diff(evidence.groups) <= 0).all()  # the first rows of the file are the latest


def test_cells_of_a_role():
    data = rows_with("weight", np.arange(60.0))
    assert column_of(data, data.frame.loc[[3, 1]], "weight").tolist() == [3.0, 1.0]
    assert column_of(data, data.frame, "group") is None


def test_an_end_that_is_not_known_is_null():
    assert known(np.float64(0.25)) == 0.25
    assert known(float("nan")) is None
