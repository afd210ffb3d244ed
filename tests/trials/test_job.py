"""One trial: which rows it sees, where its result stands, and what becomes of a method that goes wrong."""

import errno
import json
import os
import struct
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from tests.trials.event_files import fields, records
from tests.trials.small_run import ready_for, rows

from tenon.catalogue import find
from tenon.checks.seen import seen_by
from tenon.errors import OutputError, failure_reason
from tenon.files import changed
from tenon.method import Method, Model, Predictions
from tenon.trials.ask import Ask
from tenon.trials.folder import RunFolder
from tenon.trials.job import FINAL, UNFINISHED, Job, Outcome, rows_of, run_job, seed_of
from tenon.trials.tensorboard import NAME
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


@pytest.mark.mission("A10")
def test_figures_stand_in_an_event_file_while_they_come(bench):
    run_job(JOB, method(fit_infinite), bench, SILENT)
    [_, event] = records(bench.run / "curves" / JOB.place / NAME)
    [(_, value)] = fields(dict(fields(event))[5])
    assert dict(fields(event))[2] == 1
    assert dict(fields(value)) == {1: b"loss", 2: struct.pack("<f", 0.5)}


def test_a_killed_training_goes_on_and_cleans_up(bench, monkeypatch):
    """The trial of a network is ended from outside in its third epoch, then made again: the same curves, and no more steps."""
    pytest.importorskip("torch")
    monkeypatch.setattr("tenon.training.loop.SAVE_EVERY", 0.0)
    job = replace(JOB, method="mlp")
    whole = replace(bench, run=bench.run / "whole")
    run_job(job, find("mlp"), whole, SILENT)
    expected = json.loads((whole.run / job.place / "history.json").read_text())
    n_steps, heard = len(expected["loss"]), []

    def kill(event):
        if event["done"] >= n_steps // 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(job, find("mlp"), bench, Watch(kill))
    assert (bench.run / UNFINISHED / job.place / "checkpoint.safetensors").exists()
    run_job(job, find("mlp"), bench, Watch(heard.append))
    assert json.loads((bench.run / job.place / "history.json").read_text()) == expected
    assert sum("loss" in event for event in heard) == n_steps - n_steps // 3 + 1
    assert not (bench.run / UNFINISHED / job.place).exists()
    for name in ("predictions.parquet", "history.json"):
        assert (bench.run / job.place / name).read_bytes() == (whole.run / job.place / name).read_bytes()


class Says(Model):
    """Predicts what it is told to; it can be saved and loaded."""

    def __init__(self, schema, task, said):
        super().__init__(schema, task, "says")
        self.said = said

    def predict_rows(self, dataset):
        return self.said(dataset.row_ids)

    def save_parts(self, folder):
        (folder / "said.txt").write_text("nothing")


def says(said, load=None) -> Method:
    """A method whose models predict said(row ids); load(folder, schema, task) brings one back."""

    def fit(train, task, *, params, seed, budget, watch):
        return Says(train.without_target().schema, task, said)

    return replace(find("baseline"), name="says", fit=fit, load=load)


def proba_of(proba, row_ids):
    """Predictions of two classes, always the first, with these probabilities in every row."""
    return Predictions(row_ids, np.array(["no"] * len(row_ids)), np.tile(proba, (len(row_ids), 1)))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (lambda ids: proba_of([1.5, -0.5], ids), "it gives a probability below 0 or above 1"),
        (lambda ids: proba_of([0.2, 0.2], ids), "its probabilities of a row do not add up to 1"),
        (lambda ids: proba_of([np.nan, 1.0], ids), "it gives a missing or infinite probability"),
        (
            lambda ids: proba_of([0.2, 0.3, 0.5], ids),
            "its probabilities have the shape (24, 3); (rows, classes) are (24, 2)",
        ),
        (
            lambda ids: Predictions(ids, np.array(["no"] * len(ids)), np.ones(len(ids))),
            "its probabilities have the shape (24,); (rows, classes) are",
        ),
        (lambda ids: proba_of([1.0, 0.0], ids[:-1]), "it predicts other rows than it was given, or in another order"),
        (lambda ids: proba_of([1.0, 0.0], ids[::-1]), "it predicts other rows than it was given, or in another order"),
        (
            lambda ids: Predictions(ids, np.array([["no"]] * len(ids))),
            "its predictions have the shape (24, 1); one a row is (24,)",
        ),
        (lambda ids: Predictions(ids, np.array(["perhaps"] * len(ids))), "it predicts 'perhaps', which is none of the labels"),
    ],
)
def test_predictions_that_are_none_are_told_from_errors(tmp_path, said, reason):
    bench = ready_for(rows("binary", 72), Ask(methods="baseline", splits="3x2"), tmp_path).bench
    outcome = run_job(JOB, says(said), bench, SILENT)
    assert outcome.status == "failed"
    assert outcome.reason.startswith(reason)


