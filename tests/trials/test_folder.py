"""The run folder: the same line goes on, another line or other data are refused with the difference named."""

import errno
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.trials.small_run import ready_for, rows, run_here, trials

from tenon.errors import OutputError, RunFolderError
from tenon.trials.ask import Ask
from tenon.trials.folder import RunFolder
from tenon.trials.job import FINAL
from tenon.watch import Watch

ASKED = {"fingerprint": "ab12", "seed": 0, "methods": ["baseline", "knn"], "settings": {}, "versions": {"numpy": "2.4.6"}}
ASKED |= {"inner": {"tune": 0, "cost": None}, "curve": False}


def test_the_same_line_is_taken_up(tmp_path):
    first = RunFolder(tmp_path / "run").open(ASKED)
    assert RunFolder(tmp_path / "run").open(dict(ASKED)) == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 1}, "--seed was 0, is 1 now"),
        ({"fingerprint": "cd34"}, "the data have changed"),
        ({"methods": ["baseline"]}, "--methods or --also: was baseline,knn, is baseline now"),
        ({"settings": {"knn": {"k": 3}}}, r"--set or --also: knn was null, is {\"k\": 3} now"),
        ({"inner": {"tune": 20, "cost": None}}, "--tune or --cost: tune was 0, is 20 now"),
        ({"curve": True}, "--curve was false, is true now"),
        ({"versions": {"numpy": "2.5.0"}}, "versions numpy was 2.4.6, is 2.5.0 now"),
    ],
)
def test_another_line_is_refused(tmp_path, change, message):
    RunFolder(tmp_path / "run").open(ASKED)
    with pytest.raises(RunFolderError, match=message):
        RunFolder(tmp_path / "run").open(ASKED | change)


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="holds other things than a run"):
        RunFolder(tmp_path).open(ASKED)
    with pytest.raises(RunFolderError, match="is a file"):
        RunFolder(tmp_path / "thesis.txt").open(ASKED)


