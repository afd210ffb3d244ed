"""One trial: which rows it sees, where its result stands, and what becomes of a method that goes wrong."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from tests.trials.small_run import ready_for, rows

from tenon.catalogue import find
from tenon.method import Model, Predictions
from tenon.trials.ask import Ask
from tenon.trials.job import FINAL, Job, Outcome, rows_of, run_job, seed_of
from tenon.watch import SILENT, Watch

JOB = Job("baseline", 1, 2, {}, 5, "normal")


@pytest.fixture
def bench(tmp_path):
    return ready_for(rows("regression", 90, final=18), Ask(methods="baseline", splits="3x2"), tmp_path).bench


class Infinite(Model):
    """Predicts what is no number."""

    def predict_rows(self, dataset):
        return Predictions(dataset.row_ids, np.full(len(dataset), np.inf))

    def save_parts(self, folder):
        raise AssertionError("is never saved")


def method(fit):
    return replace(find("baseline"), fit=fit)


def fit_infinite(train, task, *, params, seed, budget, watch):
    watch.progress(1, 2, loss=0.5)
    return Infinite(train.without_target().schema, task, "baseline")


def fit_nothing(train, task, *, params, seed, budget, watch):
    raise ZeroDivisionError("no rows\nand a second line")


def test_seeds_are_told_apart_and_do_not_change():
    parts = [(0, "knn", 0, 0), (1, "knn", 0, 0), (0, "ridge", 0, 0), (0, "knn", 1, 0), (0, "knn", 0, 1)]
    seeds = [seed_of(*part) for part in parts]
    assert len(set(seeds)) == len(parts)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of(0, "knn", 0, 0) == 630420416  # half of what SHA-256 of '[0, "knn", 0, 0]' begins with, in any place and year


def test_every_kind_of_trial_has_its_own_folder():
    assert JOB.place.as_posix() == "trials/baseline/1-2"
    assert replace(JOB, method="mine:Own").place.as_posix() == "trials/mine.Own/1-2"
    assert replace(JOB, subfold=3).place.as_posix() == "nested/baseline/1-2-3"
    assert replace(JOB, share=0.125).place.as_posix() == "curve/baseline/1-2-0.125"
    assert replace(JOB, repeat=FINAL, fold=0).place.as_posix() == "final"


def test_a_job_travels_as_json():
    assert Job(**json.loads(json.dumps(asdict(JOB)))) == JOB


def test_rows_of_a_trial_and_of_the_refit(bench):
    train, held_out = rows_of(JOB, bench)
    assert sorted([*train.row_ids, *held_out.row_ids]) == list(range(72))
    assert held_out.target is None
    train, final = rows_of(replace(JOB, repeat=FINAL, fold=0), bench)
    assert (train.row_ids.tolist(), final.row_ids.tolist()) == (list(range(72)), list(range(72, 90)))
    assert final.target is None


def test_a_trial_leaves_what_it_said(bench):
    outcome = run_job(JOB, find("baseline"), bench, SILENT)
    assert (outcome.job, outcome.status, outcome.reason) == (JOB, "ok", "")
    train, held_out = rows_of(JOB, bench)
    said = pd.read_parquet(bench.run / JOB.place / "predictions.parquet")
    assert said.index.tolist() == held_out.row_ids.tolist()
    assert said["prediction"].to_numpy() == pytest.approx(train.target.mean())
    result = json.loads((bench.run / JOB.place / "result.json").read_text())
    assert (result["status"], result["n_train"], result["read_share"]) == ("ok", 48, 1.0)
    assert outcome.seconds == result["fit_seconds"] + result["predict_seconds"]


@pytest.mark.parametrize(
    ("fit", "reason"),
    [
        (fit_infinite, "it predicts a missing or infinite number"),
        (fit_nothing, f"ZeroDivisionError: no rows (test_job.py, line {fit_nothing.__code__.co_firstlineno + 1})"),
    ],
)
def test_what_goes_wrong_is_the_reason(bench, fit, reason):
    assert run_job(JOB, method(fit), bench, SILENT) == Outcome(JOB, "failed", reason)
    result = json.loads((bench.run / JOB.place / "result.json").read_text())
    assert (result["status"], result["reason"]) == ("failed", reason)
    assert not (bench.run / JOB.place / "predictions.parquet").exists()


def test_what_a_fit_tells_is_kept_and_passed_on(bench):
    heard = []
    run_job(JOB, method(fit_infinite), bench, Watch(heard.append))
    kept = [json.loads(line) for line in (bench.run / JOB.place / "curves.jsonl").read_text().splitlines()]
    assert kept == heard == [{"event": "progress", "done": 1, "total": 2, "loss": 0.5}]
