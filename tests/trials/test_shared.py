"""What methods begin with: learnt from train rows alone, once a split, taken up again, the same whatever the number of jobs."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.trials.prepared_runs import N, data_of, given, killed_once_prepared, leaderboard

import tenon
from tenon.catalogue import find
from tenon.data.splits import make_splits
from tenon.errors import MethodError, RunFolderError
from tenon.tasks import Task
from tenon.text import prepared
from tenon.text.prepared import Wish
from tenon.trials.compare import leave_for_workers
from tenon.trials.executor import Limits, Pool
from tenon.trials.job import Bench, Job
from tenon.trials.shared import preparations, run_preparation, wants
from tenon.watch import SILENT, Watch

GIVEN = given("word2vec-logistic")


def text_of(k: int) -> str:
    """A review that nobody else has written: its own word stands in it twice, so that a vector is learnt of it."""
    said = ("a fine and warm film", "a dull and slow film")[k % 2] + (" indeed" if k % 3 else "")
    return f"row{k} {said} row{k}"


@pytest.fixture(scope="module")
def frame():
    return pd.DataFrame({"review": [text_of(k) for k in range(N)], "y": ["yes", "no"] * (N // 2)})


@pytest.fixture(scope="module")
def done(frame, tmp_path_factory):
    """A finished run with one job."""
    return tenon.compare(data_of(frame), out=tmp_path_factory.mktemp("runs") / "one", jobs=1, **GIVEN)


def rows_with_a_vector(run: Path, place: str) -> set[int]:
    """The rows whose own word has a vector among those that this trial began with."""
    key = json.loads((run / place / "result.json").read_text())["job"]["prepared"]["vectors"]
    words = json.loads((run / "shared" / key / "words.json").read_text())["words"]
    return {int(match[1]) for word in words if (match := re.fullmatch(r"row(\d+)", word))}


def test_vectors_are_learnt_from_all_train_rows_and_no_others(done):
    splits = pd.read_parquet(done.folder / "splits.parquet")
    working = set(splits.loc[~splits["final"], "row"])
    assert len(working) == 416
    for fold in (0, 1):
        train = working - set(splits.loc[splits["fold_0"] == fold, "row"])
        assert rows_with_a_vector(done.folder, f"trials/word2vec-logistic/0-{fold}") == train
    assert rows_with_a_vector(done.folder, "final") == working
    assert len(list((done.folder / "shared").iterdir())) == 3


def test_two_jobs_give_the_same_bytes(frame, done, tmp_path):
    two = tenon.compare(data_of(frame), out=tmp_path / "two", jobs=2, **GIVEN)
    assert leaderboard(two.folder) == leaderboard(done.folder)
    for name in sorted(path.name for path in (done.folder / "shared").iterdir()):
        ours, theirs = (folder / "shared" / name / "vectors.safetensors" for folder in (done.folder, two.folder))
        assert ours.read_bytes() == theirs.read_bytes()


def test_a_killed_run_goes_on_with_what_was_prepared(frame, done, tmp_path):
    assert leaderboard(killed_once_prepared("word2vec-logistic", frame, tmp_path)) == leaderboard(done.folder)


def test_what_is_damaged_is_made_again_and_the_rest_is_not(frame, done, tmp_path):
    copy = shutil.copytree(done.folder, tmp_path / "run")
    for place in ("trials", "final", "leaderboard.json"):
        shutil.rmtree(copy / place) if (copy / place).is_dir() else (copy / place).unlink()
    damaged, whole, gone = sorted((copy / "shared").iterdir())
    old = (damaged / "vectors.safetensors").read_bytes()
    (damaged / "vectors.safetensors").write_bytes(old[:-4] + b"\0\0\0\1")
    shutil.rmtree(gone)
    written, heard = (whole / "result.json").stat().st_mtime_ns, []
    again = tenon.compare(data_of(frame), out=copy, jobs=2, watch=Watch(heard.append), **GIVEN)
    assert leaderboard(again.folder) == leaderboard(done.folder)
    assert (damaged / "vectors.safetensors").read_bytes() == old
    assert gone.is_dir()
    assert (whole / "result.json").stat().st_mtime_ns == written
    notes = [event["text"] for event in heard if event["event"] == "note" and "made again" in event["text"]]
    assert notes == [f"{damaged} was damaged or changed; it is made again."]
    told = [(event["done"], event["total"]) for event in heard if event["event"] == "prepared"]
    assert sorted(told) in ([(1, 2), (2, 2)], [(1, 1), (1, 2), (2, 2)], [(1, 1), (1, 1)])


def test_time_and_plan_have_a_line_of_their_own(frame, done):
    timings = json.loads((done.folder / "timings.json").read_text())
    assert set(timings) == {"baseline", "word2vec-logistic", "word2vec"}
    assert timings["word2vec"]["fit_seconds"] > 0
    plan = tenon.api.plan(data_of(frame), tenon.api.Ask(methods="logistic,word2vec-logistic", splits="2x1"))
    [one] = plan.prepares
    assert (one.objective, one.methods, sum(one.often.values())) == ("word2vec", ("word2vec-logistic",), 3)
    assert tenon.api.plan(data_of(frame), tenon.api.Ask(methods="logistic", splits="2x1")).prepares == ()


def test_rows_of_a_split_share_what_is_prepared(frame, tmp_path):
    result = tenon.compare(data_of(frame), out=tmp_path / "run", jobs=2, also=["word2vec-logistic.C=0.01"], **GIVEN)
    assert {row["status"] for row in result.board["rows"]} == {"ok"}
    begins = [
        json.loads((result.folder / "trials" / row / f"0-{fold}" / "result.json").read_text())["job"]["prepared"]["vectors"]
        for fold in (0, 1)
        for row in ("word2vec-logistic", "word2vec-logistic C=0.01")
    ]
    assert begins[0] == begins[1] != begins[2] == begins[3]


def test_a_model_needs_nothing_of_the_run(frame, done, tmp_path):
    shutil.copytree(done.folder / "model", tmp_path / "model")
    model = tenon.load(tmp_path / "model")
    assert model.predict(frame[["review"]]).proba.tobytes() == done.model.predict(frame[["review"]]).proba.tobytes()
    held = b"".join(path.read_bytes() for path in (tmp_path / "model").iterdir())
    assert b"shared" not in held


def test_few_rows_are_nested_and_prepared_for_every_fold(frame, tmp_path):
    few, more = data_of(frame[:60]), tmp_path / "more.txt"
    more.write_text("a fine thing\na dull thing\n", encoding="utf-8")
    result = tenon.compare(few, out=tmp_path / "run", jobs=2, unlabelled=more, **GIVEN)
    assert result.board["nested"]["score"] is not None
    splits = pd.read_parquet(result.folder / "splits.parquet")
    for fold in (0, 1):
        train = set(splits.loc[splits["fold_0"] != fold, "row"])
        seen = [rows_with_a_vector(result.folder, f"nested/word2vec-logistic/0-{fold}-{subfold}") for subfold in range(5)]
        left_out = [train - rows for rows in seen]
        assert all(rows < train for rows in seen)
        assert sorted(row for rows in left_out for row in rows) == sorted(train)
    explained = result.explain(data=few)
    assert explained.importance.index.tolist() == ["review"]
    shutil.rmtree(result.folder / "shared")
    assert result.explain(data=few).importance.equals(explained.importance)
    shutil.rmtree(result.folder / "shared")
    more.write_text("something else\n", encoding="utf-8")
    with pytest.raises(RunFolderError, match="cannot be made again: .*more.txt holds other texts than when the run began"):
        result.explain(data=few)


def test_texts_without_labels_are_learnt_from_but_no_copy_of_a_row(frame, tmp_path):
    """The file holds every row once more, with other marks, and 30 texts of its own."""
    own = [f"free{k} is a fine thing free{k}" for k in range(30)]
    more = tmp_path / "more.txt"
    more.write_text("\n".join([*(f"{text_of(k).upper()}!" for k in range(N)), *own]), encoding="utf-8")
    result = tenon.compare(data_of(frame), out=tmp_path / "run", jobs=2, unlabelled=more, **GIVEN)
    splits = pd.read_parquet(result.folder / "splits.parquet")
    working = set(splits.loc[~splits["final"], "row"])
    for fold in (0, 1):
        train = working - set(splits.loc[splits["fold_0"] == fold, "row"])
        assert rows_with_a_vector(result.folder, f"trials/word2vec-logistic/0-{fold}") == train
    for path in (result.folder / "shared").iterdir():
        words = json.loads((path / "words.json").read_text())["words"]
        assert {word for word in words if word.startswith("free")} == {f"free{k}" for k in range(30)}
    assert "520 of 550 unlabelled texts in more.txt equal labelled rows and are left out." in result.board["notes"]
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    assert "30 of more.txt, none of which equals a labelled row" in page
    assert json.loads((result.folder / "run.json").read_text())["given"]["unlabelled"] == str(more)
    more.write_text("something else\n", encoding="utf-8")
    with pytest.raises(RunFolderError, match="--unlabelled was"):
        tenon.compare(data_of(frame), out=tmp_path / "run", unlabelled=more, **GIVEN)


@pytest.mark.parametrize(
    ("name", "given", "with_texts", "without"),
    [
        ("lstm", {}, True, False),
        ("lstm", {"vectors": "prepared"}, True, True),
        ("lstm", {"vectors": "none"}, False, False),
        ("lstm", {"vectors": "runs/x-word2vec"}, False, False),
        ("word2vec-logistic", {}, True, True),
        ("word2vec-logistic", {"vectors": "runs/x-word2vec"}, False, False),
        ("logistic", {}, False, False),
    ],
)
def test_what_is_prepared_for_whom(name, given, with_texts, without):
    wanted = {"vectors": Wish("word2vec", ("task",), "")}
    assert wants(find(name), given, {"unlabelled"}) == (wanted if with_texts else {})
    assert wants(find(name), given, {}) == (wanted if without else {})


@pytest.fixture
def bench(frame, tmp_path):
    data, task = data_of(frame[:40]), Task("binary", "y", ("no", "yes"))
    y = task.encode(data.target)
    splits = make_splits(data, y, n_folds=2, n_repeats=1, final_share=0.0, seed=0)
    splits.save(tmp_path / "run" / "splits.parquet")
    bench = Bench(data, splits, task, tmp_path / "run")
    leave_for_workers(bench, tmp_path / "data")
    return bench


def test_what_fails_leaves_nothing_and_says_why(bench, monkeypatch):
    def fail(*given):
        (given[2] / "half").write_text("written")
        raise MethodError("no word is like another")

    monkeypatch.setitem(prepared.OBJECTIVES, "word2vec", replace(prepared.OBJECTIVES["word2vec"], learn=fail))
    outcome = run_preparation(Job("word2vec", 0, 0, {}, 1, "quick", key="abc"), bench, SILENT)
    assert (outcome.status, outcome.reason) == ("failed", "no word is like another")
    assert list(bench.run.glob("shared/*")) == []


def test_trials_wait_for_what_they_begin_with_and_share_its_fate(bench, tmp_path):
    """A trial stands before its preparation in no order of ends; one whose preparation fails is not begun."""
    method = "naive-bayes"
    jobs = [
        Job("word2vec", 0, 0, {}, 1, "quick", key="good"),
        Job(method, 0, 0, {}, 1, "quick", prepared={"vectors": "good"}),
        Job("astrology", 0, 1, {}, 1, "quick", key="bad"),
        Job(method, 0, 1, {}, 1, "quick", prepared={"vectors": "bad"}),
        Job(method, 0, 1, {}, 2, "quick"),
    ]
    with Pool(bench.run, tmp_path / "data", 2, Limits(memory_bytes=2**34)) as pool:
        outcomes = list(pool.map(jobs, SILENT))
    order = [jobs.index(outcome.job) for outcome in outcomes]
    assert sorted(order) == list(range(5))
    assert order.index(0) < order.index(1)
    assert order.index(2) < order.index(3)
    by_place = {jobs.index(outcome.job): outcome for outcome in outcomes}
    assert (by_place[0].status, by_place[4].status) == ("ok", "ok")
    assert by_place[2].status == by_place[3].status == "failed"
    assert by_place[2].reason.startswith("KeyError: 'astrology'")
    assert by_place[3].reason == f"astrology: {by_place[2].reason}"


@pytest.mark.parametrize("role", ["group", "time"])
def test_parts_of_a_curve_begin_with_what_their_own_rows_teach(role, tmp_path):
    """Whole groups, none of which is scored on; in time the last moments before those that are scored on."""
    days = pd.date_range("2024-01-01", periods=30).repeat(4)
    frame = pd.DataFrame({"review": [text_of(k) for k in range(120)], "y": ["yes", "no"] * 60, "unit": days})
    data = tenon.read(frame, target="y", kinds={"review": "text"}, **{role: "unit"})
    task = Task("binary", "y", ("no", "yes"))
    splits = make_splits(data, task.encode(data.target), n_folds=3, n_repeats=1, final_share=0.0, seed=0)
    bench, name, last = Bench(data, splits, task, tmp_path), "word2vec-logistic", 2
    shares = {"task-" + "a" * 16: 0.25, "task-" + "b" * 16: 0.5, "task-" + "c" * 16: 1.0}
    jobs = [Job(name, 0, last, {}, 1, "quick", share=share, prepared={"vectors": key}) for key, share in shares.items()]
    before = [job for job in preparations([*jobs, *jobs], {name: find(name)}) if job.key]
    assert [job.key for job in before] == list(shares)
    seen = {}
    for job in before:
        assert run_preparation(job, bench, SILENT).status == "ok"
        words = json.loads((tmp_path / job.place / "words.json").read_text())["words"]
        seen[shares[job.key]] = {int(match[1]) for word in words if (match := re.fullmatch(r"row(\d+)", word))}
    scored = set(splits.held_out(0, last))
    train, units = set(splits.train(0, last)), {share: {row // 4 for row in rows} for share, rows in seen.items()}
    assert seen[0.25] < seen[0.5] < seen[1.0] == train
    for share, rows in seen.items():
        assert rows == {row for row in range(120) if row // 4 in units[share]}
        assert len(rows) == pytest.approx(share * len(train), abs=6)  # whole units of four, of both classes
        assert not units[share] & {row // 4 for row in scored}
        if role == "time":
            assert rows == {row for row in train if row >= min(rows)}
            assert max(rows) < min(scored)
