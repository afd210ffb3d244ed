"""`--per`: the board, the final score and the notes of a metric that is computed inside groups."""

import json

import numpy as np
import pandas as pd
import pytest

import tenon
from tenon.errors import DataError, RunFolderError, SettingsError
from tenon.metrics import gauc_by_group
from tenon.trials.per import split_per

RNG = np.random.default_rng(0)
N = 900
SIGNAL = RNG.normal(size=N)
USER = np.where(np.arange(N) < 870, RNG.integers(0, 40, N), 100 + np.arange(N) // 2)  # the last ones have two rows each
FRAME = pd.DataFrame({"user": USER, "a": SIGNAL, "y": np.where(SIGNAL + RNG.normal(size=N) > 0, "yes", "no")})


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "per"
    return tenon.compare(FRAME, "y", out=out, methods="baseline,logistic", splits="3x2", per="user", rope=0.02)


def slow_gauc(rows, p):
    """Mean over users of the AUC inside the user, by rows: the definition, over the rows of one fold."""
    total = mass = 0.0
    for _, of_user in FRAME.loc[rows].groupby("user"):
        high, low = (p[of_user.index[of_user["y"] == label]].to_numpy() for label in ("yes", "no"))
        if len(high) and len(low):
            won = (high[:, None] > low[None, :]).mean() + 0.5 * (high[:, None] == low[None, :]).mean()
            total, mass = total + len(of_user) * won, mass + len(of_user)
    return total, mass


@pytest.mark.mission("A5")
def test_the_board_is_gauc_inside_folds(done):
    splits = pd.read_parquet(done.folder / "splits.parquet").set_index("row")
    of_repeat = []
    for repeat in range(2):
        parts = []
        for fold in range(3):
            predicted = pd.read_parquet(done.folder / f"trials/logistic/{repeat}-{fold}/predictions.parquet")["p_yes"]
            parts.append(slow_gauc(splits.index[splits[f"fold_{repeat}"] == fold], predicted))
        total, mass = np.sum(parts, axis=0)
        of_repeat.append(total / mass)
    assert done.leaderboard.loc["logistic", "score"] == pytest.approx(np.mean(of_repeat), rel=1e-12)
    assert done.leaderboard.loc["baseline", "score"] == 0.5


def test_the_final_score_is_gauc_too(done):
    predicted = pd.read_parquet(done.folder / "final/predictions.parquet")["p_yes"]
    rows = FRAME.loc[predicted.index]
    expected = gauc_by_group((rows["y"] == "yes").to_numpy(), predicted.to_numpy(), rows["user"].to_numpy())
    final = done.board["final"]
    assert (final["score"], final["low"], final["high"]) == pytest.approx(
        (expected.score, expected.low, expected.high), rel=1e-12
    )


def test_what_is_said_about_it(done):
    board = done.board
    assert (board["metric"], board["rope"], board["per"]["column"]) == ("auc per user", 0.02, "user")
    assert "by GAUC per user" in board["sentence"]
    notes = " ".join(board["notes"])
    assert f"GAUC per user leaves out {board['per']['n_left_out']} of {board['per']['n_groups']} groups" in notes
    assert "Rows of one user are both in train rows and in those scored" in notes
    pair = json.loads((done.folder / "verdicts.json").read_text())[0]
    assert (pair["test"], pair["metric"]) == ("max-T over groups", "auc per user")
    assert list(json.loads((done.folder / "scores.json").read_text())["metrics"])[:1] == ["accuracy"]  # keys are sorted
    report = (done.folder / "report.html").read_text()
    assert "GAUC per user" in report
    assert "GAUC per user" in repr(done)


def test_another_column_is_another_run(done):
    with pytest.raises(RunFolderError, match="--per was user, is user:groups now"):
        tenon.compare(FRAME, "y", out=done.folder, methods="baseline,logistic", splits="3x2", per="user:groups", rope=0.02)
    with pytest.raises(RunFolderError, match="--rope was 0.02, is 0.01 now"):
        tenon.compare(FRAME, "y", out=done.folder, methods="baseline,logistic", splits="3x2", per="user")


def test_with_groups_no_note_about_both_sides(tmp_path):
    data = tenon.read(FRAME, "y", group="user")
    result = tenon.compare(data, out=tmp_path / "run", methods="baseline", splits="3x1", per="user:groups")
    assert "both in train rows" not in " ".join(result.board["notes"])
    assert result.board["metric"] == "auc per user:groups"
    assert "GAUC per user (groups alike)" in (result.folder / "report.html").read_text()


def test_what_is_refused(tmp_path):
    with pytest.raises(DataError, match="data has no column 'usr'; did you mean 'user'"):
        tenon.compare(FRAME, "y", out=tmp_path / "run", per="usr")
    with pytest.raises(DataError, match=r"data, row 6, column 'user' is empty \(1 such rows\); --per needs a group in each"):
        tenon.compare(FRAME.assign(user=FRAME["user"].mask(FRAME.index == 5)), "y", out=tmp_path / "run", per="user")
    with pytest.raises(SettingsError, match="--rope takes a number above 0"):
        tenon.compare(FRAME, "y", out=tmp_path / "run", rope=0.0)


def test_the_column_and_how_groups_count():
    assert [split_per(text) for text in ("user", "user:groups", "user:rows", "a:b")] == [
        ("user", False),
        ("user", True),
        ("user", False),
        ("a:b", False),
    ]
