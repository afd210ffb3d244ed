"""Methods that run on one split: where they run, what the board says of them, and that nothing hangs on jobs or kills."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score
from tests.datasets import dataset
from tests.trials.small_run import ready_for, rows, run_here

import tenon
from tenon.errors import RunFolderError
from tenon.metrics.dear import control_variates
from tenon.report.language import language
from tenon.trials.ask import Ask
from tenon.trials.board import judge_trials
from tenon.trials.compare import _jobs
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import Guesses
from tenon.trials.per import per_group
from tenon.trials.protocol import Protocol, choose_protocol, shared_fold

DEAR = "tests.trials.dear_methods:Dear"
NETWORK = "tests.trials.dear_methods:Network"
METHODS = f"naive-bayes,logistic,{NETWORK}"  # with the baseline three on all folds


@pytest.fixture(scope="module")
def data():
    return rows("binary", 600)


@pytest.fixture(scope="module")
def done(data, tmp_path_factory):
    return tenon.compare(data, out=tmp_path_factory.mktemp("runs") / "one", methods=METHODS, jobs=1)


def judged_here(data, ask, out):
    """The board and leaderboard.json of a run whose trials are made in this process."""
    ready = ready_for(data, ask, out)
    outcomes = run_here(ready, _jobs(ready, ask, "normal", {"threads_per_dear_trial": 1}))
    brought = {model.name: model.frame for model in ready.brought}
    per = per_group(data.name, data.frame, ask.per)
    only_fold = {method.name: ready.shared_fold for method in ready.running if ready.is_on_one_split(method.name)}
    guesses = Guesses(out, ready.bench.splits, ready.bench.task, ready.y, brought, per, only_fold)
    return judge_trials(ready, guesses, outcomes, RunFolder(out), "0" * 64)


def files_of(folder):
    return [(folder / name).read_bytes() for name in ("leaderboard.json", "verdicts.json", "scores.json", "leaderboard.csv")]


def row_of(board, name):
    return next(row for row in board["rows"] if row["method"] == name)


def test_a_cost_class_decides_on_the_splits():
    protocol = Protocol(5, 4, 0.2)
    assert [protocol.n_trials(cost) for cost in ("cheap", "medium", "dear")] == [20, 20, 1]
    assert [protocol.splits_of(cost) for cost in ("cheap", "dear")] == ["5x4", "1 split"]
    many = dataset({"x": np.zeros(125_000), "y": np.arange(125_000) % 2}, {"x": "number"})
    y = many.frame["y"].to_numpy()
    assert choose_protocol(many, y, is_classification=True).one_split == ("medium", "dear")  # 100,000 without the final ones
    assert choose_protocol(many, y, is_classification=True, splits="5x2").one_split == ()


def test_the_shared_fold_is_the_first_that_holds_every_class():
    fold, y = np.repeat(np.arange(3), 4), np.array([0, 1] * 6)
    assert shared_fold(fold, y, in_time=False) == 0
    assert shared_fold(fold, y, in_time=True) == 2
    y[fold == 0] = 0
    assert shared_fold(fold, y, in_time=False) == 1
    assert shared_fold(fold, np.where(fold == 1, 0, 1), in_time=False) == 0  # none has both
    assert shared_fold(np.append(fold, -1), np.append(y, 7), in_time=False) == 1  # a row in no fold says nothing


def test_trials_of_a_dear_method_come_last_and_have_all_threads(data, tmp_path):
    ready = ready_for(data, Ask(methods=f"{DEAR},logistic"), tmp_path)
    jobs = _jobs(ready, Ask(methods=f"{DEAR},logistic"), "normal", {"threads_per_dear_trial": 7})
    assert len(jobs) == 20 + 20 + 1
    assert [(job.method, job.repeat, job.fold, job.n_threads) for job in jobs if job.n_threads > 1] == [(DEAR, 0, 0, 7)]
    assert jobs[-1].method == DEAR
    assert [job.repeat for job in jobs[:-1]] == sorted(job.repeat for job in jobs[:-1])
    assert [(row.method, row.n_trials, row.splits) for row in ready.plan.rows] == [
        ("baseline", 20, "5x4"), (DEAR, 1, "1 split"), ("logistic", 20, "5x4"),
    ]  # fmt: skip


def test_splits_that_were_asked_for_hold_for_dear_methods_too(data, tmp_path):
    ready = ready_for(data, Ask(methods=f"{DEAR},logistic", splits="3x2"), tmp_path)
    assert [row.n_trials for row in ready.plan.rows] == [6, 6, 6]
    jobs = _jobs(ready, Ask(methods=f"{DEAR},logistic", splits="3x2"), "normal", {"threads_per_dear_trial": 7})
    assert {job.n_threads for job in jobs if job.method == DEAR} == {7}  # still dear: alone, with all cores


def test_a_run_on_one_split_is_not_taken_up_on_all(data, done):
    with pytest.raises(RunFolderError, match=r"what runs on one split \(--splits\):"):
        tenon.compare(data, out=done.folder, methods=METHODS, splits="5x4")


def test_the_row_says_one_split_and_its_interval_is_wider(done):
    row, logistic = row_of(done.board, NETWORK), row_of(done.board, "logistic")
    assert (row["trials"], row["splits"]) == (1, "1 split")
    assert (logistic["trials"], logistic["splits"]) == (20, "5x4")
    assert row["high"] - row["low"] > 1.1 * (logistic["high"] - logistic["low"])  # they say much the same
    tests = done.verdicts.set_index(["method_a", "method_b"])["test"]
    assert {test for pair, test in tests.items() if NETWORK in pair} == {"max-T, one split"}
    assert {test for pair, test in tests.items() if NETWORK not in pair} == {"max-T"}
    assert sorted(path.name for path in (done.folder / "trials" / NETWORK.replace(":", ".")).iterdir()) == ["0-0"]
    assert json.loads((done.folder / "run.json").read_text())["threads_per_dear_trial"] >= 1
    notes = " ".join(done.board["notes"])
    assert f"{NETWORK} ran on one split" in notes
    assert f"{NETWORK} draws random numbers and is judged by one fit" in notes
    assert "· 1 split" in repr(done)


def test_the_score_is_that_of_the_split_adjusted_by_the_others(done, data):
    """From the saved predictions by scikit-learn's AUC: contributions of the split, and levels over all folds."""
    splits = pd.read_parquet(done.folder / "splits.parquet").set_index("row")
    names = ["baseline", "naive-bayes", "logistic", NETWORK.replace(":", ".")]
    truth = data.target == "yes"

    def scores(name, repeat, fold):
        return pd.read_parquet(done.folder / f"trials/{name}/{repeat}-{fold}/predictions.parquet")["p_yes"]

    level = [
        np.mean([roc_auc_score(truth[s.index], s) for r in range(4) for f in range(5) for s in [scores(name, r, f)]])
        for name in names[:3]
    ]
    psi = np.column_stack([influence(truth, scores(name, 0, 0).sort_index()) for name in names])
    assert len(psi) == (splits["fold_0"] == 0).sum()
    expected = control_variates(psi[:, 3], psi[:, :3], np.array(level)).level
    assert row_of(done.board, NETWORK)["score"] == pytest.approx(expected, rel=1e-9)