def test_half_written_files_are_swept(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.open(ASKED)
    (tmp_path / "run/trials/knn/.0-1.0123abcd").mkdir(parents=True)
    (tmp_path / "run/.leaderboard.json.0123abcd").write_text("{")
    folder.open(ASKED)
    assert sorted(p.name for p in (tmp_path / "run").rglob("*")) == ["checksums.txt", "knn", "run.json", "trials"]


def test_a_damaged_file_is_named(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.open(ASKED)
    (tmp_path / "run/verdicts.json").write_text("[")
    with pytest.raises(RunFolderError, match="verdicts.json is damaged"):
        folder.read("verdicts.json")
    with pytest.raises(RunFolderError, match="no finished run: it has no leaderboard.json"):
        folder.read("leaderboard.json")


def test_csv_floats_read_back_equal(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_csv("leaderboard.csv", [{"method": "朴素贝叶斯", "score": 0.1 + 0.2}])
    assert (tmp_path / "leaderboard.csv").read_text(encoding="utf-8") == "method,score\n朴素贝叶斯,0.30000000000000004\n"


def test_json_is_sorted_and_finite(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write("x.json", {"b": 0.1, "a": [1]})
    assert list(json.loads((tmp_path / "x.json").read_text())) == ["a", "b"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        folder.write("x.json", float("nan"))


@pytest.fixture
def done(tmp_path):
    """A run folder with one finished trial, and its job."""
    ready = ready_for(rows("binary", 60), Ask(methods="baseline", splits="3x1"), tmp_path / "run")
    job = trials(ready)[0]
    run_here(ready, [job])
    heard = []
    return RunFolder(tmp_path / "run", Watch(heard.append)), job, heard


def test_a_trial_that_stands_is_not_made_again(done):
    folder, job, heard = done
    assert (folder.outcome(job).status, folder.outcome(job).reason) == ("ok", "")
    assert folder.outcome(replace(job, fold=1)) is None
    assert heard == []


@pytest.mark.parametrize("name", ["result.json", "predictions.parquet", "checksums.txt"])
@pytest.mark.parametrize("how", ["cut", "gone", "flipped"])
def test_a_damaged_trial_is_made_again(done, name, how):
    folder, job, heard = done
    path = folder.path / job.place / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content if how == "flipped" else content[: len(content) // 2])
    assert folder.outcome(job) is None
    assert not (folder.path / job.place).exists()
    assert [event["text"] for event in heard] == [f"{folder.path / job.place} was damaged or changed; it is made again."]


@pytest.mark.parametrize(
    "change", [{"seed": 2}, {"params": {"C": 1.0}}, {"budget": "quick"}, {"method": "knn", "place": "of the other"}]
)
def test_a_result_of_another_job_is_made_again(done, change):
    """Its checksums are right: it was put there."""
    folder, job, heard = done
    other = replace(job, **{key: value for key, value in change.items() if key != "place"})
    if "place" in change:
        (folder.path / other.place).parent.mkdir()
        (folder.path / job.place).rename(folder.path / other.place)
    assert folder.outcome(other) is None
    assert len(heard) == 1


def test_settings_and_figures_of_a_job_read_back_equal(tmp_path):
    ready = ready_for(rows("binary", 60), Ask(methods="knn", splits="3x1"), tmp_path / "run")
    job = replace(trials(ready)[-1], params={"k": 3}, share=0.1 + 0.2)
    run_here(ready, [job])
    assert RunFolder(tmp_path / "run").outcome(job).status == "ok"


def test_a_refit_without_its_model_is_made_again(tmp_path):
    ready = ready_for(rows("binary", 60), Ask(methods="baseline", splits="3x1"), tmp_path / "run")
    job = replace(trials(ready)[0], repeat=FINAL)
    run_here(ready, [job])
    folder = RunFolder(tmp_path / "run")
    assert folder.outcome(job).status == "ok"
    (tmp_path / "run/model/estimator.skops").unlink()
    assert folder.outcome(job) is None


def test_a_run_is_finished_while_nothing_of_it_is_damaged(tmp_path):
    heard = []
    folder = RunFolder(tmp_path / "run", Watch(heard.append))
    folder.open(ASKED)
    folder.write("verdicts.json", [])
    assert not folder.is_finished()
    folder.write("leaderboard.json", {})
    assert folder.is_finished()
    (tmp_path / "run/verdicts.json").write_text("{}")
    assert not folder.is_finished()
    assert [event["text"] for event in heard] == [f"{tmp_path / 'run/verdicts.json'} was damaged or changed; it is made again."]
    folder.write("verdicts.json", [])
    assert folder.is_finished()
    folder.write("explain.json", {})
    (tmp_path / "run/explain.json").unlink()  # which the run does not make again
    assert folder.is_finished()
    assert len(heard) == 1


def finished(path):
    """A folder of a finished run that holds nothing else."""
    folder = RunFolder(path)
    folder.open(ASKED)
    folder.write("leaderboard.json", {})
    return folder


def test_what_adds_to_a_finished_run_holds_it(tmp_path):
    folder = finished(tmp_path / "run")
    with (
        folder.locked_to_add(),
        pytest.raises(RunFolderError, match=rf"another process \(process {os.getpid()} on .* for its end\.$"),
    ):
        folder.locked_to_add().__enter__()
    with pytest.raises(RunFolderError, match=r"none is no finished run: it has no leaderboard\.json"):
        RunFolder(tmp_path / "none").locked_to_add().__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_to_a_run_that_can_only_be_read_nothing_is_added(tmp_path, monkeypatch):
    """Told before anything is fitted. Tests may run as root, to whom no folder is closed."""
    folder = finished(tmp_path / "run")
    monkeypatch.setattr(os, "access", lambda path, how: (path, how) != (folder.path, os.W_OK))
    with pytest.raises(OutputError, match=r"run cannot be written to, .*\. Copy it to where you may write\."):
        folder.locked_to_add().__enter__()


def test_any_damage_of_splits_is_told(tmp_path):
    splits = ready_for(rows("binary", 60), Ask(methods="baseline", splits="3x1"), tmp_path / "run").bench.splits
    folder, path = RunFolder(tmp_path / "run"), tmp_path / "run/splits.parquet"
    (tmp_path / "run/checksums.txt").unlink()
    whole, rng = np.frombuffer(path.read_bytes(), np.uint8), np.random.default_rng(0)
    for k in range(400):
        broken = whole.copy()
        broken[rng.integers(0, len(whole), 8)] = rng.integers(0, 256, 8)
        path.write_bytes(broken[: None if k % 4 else rng.integers(1, len(whole))].tobytes())
        with suppress(RunFolderError):  # few bytes may decide nothing
            folder.splits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(splits), "load", lambda path: bytearray(2**62))
        with pytest.raises(MemoryError):
            folder.splits()


def test_damaged_splits_are_made_again_and_others_refused(tmp_path):
    data = rows("binary", 60)
    splits = ready_for(data, Ask(methods="baseline", splits="3x1"), tmp_path / "run").bench.splits
    folder = RunFolder(tmp_path / "run")
    path = tmp_path / "run/splits.parquet"
    content = path.read_bytes()
    folder.keep_splits(splits)
    path.write_bytes(content[:-20])
    folder.keep_splits(splits)
    assert path.read_bytes() == content
    (tmp_path / "run/checksums.txt").unlink()
    path.write_bytes(b"no table")
    folder.keep_splits(splits)
    assert path.read_bytes() == content
    with pytest.raises(RunFolderError, match=r"splits\.parquet is not what this run would make"):
        folder.keep_splits(replace(splits, fold=splits.fold[:, ::-1]))


@pytest.mark.parametrize("has_checksums", [True, False])
def test_splits_are_read_as_they_were_written_or_not_at_all(tmp_path, has_checksums):
    splits = ready_for(rows("binary", 60), Ask(methods="baseline", splits="3x1"), tmp_path / "run").bench.splits
    folder, path = RunFolder(tmp_path / "run"), tmp_path / "run/splits.parquet"
    content = path.read_bytes()
    if not has_checksums:
        (tmp_path / "run/checksums.txt").unlink()
    assert folder.splits().same_as(splits)
    for other in (content[:-20], b"", b"no table"):
        path.write_bytes(other)
        with pytest.raises(RunFolderError, match=r"splits\.parquet is damaged or was changed\. Remove it and run the same line"):
            folder.splits()
    path.unlink()
    with pytest.raises(RunFolderError, match=r"run has no splits\.parquet; run the same line again"):
        folder.splits()


def test_what_is_no_folder_is_not_said_to_be_a_damaged_one(tmp_path):
    """Nobody is told to remove it: it may be the data."""
    (tmp_path / "people.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"people\.csv is no folder; name that of a finished run\."):
        RunFolder(tmp_path / "people.csv").read("run.json")


def test_what_may_not_be_read_is_not_said_to_be_damaged(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "run")
    folder.write("run.json", {})

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(RunFolderError, match=r"run\.json cannot be read: you have no right to\."):
        folder.read("run.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (["run"], r"run\.json is damaged or was changed\. Remove the folder and run again"),
        ({"format": 1, "asked": 3, "memory_limit_bytes": 1}, r"run\.json is damaged or was changed"),
        ({"format": "1", "asked": ASKED, "memory_limit_bytes": 1}, r"run\.json is damaged or was changed"),
        ({"format": 1, "asked": ASKED, "memory_limit_bytes": None}, r"run\.json is damaged or was changed"),
        (
            {"format": 2, "asked": ASKED, "memory_limit_bytes": 1},
            r"is a run of a later Tenon \(format 2, known 1\); update Tenon",
        ),
    ],
)
def test_a_run_json_of_another_form_is_refused(tmp_path, content, said):
    folder = RunFolder(tmp_path / "run")
    folder.write("run.json", content)
    with pytest.raises(RunFolderError, match=said):
        folder.open(ASKED)


def test_a_folder_of_other_things_gets_no_lock(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="holds other things than a run"), RunFolder(tmp_path).locked():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_name_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / os.fsdecode("数据".encode("gbk"))
    with pytest.raises(RunFolderError, match="is not in UTF-8; name another folder with --out"):
        RunFolder(path).open(ASKED)
    RunFolder(tmp_path / "数据").open(ASKED)
