"""A small encoder as what methods begin with: from train rows alone, the same bytes with any number of jobs, and after a kill."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.trials.prepared_runs import N, data_of, given, killed_once_prepared, leaderboard  # noqa: E402

import tenon  # noqa: E402

GIVEN = given("prototypes")


def text_of(k: int) -> str:
    """A review with a character that no other row has: it is in the vocabulary of whoever has read the row."""
    said = ("a fine and warm film", "a dull and slow film")[k % 2] + (" indeed" if k % 3 else "")
    return f"{chr(0x4E00 + k)} {said} {chr(0x4E00 + k)}"


@pytest.fixture(scope="module")
def frame():
    return pd.DataFrame({"review": [text_of(k) for k in range(N)], "y": ["yes", "no"] * (N // 2)})


@pytest.fixture(scope="module")
def done(frame, tmp_path_factory):
    """A finished run with one job."""
    return tenon.compare(data_of(frame), out=tmp_path_factory.mktemp("runs") / "one", jobs=1, **GIVEN)


def rows_read(run: Path, place: str) -> set[int]:
    """The rows whose own character is in the vocabulary of the encoder that this trial began with."""
    key = json.loads((run / place / "result.json").read_text())["job"]["prepared"]["checkpoint"]
    words = (run / "shared" / key / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return {ord(word) - 0x4E00 for word in words if len(word) == 1 and 0x4E00 <= ord(word) < 0x4E00 + N}


@pytest.mark.mission("A8")
def test_no_row_that_is_scored_is_ever_read(done):
    assert {row["status"] for row in done.board["rows"]} == {"ok"}
    splits = pd.read_parquet(done.folder / "splits.parquet")
    working = set(splits.loc[~splits["final"], "row"])
    for fold in (0, 1):
        train = working - set(splits.loc[splits["fold_0"] == fold, "row"])
        assert rows_read(done.folder, f"trials/prototypes/0-{fold}") == train
    assert rows_read(done.folder, "final") == working


def test_two_jobs_give_the_same_bytes(frame, done, tmp_path):
    two = tenon.compare(data_of(frame), out=tmp_path / "two", jobs=2, **GIVEN)
    assert leaderboard(two.folder) == leaderboard(done.folder)
    for name in sorted(path.name for path in (done.folder / "shared").iterdir()):
        ours, theirs = (folder / "shared" / name / "model.safetensors" for folder in (done.folder, two.folder))
        assert ours.read_bytes() == theirs.read_bytes()


def test_a_killed_run_goes_on_with_what_was_prepared(frame, done, tmp_path):
    assert leaderboard(killed_once_prepared("prototypes", frame, tmp_path)) == leaderboard(done.folder)


def test_a_model_needs_nothing_of_the_run(frame, done, tmp_path):
    shutil.copytree(done.folder / "model", tmp_path / "model")
    model = tenon.load(tmp_path / "model")
    assert model.predict(frame[["review"]]).proba.tobytes() == done.model.predict(frame[["review"]]).proba.tobytes()
    held = b"".join(path.read_bytes() for path in (tmp_path / "model").iterdir())
    assert b"shared" not in held