def influence(truth, score):
    """DeLong's contribution of each row by all pairs; their mean is the AUC."""
    y, s = truth[score.index].to_numpy(), score.to_numpy()
    above = (s[y][:, None] > s[~y]) + 0.5 * (s[y][:, None] == s[~y])
    psi = np.empty(len(y))
    psi[y] = above.mean() + len(y) / y.sum() * (above.mean(axis=1) - above.mean())
    psi[~y] = above.mean() + len(y) / (~y).sum() * (above.mean(axis=0) - above.mean())
    return psi


def test_two_jobs_and_a_run_taken_up_give_the_same_bytes(data, done, tmp_path):
    two = tenon.compare(data, out=tmp_path / "two", methods=METHODS, jobs=2)
    assert files_of(two.folder) == files_of(done.folder)
    left = shutil.copytree(done.folder, tmp_path / "left")
    for name in ("leaderboard.json", "verdicts.json", "final", "model", f"trials/{NETWORK.replace(':', '.')}", "trials/logistic"):
        shutil.rmtree(left / name) if (left / name).is_dir() else (left / name).unlink()
    assert files_of(tenon.compare(data, out=left, methods=METHODS, jobs=2).folder) == files_of(done.folder)


def test_classes_and_roc_are_those_of_its_split(done, data):
    found = json.loads((done.folder / "scores.json").read_text())
    frame = pd.read_parquet(done.folder / f"trials/{NETWORK.replace(':', '.')}/0-0/predictions.parquet")
    table = confusion_matrix(data.target[frame.index], frame["prediction"], labels=["no", "yes"])
    assert found["classes"][NETWORK]["confusion"] == table.tolist()
    assert sum(map(sum, found["classes"]["logistic"]["confusion"])) == 480
    assert found["roc"][NETWORK][-1] == 1.0
    for of_method in found["metrics"].values():
        assert of_method[NETWORK]["low"] < of_method[NETWORK]["score"] < of_method[NETWORK]["high"]


