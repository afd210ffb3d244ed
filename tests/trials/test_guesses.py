"""Saved predictions come back as arrays in the order of the splits' rows, whatever order they were written in."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from tests.trials.small_run import guesses_of, ready_for, rows, run_here, trials

from tenon.errors import DataError, RunFolderError
from tenon.method import Predictions
from tenon.tasks import Task
from tenon.trials.ask import Ask
from tenon.trials.guesses import gathered, read_guess
from tenon.trials.job import write_predictions

TASK = Task("multiclass", "y", ("a", "b", "c"))


def saved(folder, row_ids, labels, proba):
    folder.mkdir(parents=True)
    write_predictions(Predictions(np.array(row_ids), np.array(labels), np.array(proba)), TASK, folder / "predictions.parquet")


def test_what_each_metric_reads(tmp_path):
    saved(tmp_path / "t", [7, 3], ["c", "a"], [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    for reads, expected in (("proba", [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]]), ("label", [2, 0])):
        ids, guess = read_guess(tmp_path / "t/predictions.parquet", reads, TASK)
        assert ids.tolist() == [7, 3]
        assert guess.tolist() == expected
    number = Task("regression", "y", target_sd=1.0)
    write_predictions(Predictions(np.array([4]), np.array([2.5])), number, tmp_path / "numbers.parquet")
    assert read_guess(tmp_path / "numbers.parquet", "value", number)[1].tolist() == [2.5]


def test_a_label_that_the_task_does_not_know_is_refused(tmp_path):
    saved(tmp_path / "t", [0], ["z"], [[0.1, 0.2, 0.7]])
    with pytest.raises(DataError, match="a label that training never saw: 'z'"):
        read_guess(tmp_path / "t/predictions.parquet", "label", TASK)


def test_folds_are_put_together_by_row_id(tmp_path):
    saved(tmp_path / "one", [7, 3], ["c", "b"], np.eye(3)[[2, 1]])
    saved(tmp_path / "two", [5], ["b"], np.eye(3)[[1]])
    places = [tmp_path / "one", tmp_path / "two"]
    assert gathered(tmp_path, places, "label", TASK, pd.Series(0, [3, 5, 7, 9])).tolist() == [1, 1, 2, 0]  # nobody spoke of row 9
    proba = gathered(tmp_path, places, "proba", TASK, pd.Series(0, [9, 7, 5, 3]))
    assert proba.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]]


def test_scores_of_single_trials_and_of_whole_repeats(tmp_path):
    ready = ready_for(rows("binary", 90, final=15), Ask(methods="naive-bayes", splits="3x2"), tmp_path)
    jobs = [job for job in trials(ready) if job.method == "naive-bayes"]
    run_here(ready, jobs)
    guesses = guesses_of(ready)
    for job in jobs:
        guesses.add(job, ready.bench.task.metric)
    target, aucs = ready.bench.dataset.target, []
    for job in jobs:
        frame = pd.read_parquet(tmp_path / job.place / "predictions.parquet")
        aucs.append(roc_auc_score(target.loc[frame.index] == "yes", frame["p_yes"]))
        whole = guesses.of("naive-bayes", job.repeat, "proba")
        assert whole.shape == (90, 2)
        assert whole[frame.index].tolist() == frame[["p_no", "p_yes"]].to_numpy().tolist()  # row ids count from 0 here
        assert not whole[75:].any()  # final rows are in no fold
    assert guesses.fold_scores == {"naive-bayes": pytest.approx(aucs, abs=1e-12)}  # the same sums in another order


@pytest.mark.parametrize("content", [None, b"", b"no table", "cut"])
def test_a_damaged_file_is_named(tmp_path, content):
    saved(tmp_path / "t", [0], ["a"], [[0.1, 0.2, 0.7]])
    path = tmp_path / "t/predictions.parquet"
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(whole[:-9] if content == "cut" else content)
    with pytest.raises(RunFolderError, match=r"t/predictions\.parquet is damaged or missing\. Remove .*/t and run the same line"):
        read_guess(path, "proba", TASK)


def test_a_column_that_is_not_there_is_damage_too(tmp_path):
    saved(tmp_path / "t", [0], ["a"], [[0.1, 0.2, 0.7]])
    with pytest.raises(RunFolderError, match="is damaged or missing"):
        read_guess(tmp_path / "t/predictions.parquet", "proba", Task("multiclass", "y", ("a", "b", "z")))
