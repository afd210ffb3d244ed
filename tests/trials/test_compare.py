"""A whole run: the same bytes whatever the number of jobs and however often it was killed; no row leaks."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.catalogue import find
from tenon.errors import ModelFileError, RunFolderError, SettingsError, TenonError
from tenon.trials.ask import Ask
from tenon.trials.board import fates_of, judge_trials
from tenon.trials.clock import within_clock
from tenon.trials.folder import RunFolder
from tenon.trials.guesses import Guesses
from tenon.trials.job import Job, Outcome
from tenon.trials.prepare import prepare
from tenon.watch import Watch

FAST = "naive-bayes,logistic"


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    y = np.where(x[:, 0] + rng.normal(size=600) > 0, "yes", "no")
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": np.where(x[:, 2] > 0, "red", "blue"), "y": y})


@pytest.fixture(scope="module")
def done(frame, tmp_path_factory):
    """A finished run with one job."""
    out = tmp_path_factory.mktemp("runs") / "one"
    return tenon.compare(frame, "y", out=out, methods=FAST, jobs=1, splits="3x2")


def leaderboard(folder: Path) -> bytes:
    return (folder / "leaderboard.json").read_bytes()


def test_two_jobs_give_the_same_bytes(frame, done, tmp_path):
    two = tenon.compare(frame, "y", out=tmp_path / "two", methods=FAST, jobs=2, splits="3x2")
    assert leaderboard(two.folder) == leaderboard(done.folder)
    assert (two.folder / "verdicts.json").read_bytes() == (done.folder / "verdicts.json").read_bytes()


@pytest.fixture(scope="module")
def networks(frame, tmp_path_factory):
    """A finished run with a perceptron."""
    pytest.importorskip("torch")
    out = tmp_path_factory.mktemp("runs") / "networks"
    return tenon.compare(frame, "y", out=out, methods="mlp", jobs=1, splits="2x1", budget="quick")


def test_networks_are_the_same_whatever_the_number_of_jobs(frame, networks, tmp_path):
    two = tenon.compare(frame, "y", out=tmp_path / "two", methods="mlp", jobs=2, splits="2x1", budget="quick")
    assert leaderboard(two.folder) == leaderboard(networks.folder)
    places = [f"trials/mlp/0-{fold}" for fold in (0, 1)]
    for place in (*places, "final"):
        curves = json.loads((networks.folder / place / "history.json").read_text())
        assert curves == json.loads((two.folder / place / "history.json").read_text())
        assert 0 < len(curves["held_out"]) <= 10  # epochs of a quick budget
        assert (two.folder / "curves" / place / "events.out.tfevents.tenon").exists()
    assert not (two.folder / "unfinished").exists()  # no training took so long
    assert "How the networks were trained" in (two.folder / "report.html").read_text(encoding="utf-8")
    assert "torch" in RunFolder(two.folder).read("run.json")["asked"]["versions"]
    assert two.model.predict(frame[:50]).proba.tobytes() == networks.model.predict(frame[:50]).proba.tobytes()


def test_a_killed_run_goes_on_to_the_same_bytes(frame, done, tmp_path):
    frame.to_parquet(tmp_path / "data.parquet")
    line = [sys.executable, "-m", "tenon", "compare", str(tmp_path / "data.parquet"), "--target", "y", "--methods", FAST]
    line += ["--splits", "3x2", "--jobs", "1", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "run/trials").glob("*/*/result.json")):
        assert process.poll() is None, "ended before its first trial"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run/leaderboard.json").exists(), "killed too late to show anything"
    n_before = len(list((tmp_path / "run/trials").glob("*/*/result.json")))
    assert n_before < 18
    subprocess.run(line, check=True, capture_output=True)
    assert leaderboard(tmp_path / "run") == leaderboard(done.folder)


def test_the_plan_of_a_stopped_run_is_of_what_is_left(frame, done, tmp_path):
    copy, data = shutil.copytree(done.folder, tmp_path / "run"), tenon.read(frame, "y")
    (copy / "leaderboard.json").unlink()
    for fold in (1, 2):
        shutil.rmtree(copy / "trials" / "logistic" / f"1-{fold}")
    ask, told = Ask(methods=FAST, jobs=1, splits="3x2"), []
    whole = tenon.api.plan(data, ask, tmp_path / "none")
    rest = tenon.api.plan(data, ask, copy)
    each = whole.trial_seconds
    assert (whole.n_standing, rest.n_standing, rest.n_trials) == (0, 16, 18)
    assert rest.seconds == pytest.approx(whole.seconds - 6 * sum(each.values()) + 2 * each["logistic"])
    assert tenon.api.plan(data, replace(ask, seed=1), copy).n_standing == 0  # another run
    tenon.api.run(data, ask, copy, Watch(told.append))
    assert next(one["plan"] for one in told if one["event"] == "plan").n_standing == 16
    assert [one["done"] for one in told if one["event"] == "progress" and "seconds_left" in one] == list(range(1, 19))


def test_a_finished_run_is_left_as_it_is(frame, done, tmp_path):
    copy = shutil.copytree(done.folder, tmp_path / "run")
    shutil.rmtree(copy / "trials")
    again = tenon.compare(frame, "y", out=copy, methods=FAST, jobs=2, splits="3x2")
    assert leaderboard(again.folder) == leaderboard(done.folder)
    assert not (copy / "trials").exists()


def test_another_seed_or_changed_data_are_refused(frame, done):
    with pytest.raises(RunFolderError, match="--seed was 0, is 1 now"):
        tenon.compare(frame, "y", out=done.folder, methods=FAST, splits="3x2", seed=1)
    changed = frame.copy()
    changed.loc[7, "a"] += 1e-9
    with pytest.raises(RunFolderError, match="the data have changed"):
        tenon.compare(changed, "y", out=done.folder, methods=FAST, splits="3x2")


@pytest.mark.mission("A8")
def test_train_fold_and_final_rows_never_meet(frame, tmp_path, monkeypatch):
    monkeypatch.setenv("TENON_TEST_ROWS", str(tmp_path / "rows"))
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods="tests.trials.odd_methods:noting", splits="3x2", jobs=1)
    seen = [set(json.loads(path.read_text())) for path in (tmp_path / "rows").iterdir()]
    splits = pd.read_parquet(result.folder / "splits.parquet")
    final = set(splits.loc[splits["final"], "row"])
    assert len(final) == 120
    assert len(seen) == 6
    assert not any(rows & final for rows in seen)
    for repeat in range(2):
        for fold in range(3):
            held_out = set(splits.loc[splits[f"fold_{repeat}"] == fold, "row"])
            working = set(splits["row"]) - final
            assert sum(rows == working - held_out for rows in seen) == 1


def test_the_leaderboard_has_its_fixed_keys(done):
    board = json.loads(leaderboard(done.folder))
    assert {"task", "metric", "protocol", "rows", "chosen", "final"} <= set(board)
    keys = {"method", "status", "reason", "score", "low", "high", "tied", "cost_rank", "read_share", "trials"}
    assert all(keys <= set(row) for row in board["rows"])
    assert set(board["final"]) >= {"score", "low", "high", "optimism"}
    assert "seconds" not in leaderboard(done.folder).decode()
    pairs = json.loads((done.folder / "verdicts.json").read_text())
    assert len(pairs) == 3
    assert {"method_a", "method_b", "metric", "test", "effect", "low", "high", "p_value", "p_corrected"} <= set(pairs[0])
    assert {"p_better", "p_same", "p_worse", "verdict"} <= set(pairs[0])


def test_scores_are_those_of_the_saved_predictions(done, frame):
    from sklearn.metrics import roc_auc_score

    splits = pd.read_parquet(done.folder / "splits.parquet").set_index("row")
    scores = []
    for repeat in range(2):
        for fold in range(3):
            predictions = pd.read_parquet(done.folder / f"trials/logistic/{repeat}-{fold}/predictions.parquet")
            assert sorted(predictions.index) == sorted(splits.index[splits[f"fold_{repeat}"] == fold])
            scores.append(roc_auc_score(frame.loc[predictions.index, "y"] == "yes", predictions["p_yes"]))
    assert done.leaderboard.loc["logistic", "score"] == pytest.approx(
        np.mean(scores), abs=1e-12
    )  # the same sums in another order


def test_the_model_predicts_in_a_new_process(done, frame, tmp_path):
    here = done.model.predict(frame.head(20))
    frame.head(20).drop(columns="y").to_csv(tmp_path / "new.csv", index=False)
    line = [sys.executable, "-m", "tenon", "predict", str(done.folder), str(tmp_path / "new.csv"), "-o", str(tmp_path / "p.csv")]
    subprocess.run(line, check=True, capture_output=True)
    there = pd.read_csv(tmp_path / "p.csv")
    assert list(there["prediction"]) == list(here.value)
    assert np.array_equal(there["p_yes"], here.proba[:, 1])


def test_a_failing_method_costs_its_own_row(frame, tmp_path):
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods="logistic,tests.trials.odd_methods:raising", splits="3x1")
    row = result.leaderboard.loc["tests.trials.odd_methods:raising"]
    assert row["status"] == "failed"
    reason = r"failed in 3 of 3 trials: ArithmeticError: cannot divide by the moon \(odd_methods.py, line \d+\)"
    assert re.fullmatch(reason, row["reason"])
    assert result.board["chosen"] == "logistic"


def test_a_method_that_no_name_finds_runs_here(frame, tmp_path):
    mine = replace(find("logistic"), name="mine", cost_rank=1)
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods=["logistic", mine], splits="3x1")
    scores = result.leaderboard["score"]
    assert scores["logistic"] == scores["mine"]
    assert any("mine" in note and "main process" in note for note in result.board["notes"])


def test_methods_that_do_not_fit_stand_below_with_their_reason(frame, tmp_path):
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods="lasso,logistic", splits="3x1")
    assert result.leaderboard.loc["lasso", ["status", "reason"]].tolist() == ["declined", "predicts numbers only"]
    assert list(result.leaderboard.index)[-1] == "lasso"


def test_unknown_names_are_answered_with_near_ones(frame, tmp_path):
    with pytest.raises(SettingsError, match="no method 'logistik'; did you mean 'logistic'"):
        tenon.compare(frame, "y", out=tmp_path / "run", methods="logistik")
    with pytest.raises(SettingsError, match="no setting of logistic 'c'"):
        tenon.compare(frame, "y", out=tmp_path / "run", methods="logistic", settings={"logistic": {"c": 3}})
    assert not (tmp_path / "run").exists()


def test_a_clock_leaves_the_repeats_that_all_have_finished(frame, tmp_path):
    ready = prepare(tenon.read(frame, "y"), Ask(methods="naive-bayes,logistic", splits="3x4"), tmp_path)

    def outcomes(name, n_ended):
        places = [(repeat, fold) for repeat in range(4) for fold in range(3)]
        jobs = [Job(name, repeat, fold, {}, 0, "normal") for repeat, fold in places]
        return [Outcome(job, "ok" if i < n_ended else "stopped") for i, job in enumerate(jobs)]

    ended = outcomes("baseline", 12) + outcomes("naive-bayes", 8) + outcomes("logistic", 2)
    cut, kept = within_clock(ready, ended)
    assert str(cut.protocol) == "3x2"  # naive-bayes has finished two whole repeats
    assert cut.bench.splits.fold.tolist() == ready.bench.splits.fold[:2].tolist()
    fates = fates_of(kept)
    assert {name: status for name, (status, _) in fates.items()} == {"baseline": "ok", "naive-bayes": "ok", "logistic": "stopped"}
    assert within_clock(ready, outcomes("baseline", 12))[0] is ready
    assert within_clock(ready, outcomes("baseline", 2))[0] is ready  # nobody finished a repeat: nothing to judge


def test_what_a_trial_that_was_ended_left_half_written_harms_no_one(frame, tmp_path):
    left = [tmp_path / "run" / name for name in ("shared/.task-0123.abcdefgh", "trials/naive-bayes/.0-0.abcdefgh")]

    def leave(event):
        if event["event"] == "doing" and event["text"].startswith("fitting"):
            for folder in left:
                folder.mkdir(parents=True)

    result = tenon.compare(frame, "y", out=tmp_path / "run", methods="naive-bayes", splits="2x1", jobs=1, watch=Watch(leave))
    assert result.board["chosen"] == "naive-bayes"
    assert not any(folder.exists() for folder in left)


def test_a_run_with_a_clock_has_a_leaderboard(frame, tmp_path):
    result = tenon.compare(
        frame, "y", out=tmp_path / "run", methods="tests.trials.odd_methods:hanging", splits="3x1", budget="25s"
    )
    rows = result.leaderboard
    assert rows.loc["baseline", "status"] == "ok"
    assert rows.loc["tests.trials.odd_methods:hanging", ["status", "reason"]].tolist() == [
        "stopped",
        "the time of --budget was used up",
    ]
    assert any("A clock ran" in note for note in result.board["notes"])


def test_two_methods_of_one_name_are_refused(frame, tmp_path):
    with pytest.raises(SettingsError, match="two different methods are called 'logistic'"):
        tenon.compare(frame, "y", out=tmp_path / "run", methods=["logistic", replace(find("knn"), name="logistic")])


def test_no_method_got_through(frame, tmp_path):
    ready = prepare(tenon.read(frame, "y"), Ask(methods="baseline", splits="3x1"), tmp_path)
    outcomes = [Outcome(Job("baseline", 0, fold, {}, 0, "normal"), "failed", "moon") for fold in range(3)]
    guesses = Guesses(tmp_path, ready.bench.splits, ready.bench.task, ready.y)
    with pytest.raises(TenonError, match="no method got through. baseline: failed in 3 of 3 trials: moon."):
        judge_trials(ready, guesses, outcomes, RunFolder(tmp_path), "0" * 64)


def test_where_no_method_fits_nothing_is_left_that_the_right_line_would_not_fit(tmp_path):
    """Each reason stands once, and the folder can be used by the next line."""
    pairs = pd.DataFrame({"en": [f"I see {k} cats" for k in range(40)], "by": [f"a reader, {k}" for k in range(40)]})
    pairs["zh"] = [f"我看见{k}只猫" for k in range(40)]
    data = tenon.read(pairs, "zh", kinds={"en": "text", "by": "text"}, task="translation")
    said = "baseline, copy, word-by-word: reads one column of texts; there are 2. To read 'en' alone, give --kind by=ignore."
    with pytest.raises(TenonError, match=f"no method got through. {said}"):
        tenon.compare(data, out=tmp_path / "run", task="translation", methods="copy,word-by-word", splits="2x1")
    assert not (tmp_path / "run").exists()


def test_the_watch_hears_a_plan_trials_and_boards(frame, tmp_path):
    heard = []
    tenon.compare(frame, "y", out=tmp_path / "run", methods=FAST, splits="3x1", watch=Watch(heard.append))
    kinds = [event["event"] for event in heard]
    assert kinds[0] == "plan"
    assert kinds.count("trial") == 9
    last = [event for event in heard if event["event"] == "progress" and "seconds_left" in event][-1]
    assert (last["done"], last["total"], last["seconds_left"]) == (9, 9, 0.0)


def test_global_state_is_left_alone(frame, tmp_path):
    before, environment, filters = random_state(), dict(os.environ), list(warnings.filters)
    tenon.compare(frame, "y", out=tmp_path / "run", methods="naive-bayes", splits="3x1")
    assert random_state() == before
    assert dict(os.environ) == environment
    assert list(warnings.filters) == filters


def random_state() -> list:
    return np.random.get_state()[1].tolist()  # noqa: NPY002  (this global state is what the test is about)


def test_final_rows_of_one_class_cost_the_final_score_only(frame, tmp_path):
    frame.iloc[:300].to_csv(tmp_path / "rows.csv", index=False)
    frame.iloc[300:].query("y == 'yes'").to_csv(tmp_path / "final.csv", index=False)
    data = tenon.read(tmp_path / "rows.csv", "y", final=tmp_path / "final.csv")
    result = tenon.compare(data, out=tmp_path / "run", methods="naive-bayes", splits="3x1")
    assert result.board["final"] is None
    assert any("final rows could not be scored" in note for note in result.board["notes"])
    assert "--final" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_final_rows_that_were_trained_on_are_told(frame, tmp_path):
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.iloc[:100].to_csv(tmp_path / "final.csv", index=False)
    data = tenon.read(tmp_path / "rows.csv", "y", final=tmp_path / "final.csv")
    notes = tenon.compare(data, out=tmp_path / "run", methods="naive-bayes", splits="3x1").board["notes"]
    assert any(note.startswith("100 of the 100 final rows have the same features as rows that were trained on") for note in notes)


def test_few_groups_make_few_folds(frame, tmp_path):
    grouped = frame.assign(g=np.arange(600) % 4)
    data = tenon.read(grouped, "y", group="g")
    result = tenon.compare(data, out=tmp_path / "run", methods="naive-bayes", splits="5x1")
    assert result.board["protocol"] == "3x1"  # the fourth group is put aside as final rows


def test_a_model_that_cannot_be_loaded_again_is_told(frame, tmp_path):
    name = "tests.trials.odd_methods:forgetful"
    result = tenon.compare(frame, "y", out=tmp_path / "run", methods=name, splits="3x1")
    assert result.board["chosen"] == name
    assert result.board["final"]["score"] > 0.7  # of the model as it was fitted
    said = [note for note in result.board["notes"] if note.startswith("Nothing can be predicted with the chosen model: ")]
    assert len(said) == 1
    assert "its model cannot be loaded again: " in said[0]
    assert "KeyError: 'weights' (odd_methods.py, line " in said[0]
    with pytest.raises(ModelFileError, match="KeyError: 'weights'"):
        tenon.load(tmp_path / "run", methods=name)


def test_two_runs_in_one_folder_are_kept_apart(frame, tmp_path):
    with RunFolder(tmp_path / "run").locked(), pytest.raises(RunFolderError, match="is in use by another process"):
        tenon.compare(frame, "y", out=tmp_path / "run", methods="baseline", splits="2x1")


def test_a_damaged_run_mends_itself_to_the_same_bytes(frame, done, tmp_path):
    copy = shutil.copytree(done.folder, tmp_path / "run")
    (copy / "leaderboard.json").write_text("{}")
    (copy / "trials/logistic/1-2/predictions.parquet").write_bytes(b"PAR1")
    shutil.rmtree(copy / "model")
    heard = []
    again = tenon.compare(frame, "y", out=copy, methods=FAST, jobs=1, splits="3x2", watch=Watch(heard.append))
    assert leaderboard(again.folder) == leaderboard(done.folder)
    assert np.array_equal(again.model.predict(frame.head(20)).proba, done.model.predict(frame.head(20)).proba)
    told = [event["text"] for event in heard if event["event"] == "note" and "made again" in event["text"]]
    assert told == [
        f"{copy / name} was damaged or changed; it is made again."
        for name in ("leaderboard.json", "trials/logistic/1-2", "final")
    ]


def test_a_run_without_words_is_not_taken_up_with_them(tmp_path, monkeypatch):
    """jieba decides what Chinese texts consist of, so a run that began without it is another one."""
    texts = [f"{'很好，干净' if k % 2 else '太差，不会再来'}{'啊' * (k % 7)}，房间{k}" for k in range(40)]
    frames = {"zh": texts, "en": [f"{'a clean room' if k % 2 else 'never come here again'} number {k}" for k in range(40)]}
    for name, cells in frames.items():
        data = tenon.read(pd.DataFrame({"text": cells, "y": ["a", "b"] * 20}), "y", kinds={"text": "text"})

        def compare(data=data, out=tmp_path / name):
            return tenon.compare(data, out=out, methods="naive-bayes", splits="2x1", jobs=1)

        with monkeypatch.context() as without:
            without.setattr("tenon.trials.asked.find_spec", lambda package: None)
            result = compare()
        assert "jieba" not in RunFolder(result.folder).read("run.json")["asked"]["versions"]
        if name == "zh":
            with pytest.raises(RunFolderError, match="holds another run: .*jieba"):
                compare()
        else:
            compare()


def test_probabilities_that_lose_to_the_baseline_are_told(tmp_path):
    """Ten copies of a column make naive Bayes ten times as sure; its ranks, and so its AUC, stay what they are."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    x = y + rng.normal(size=200)
    frame = pd.DataFrame({**{f"x{k}": x + 1e-6 * rng.normal(size=200) for k in range(10)}, "y": np.where(y, "yes", "no")})

    def notes(data, name, **more):
        result = tenon.compare(data, "y", out=tmp_path / name, methods="naive-bayes", splits="3x1", jobs=1, **more)
        return [note for note in result.board["notes"] if "is worse than the baseline" in note]

    (said,) = notes(frame, "copies")
    assert said.startswith("By log loss naive-bayes (")
    assert notes(frame[["x0", "y"]], "one") == []
    assert notes(frame, "calibrated", settings={"all": {"calibrate": "sigmoid"}}) == []