def test_with_few_methods_all_are_judged_on_the_split(data, tmp_path):
    board, found = judged_here(data, Ask(methods=f"logistic,{DEAR}"), tmp_path)
    assert {row["splits"] for row in found["rows"]} == {"1 split"}
    assert row_of(found, "logistic")["trials"] == 20
    of_split = pd.read_parquet(tmp_path / "trials/logistic/0-0/predictions.parquet")
    auc = roc_auc_score(data.target[of_split.index] == "yes", of_split["p_yes"])
    assert row_of(found, "logistic")["score"] == pytest.approx(auc, rel=1e-12)
    for pair in board.pairs:  # the folds of the two that ran on all say more
        assert pair.test == ("max-T, one split" if DEAR in (pair.method_a, pair.method_b) else "max-T")
    assert any("those of its 96 rows, for every method; --splits 5x4 fits all" in note for note in found["notes"])


def test_several_are_spoken_of_as_several(data, done, tmp_path):
    ask = Ask(methods=f"naive-bayes,logistic,{NETWORK},{DEAR}")
    _, found = judged_here(data, ask, tmp_path)
    [both] = [note for note in found["notes"] if " ran on one split" in note]
    assert both.startswith(f"{NETWORK}, {DEAR} ran on one split: their scores are what they got there, corrected by")
    assert both.endswith("; the intervals hold what this leaves open.")
    [one] = [note for note in done.board["notes"] if " ran on one split" in note]
    assert one.startswith(f"{NETWORK} ran on one split: its score is what it got there, corrected by")
    assert language("zh")(both) == both.split(" ran")[0].replace(", ", "、") + (
        " 只在一个划分上运行：它们在全部行上的得分由其他方法在该划分及各处的表现推得，区间包含由此而来的不确定。"
    )