def test_numbers_too_large_to_calculate_with_are_no_predictions(bench):
    outcome = run_job(JOB, says(lambda ids: Predictions(ids, np.full(len(ids), 1e200))), bench, SILENT)
    assert outcome.reason == "it predicts numbers beyond 1e+36, too large to calculate with"


def test_rounded_probabilities_are_taken(tmp_path):
    bench = ready_for(rows("binary", 72), Ask(methods="baseline", splits="3x2"), tmp_path).bench
    third = np.array([1 / 3, 2 / 3], np.float32)
    assert run_job(JOB, says(lambda ids: proba_of(third, ids)), bench, SILENT).status == "ok"
    assert run_job(JOB, says(lambda ids: proba_of([0.333, 0.667], ids)), bench, SILENT).status == "ok"


REFIT = replace(JOB, repeat=FINAL, fold=0)


def constant(ids):
    return Predictions(ids, np.zeros(len(ids)))


def not_loaded(folder, schema, task):
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (lambda folder, schema, task: Says(schema, task, constant), ""),
        (not_loaded, "its model cannot be loaded again: "),
        (
            lambda folder, schema, task: Says(schema, task, lambda ids: Predictions(ids, np.ones(len(ids)))),
            "its model predicts otherwise",
        ),
    ],
)
def test_the_refit_tries_its_own_model(bench, load, reason):
    """What it says of the final rows stands in any case."""
    outcome = run_job(REFIT, says(constant, load), bench, SILENT)
    assert outcome.status == "ok"
    assert outcome.reason.startswith(reason)
    assert bool(outcome.reason) == bool(reason)
    assert len(pd.read_parquet(bench.run / "final/predictions.parquet")) == 18
    assert RunFolder(bench.run).outcome(REFIT).reason == outcome.reason
    assert changed(bench.run / "model") == []
    learnt_from = bench.dataset.rows(bench.splits.working())
    kept = seen_by(bench.run / "model")
    assert list(kept) == learnt_from.schema.features()
    for name in learnt_from.schema.features("number"):
        numbers = learnt_from.frame[name].dropna()
        assert (kept[name]["number"].n, kept[name]["number"].sorted[-1]) == (len(numbers), numbers.max())


def test_a_model_that_cannot_be_saved_is_told(bench):
    class Unsaved(Says):
        def save_parts(self, folder):
            raise TypeError("a lambda is no data")

    def fit(train, task, *, params, seed, budget, watch):
        return Unsaved(train.without_target().schema, task, constant)

    outcome = run_job(REFIT, replace(says(constant), fit=fit), bench, SILENT)
    assert outcome.reason.startswith("its model cannot be saved: TypeError: a lambda is no data (test_job.py, line ")
    assert not (bench.run / "model").exists()
    assert "a lambda is no data" in (bench.run / "final/error.txt").read_text()


@pytest.mark.parametrize("where", ["method", "saving"])
def test_a_full_disk_is_no_failure_of_the_method(bench, monkeypatch, where):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if where == "saving":
        monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    fit = full if where == "method" else find("baseline").fit
    with pytest.raises(OutputError, match=r"cannot write .*: the disk is full\. Free some space and run the same line again"):
        run_job(JOB, replace(find("baseline"), fit=fit), bench, SILENT)
    assert not (bench.run / JOB.place).exists()
    assert not list(bench.run.rglob(".*"))  # nothing half-written


def test_half_a_character_in_a_reason_is_spelt_out():
    """It could neither be written to a terminal nor into a file."""
    assert failure_reason(ValueError("half: \ud83d\nmore")) == "ValueError: half: \\ud83d"
