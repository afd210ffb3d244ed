"""The run folder: the same line goes on, another line or other data are refused with the difference named."""

import json

import pytest

from tenon.errors import RunFolderError
from tenon.trials.folder import RunFolder

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
        ({"methods": ["baseline"]}, "--methods was baseline,knn, is baseline now"),
        ({"settings": {"knn": {"k": 3}}}, r"--set knn was null, is {\"k\": 3} now"),
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
    assert sorted(p.name for p in (tmp_path / "run").rglob("*")) == ["knn", "run.json", "trials"]


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