def test_a_dear_method_may_be_chosen_and_scored_at_the_end(tmp_path):
    """The target hangs on a product of two columns, which only a network sees."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 800))
    data = dataset({"a": a, "b": b, "y": np.where(a * b > 0, "yes", "no")}, {"a": "number", "b": "number"})
    result = tenon.compare(data, out=tmp_path / "run", methods=f"naive-bayes,logistic,svm-linear,{NETWORK}", jobs=1)
    assert result.board["chosen"] == NETWORK
    assert result.board["optimism"] >= 0
    assert result.board["final"]["score"] > 0.8
    assert result.model.predict(data.frame.head(3)).value.shape == (3,)


def test_few_rows_leave_dear_methods_out_of_nested_folds_and_curves(tmp_path):
    result = tenon.compare(rows("binary", 300), out=tmp_path / "run", methods=METHODS, jobs=1, curve=True)
    assert NETWORK not in result.board["nested"]["choices"]
    assert not (tmp_path / "run" / "nested" / NETWORK.replace(":", ".")).exists()
    assert NETWORK not in json.loads((tmp_path / "run/curve.json").read_text())
    notes = " ".join(result.board["notes"])
    assert f"choose among the methods that ran on all folds, so without {NETWORK}" in notes
    assert f"No learning curve of {NETWORK}" in notes


@pytest.mark.parametrize("role", ["group", "time", "weight"])
def test_columns_with_a_role(role, tmp_path):
    rng = np.random.default_rng(1)
    x, cells = rng.normal(size=600), {"group": np.arange(600) % 120, "time": np.arange(600), "weight": rng.uniform(1, 2, 600)}
    columns = {"x": x, "c": cells[role], "y": np.where(x + rng.normal(size=600) > 0, "yes", "no")}
    data = dataset(columns, {"x": "number", "c": "category" if role == "group" else "number"}, roles={"c": role})
    board, found = judged_here(data, Ask(methods=METHODS), tmp_path)
    row = row_of(found, NETWORK)
    assert row["status"] == "ok"
    assert row["low"] < row["score"] < row["high"]
    fold = {"group": "0-0", "time": "0-4", "weight": "0-0"}[role]  # in time order the split with the longest past
    assert (tmp_path / "trials" / NETWORK.replace(":", ".") / fold).is_dir()
    test = {"group": "max-T over groups, one split", "time": "max-T over time blocks, one split", "weight": "max-T, one split"}
    assert test[role] in {pair.test for pair in board.pairs}


@pytest.mark.parametrize(
    ("metric", "kind", "methods", "dear"),
    [("macro_f1", "multiclass", "naive-bayes,logistic", DEAR), ("rmse", "regression", "ridge,knn", f"{DEAR}Numbers")],
)
def test_other_metrics(metric, kind, methods, dear, tmp_path):
    _, found = judged_here(rows(kind, 600), Ask(methods=f"{methods},{dear}", metric=metric), tmp_path)
    row = row_of(found, dear)
    assert row["splits"] == "1 split"
    assert row["low"] < row["score"] < row["high"]


def test_per_group_and_a_model_that_was_brought(tmp_path):
    data = rows("binary", 600)
    data = replace(data, frame=data.frame.assign(user=np.arange(600) % 60))
    p_no = np.where(data.frame["x"] > 0, 0.4, 0.6)
    said = pd.DataFrame({"prediction": "no", "p_no": p_no, "p_yes": 1 - p_no})
    _, found = judged_here(data, Ask(methods=f"logistic,{DEAR}", per="user", predictions={"old": said}), tmp_path)
    row = row_of(found, DEAR)
    assert (row["splits"], row_of(found, "old")["splits"]) == ("1 split", "5x4")  # with it three are known on all folds
    assert row["low"] < row["score"] < row["high"]


def test_all_threads_and_alone(data, tmp_path, monkeypatch):
    monkeypatch.setenv("TENON_TEST_NOTES", str(tmp_path / "notes"))
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    tenon.compare(data, out=tmp_path / "run", methods="logistic,tests.trials.dear_methods:Threads", splits="3x1", jobs=2)
    lines = [line.split() for line in (tmp_path / "notes").read_text().splitlines()]
    assert {line[0] for line in lines} == {str(os.cpu_count())}
    assert {line[3] for line in lines} == {"passive"}
    spans = sorted((float(start), float(end)) for _, start, end, _ in lines)
    assert len(spans) >= 3
    assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
