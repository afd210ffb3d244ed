"""Learning curves: shares lie inside each other, and the last point is the first repeat of the board."""

import shutil

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error, roc_auc_score
from tests.trials.small_run import ready_for, rows, run_here, trials

from tenon.trials.ask import Ask
from tenon.trials.curve import SHARES, curve_jobs, learning_curves
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import read_guess
from tenon.trials.job import rows_of


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    ready = ready_for(rows("binary", 160), Ask(methods="naive-bayes", splits="4x2"), tmp_path_factory.mktemp("run"))
    jobs = trials(ready)
    assert {outcome.status for outcome in run_here(ready, [*jobs, *curve_jobs(jobs)])} == {"ok"}
    return ready


def test_shares_lie_inside_each_other(ready):
    jobs = [job for job in trials(ready) if job.method == "naive-bayes" and job.repeat == 0]
    for job in jobs:
        before, held_out = set(), rows_of(job, ready.bench)[1].row_ids
        for smaller in [*curve_jobs([job]), job]:
            train, predicted = rows_of(smaller, ready.bench)
            assert before < set(train.row_ids)
            assert predicted.row_ids.tolist() == held_out.tolist()  # scored on the same rows
            assert abs(len(train) - smaller.share * 120) <= 2  # a row more or less in each of two classes
            before = set(train.row_ids)


def test_only_the_first_repeat_is_fitted_again(ready):
    jobs = list(curve_jobs(trials(ready)))
    assert {job.repeat for job in jobs} == {0}
    assert len(jobs) == len(SHARES) * 2 * 4  # two methods, four folds
    assert [job.share for job in jobs] == sorted(job.share for job in jobs)  # smallest first


@pytest.mark.mission("B7")
def test_points_are_the_scores_of_the_saved_predictions(ready):
    curves = learning_curves(ready, RunFolder(ready.bench.run), ["baseline", "naive-bayes"])
    assert list(curves) == ["baseline", "naive-bayes"]
    target, task = ready.bench.dataset.target, ready.bench.task
    for name, points in curves.items():
        assert [point["share"] for point in points] == [*SHARES, 1.0]
        assert [point["rows"] for point in points] == pytest.approx([15, 30, 60, 120], abs=2)  # as above
        for point in points:
            folder = f"trials/{name}/0-{{}}" if point["share"] == 1 else f"curve/{name}/0-{{}}-{point['share']:g}"
            aucs = []
            for fold in range(4):
                ids, proba = read_guess(ready.bench.run / folder.format(fold) / "predictions.parquet", "proba", task)
                aucs.append(roc_auc_score(target.loc[ids] == "yes", proba[:, 1]))
            assert point["score"] == pytest.approx(np.mean(aucs), abs=1e-12)  # the same sums in another order
            assert point["low"] <= point["score"] <= point["high"]


def test_a_share_that_failed_has_no_point(ready, tmp_path):
    run = shutil.copytree(ready.bench.run, tmp_path / "run")
    broken = run / "curve/naive-bayes/0-2-0.25/result.json"
    broken.write_text(broken.read_text().replace('"status": "ok"', '"status": "failed"'))
    (broken.parent / "checksums.txt").unlink()  # which would tell that it was changed
    curves = learning_curves(ready, RunFolder(run), ["baseline", "naive-bayes"])
    assert [point["share"] for point in curves["naive-bayes"]] == [0.125, 0.5, 1.0]
    assert len(curves["baseline"]) == 4


def test_numbers_are_scored_by_rmse(tmp_path):
    ready = ready_for(rows("regression", 90), Ask(methods="ridge", splits="3x1"), tmp_path)
    jobs = [job for job in trials(ready) if job.method == "ridge"]
    run_here(ready, [*jobs, *curve_jobs(jobs)])
    last = learning_curves(ready, RunFolder(tmp_path), ["ridge"])["ridge"][-1]
    said = [read_guess(tmp_path / job.place / "predictions.parquet", "value", ready.bench.task) for job in jobs]
    ids, values = (np.concatenate(part) for part in zip(*said, strict=True))
    expected = mean_squared_error(ready.bench.dataset.target.loc[ids], values) ** 0.5
    assert last["score"] == pytest.approx(expected, rel=1e-12)  # the same sums in another order
    assert last["rows"] == 60
