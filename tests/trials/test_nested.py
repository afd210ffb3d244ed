"""Nested folds against the whole procedure done again by hand: fit, judge and choose on each fold's train rows alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score
from tests.trials.small_run import ready_for, rows, run_here, trials

from tenon.data.splits import make_splits
from tenon.metrics import gather, judge, may_be_chosen
from tenon.trials.ask import Ask
from tenon.trials.choice import choose
from tenon.trials.job import NESTED_FOLDS, rows_of
from tenon.trials.nested import is_nested, nested_entries, nested_jobs, nested_score

SEED, STRENGTH = 2, 0.5  # with which the folds do not all choose the same method
FINGERPRINT = "0000002a" * 8  # its first eight digits are the seed 42


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run whose trials, nested ones too, are done; its predictions serve every metric."""
    folder = tmp_path_factory.mktemp("run")
    ready = ready_by("auc", folder)
    jobs = trials(ready)
    assert {outcome.status for outcome in run_here(ready, [*jobs, *nested_jobs(jobs, ready.bench)])} == {"ok"}
    return folder


def ready_by(metric, folder):
    ask = Ask(methods="naive-bayes,logistic", metric=metric, splits="3x1")
    return ready_for(rows("binary", 120, seed=SEED, strength=STRENGTH), ask, folder)


def fitted_guess(ready, name, train_ids, ids):
    """What a model fitted to these rows says of those: probabilities for AUC, codes for accuracy."""
    data, task, method = ready.bench.dataset, ready.bench.task, ready.by_name[name]
    model = method.fit(data.rows(train_ids), task, params=method.with_defaults({}), seed=1, budget="normal")
    proba = model.predict(data.rows(ids).without_target()).proba
    return proba if task.metric.reads == "proba" else proba.argmax(axis=1)


def chosen_by_hand(ready, names, train_ids, fold):
    """The method that the rule chooses from these rows, every model fitted afresh."""
    data, task = ready.bench.dataset.rows(train_ids), ready.bench.task
    y = task.encode(data.target)
    splits = make_splits(data, y, n_folds=NESTED_FOLDS, n_repeats=1, final_share=0.0, seed=fold)
    guesses = []
    for name in names:
        guess = np.zeros((len(y), 2) if task.metric.reads == "proba" else len(y))
        for subfold in range(NESTED_FOLDS):
            said = fitted_guess(ready, name, splits.train(0, subfold), splits.held_out(0, subfold))
            guess[splits.fold[0] == subfold] = said
        guesses.append(guess if task.metric.reads == "proba" else guess.astype(int))
    cost_ranks = [ready.by_name[name].cost_rank for name in names]
    evidence = gather(task.metric, names, y, [guesses], splits.fold)
    board = judge(evidence, rope=task.rope, cost_ranks=cost_ranks, data_hash_seed=42)
    return choose(names, cost_ranks, may_be_chosen(board))


@pytest.mark.parametrize("metric", ["auc", "accuracy"])
def test_score_and_choices_are_those_of_the_whole_procedure(folder, metric):
    ready = ready_by(metric, folder)
    names, splits = [method.name for method in ready.running], ready.bench.splits
    target = ready.bench.dataset.target
    choices, scores, n_right = [], [], 0
    for fold in range(3):
        train_ids, ids = splits.train(0, fold), splits.held_out(0, fold)
        choices.append(chosen_by_hand(ready, names, train_ids, fold))
        said, truth = fitted_guess(ready, choices[-1], train_ids, ids), target.loc[ids] == "yes"
        if metric == "auc":
            scores.append(roc_auc_score(truth, said[:, 1]))
        else:
            n_right += accuracy_score(truth, said, normalize=False)
    found = nested_score(ready, names, FINGERPRINT)
    assert found["choices"] == dict(Counter(choices))
    expected = np.mean(scores) if metric == "auc" else n_right / 120
    assert found["score"] == pytest.approx(expected, abs=1e-12)  # the same sums in another order
    assert found["low"] < found["score"] < found["high"]


def test_the_interval_is_that_of_fixed_rows_made_1_3_times_as_wide(folder):
    """Wilson's for accuracy; the variance over n rows is p (1 - p) / (n - 1), so the interval is that of n - 1 rows."""
    ready = ready_by("accuracy", folder)
    found = nested_score(ready, [method.name for method in ready.running], FINGERPRINT)
    p, n, z = found["score"], 119, 1.959964
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = np.array([centre - half, centre + half]) / (1 + z**2 / n)
    assert found["low"] == pytest.approx(p - 1.3 * (p - low), abs=1e-6)  # z was given to seven digits
    assert found["high"] == pytest.approx(p + 1.3 * (high - p), abs=1e-6)


def test_nested_trials_never_meet_the_rows_of_their_fold(tmp_path):
    ready = ready_for(rows("binary", 90), Ask(methods="baseline", splits="3x2"), tmp_path)
    jobs = trials(ready)
    nested = list(nested_jobs(jobs, ready.bench))
    assert len(nested) == 3 * NESTED_FOLDS  # of the first repeat alone
    assert len({job.place for job in nested} | {job.place for job in jobs}) == len(nested) + len(jobs)
    assert len({job.seed for job in nested}) == len(nested)
    for fold in range(3):
        outer, held_out = set(ready.bench.splits.train(0, fold)), []
        for job in (job for job in nested if job.fold == fold):
            train, predicted = rows_of(job, ready.bench)
            assert set(train.row_ids) | set(predicted.row_ids) == outer
            assert not set(train.row_ids) & set(predicted.row_ids)
            assert predicted.target is None
            held_out += predicted.row_ids.tolist()
        assert sorted(held_out) == sorted(outer)


@pytest.mark.parametrize(("metric", "sign"), [("auc", 1), ("log_loss", -1)])
def test_optimism_is_what_the_board_shows_beyond_the_nested_score(folder, metric, sign):
    ready = ready_by(metric, folder)
    names = [method.name for method in ready.running]
    score = nested_score(ready, names, FINGERPRINT)["score"]
    for better_by in (0.03, -0.03):
        board = {"chosen": "logistic", "rows": [{"method": "logistic", "score": score + sign * better_by}]}
        found = nested_entries(ready, board, names, FINGERPRINT)
        assert found["expected"] == found["nested"]["score"] == score
        assert found["optimism"] == pytest.approx(max(0.0, better_by), abs=1e-12)  # one subtraction


def test_nothing_is_said_without_a_sound_method(tmp_path):
    ready = ready_for(rows("binary", 90), Ask(methods="baseline", splits="3x1"), tmp_path)
    assert nested_entries(ready, {}, [], FINGERPRINT) == {}


def test_only_rows_without_final_ones_are_nested(tmp_path):
    ask = Ask(methods="baseline", splits="3x1")
    assert is_nested(ready_for(rows("binary", 90), ask, tmp_path / "few"))
    assert not is_nested(ready_for(rows("binary", 90, final=20), ask, tmp_path / "own"))
    assert not is_nested(ready_for(rows("binary", 500), ask, tmp_path / "many"))


@pytest.mark.parametrize(("kind", "n", "expected"), [("binary", 8, 3), ("multiclass", 9, 2), ("regression", 6, 4)])
def test_few_rows_have_few_nested_folds(tmp_path, kind, n, expected):
    """Every nested fold needs a row of each class: as many folds as the smallest class has train rows, but at least two."""
    data = rows(kind, n)
    if kind != "regression":
        labels = np.array(["a", "b", "c"][: 2 if kind == "binary" else 3])
        data = replace(data, frame=data.frame.assign(y=labels[np.arange(n) % len(labels)]))
    ready = ready_for(data, Ask(methods="baseline", splits="4x1" if kind == "binary" else "3x1"), tmp_path)
    jobs = trials(ready)
    nested = list(nested_jobs(jobs, ready.bench))
    assert Counter(job.fold for job in nested) == {job.fold: expected for job in jobs}
    assert {outcome.status for outcome in run_here(ready, [*jobs, *nested])} == {"ok"}
    assert np.isfinite(nested_score(ready, ["baseline"], FINGERPRINT)["score"])


def test_folds_too_small_for_the_metric_are_told(tmp_path):
    """Two rows of a class in the whole: without one of them, no nested fold but one has both classes."""
    data = rows("binary", 12)
    data = replace(data, frame=data.frame.assign(y=np.where(np.arange(12) < 2, "a", "b")))
    ready = ready_for(data, Ask(methods="baseline", splits="2x1"), tmp_path)
    jobs = trials(ready)
    run_here(ready, [*jobs, *nested_jobs(jobs, ready.bench)])
    found = nested_entries(ready, {"notes": ["one"]}, ["baseline"], FINGERPRINT)
    assert list(found) == ["notes"]
    assert found["notes"][0] == "one"
    assert found["notes"][1].startswith("So few rows cannot be nested: AUC is undefined in ")
