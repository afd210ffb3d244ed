"""Models that one already has on the board: judged like the others, never chosen, and part of what a run was asked."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import tenon
from tenon.errors import DataError, RunFolderError, SettingsError

FAST = "baseline,logistic"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 2))
SIGNAL = X[:, 0] + RNG.normal(size=600)
FRAME = pd.DataFrame({"id": [f"r{k}" for k in range(600)], "a": X[:, 0], "b": X[:, 1], "y": np.where(SIGNAL > 0, "yes", "no")})


def predictions(p: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"id": FRAME["id"], "prediction": np.where(p > 0.5, "yes", "no"), "p_no": 1 - p, "p_yes": p})


ORACLE = predictions(1 / (1 + np.exp(-3 * SIGNAL)))  # knows the noise that no method can see
BLIND = predictions(RNG.uniform(0.2, 0.8, 600))


def compare(folder, frame=FRAME, **given):
    given = {"splits": "3x2", "methods": FAST, "jobs": 1, **given}
    return tenon.compare(frame, "y", out=folder, **given)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return compare(
        tmp_path_factory.mktemp("runs") / "one", predictions={"oracle": ORACLE.sample(frac=1, random_state=1), "blind": BLIND}
    )


def test_the_score_is_the_mean_over_the_same_folds(done):
    splits = pd.read_parquet(done.folder / "splits.parquet").set_index("row")
    is_yes = FRAME["y"] == "yes"
    aucs = [
        roc_auc_score(is_yes[rows], BLIND["p_yes"][rows])
        for repeat in range(2)
        for fold in range(3)
        for rows in [splits.index[splits[f"fold_{repeat}"] == fold]]
    ]
    row = done.leaderboard.loc["blind"]
    assert row["score"] == pytest.approx(np.mean(aucs), rel=1e-12)
    assert (row["status"], row["trials"], bool(row["brought"])) == ("ok", 0, True)


def test_it_may_lead_but_never_be_chosen(done):
    assert done.board["leader"] == "oracle"
    assert done.board["chosen"] == "logistic"
    assert done.board["sentence"].startswith("oracle, a model that was brought, is best by AUC: every method is worse.")
    assert done.leaderboard.loc["logistic", "word"] == "worse"
    notes = " ".join(done.board["notes"])
    assert "oracle was brought as predictions" in notes
    assert "not trained on these rows" in notes
    assert done.model.method_name == "logistic"


@pytest.mark.mission("A1")
def test_it_stands_in_verdicts_scores_and_report(done):
    pairs = json.loads((done.folder / "verdicts.json").read_text())
    assert len(pairs) == 6
    scores = json.loads((done.folder / "scores.json").read_text())
    assert set(scores["metrics"]["accuracy"]) == {"baseline", "logistic", "oracle", "blind"}
    assert "oracle" in (done.folder / "report.html").read_text()


def test_the_same_line_again_leaves_it_and_other_predictions_are_refused(done):
    again = {"oracle": ORACLE, "blind": BLIND}  # in another order of rows: the same predictions
    assert compare(done.folder, predictions=again).board == done.board
    with pytest.raises(RunFolderError, match="--predictions blind was"):
        compare(done.folder, predictions={"oracle": ORACLE, "blind": BLIND.assign(p_yes=lambda f: f["p_yes"] * 0.999)})
    with pytest.raises(RunFolderError, match="--predictions"):
        compare(done.folder)


def test_a_run_that_stopped_goes_on(done, tmp_path):
    copy = shutil.copytree(done.folder, tmp_path / "run")
    for name in ("leaderboard.json", "trials/logistic/1-2", "final"):
        shutil.rmtree(copy / name) if (copy / name).is_dir() else (copy / name).unlink()
    again = compare(copy, predictions={"oracle": ORACLE, "blind": BLIND})
    assert (again.folder / "leaderboard.json").read_bytes() == (done.folder / "leaderboard.json").read_bytes()


def test_by_the_order_of_rows_from_a_file_and_one_job(done, tmp_path):
    files = {}
    for name, frame in (("oracle", ORACLE), ("blind", BLIND)):
        frame.drop(columns="id").to_csv(tmp_path / f"{name}.csv", index=False)
        files[name] = tmp_path / f"{name}.csv"
    frame = FRAME.drop(columns="id")
    one = compare(tmp_path / "run", frame, predictions=files, jobs=2)
    assert one.leaderboard.loc["oracle", "score"] == pytest.approx(done.leaderboard.loc["oracle", "score"], rel=1e-12)


def test_final_rows_may_be_missing_others_not(done, tmp_path):
    splits = pd.read_parquet(done.folder / "splits.parquet").set_index("row")
    working = BLIND[~splits["final"].to_numpy()]
    result = compare(tmp_path / "run", predictions={"blind": working})
    assert result.leaderboard.loc["blind", "score"] == done.leaderboard.loc["blind", "score"]
    with pytest.raises(DataError, match="blind lacks 1 of the 600 ids of data: 'r"):
        compare(tmp_path / "other", predictions={"blind": working.iloc[1:]})


def test_without_probabilities(tmp_path):
    labels = ORACLE[["id", "prediction"]]
    with pytest.raises(DataError, match=r"old: AUC needs probabilities \(columns .*\); --metric accuracy needs none\."):
        compare(tmp_path / "run", predictions={"old": labels})
    result = compare(tmp_path / "run", predictions={"old": labels}, metric="accuracy")
    assert result.board["leader"] == "old"
    scores = json.loads((result.folder / "scores.json").read_text())["metrics"]
    assert scores["auc"]["old"]["score"] is None
    assert scores["auc"]["logistic"]["score"] > 0.5


def test_a_name_that_a_method_has(tmp_path):
    with pytest.raises(SettingsError, match="a method has that name"):
        compare(tmp_path / "run", predictions={"logistic": BLIND})


def test_groups_time_text_and_numbers(tmp_path):
    frame = FRAME.drop(columns="id").assign(
        user=np.arange(600) % 40, day=np.arange(600), words=np.where(X[:, 1] > 0, "good day", "bad day")
    )
    grouped = compare(
        tmp_path / "g", tenon.read(frame, "y", group="user"), predictions={"old": BLIND.drop(columns="id")}, splits="3x1"
    )
    timed = compare(
        tmp_path / "t", tenon.read(frame, "y", time="day"), predictions={"old": BLIND.drop(columns="id")}, splits="3x1"
    )
    for result in (grouped, timed):
        assert result.leaderboard.loc["old", "status"] == "ok"
    splits = pd.read_parquet(timed.folder / "splits.parquet").set_index("row")["fold_0"]
    aucs = [roc_auc_score(FRAME["y"][splits == fold] == "yes", BLIND["p_yes"][splits == fold]) for fold in range(3)]
    assert timed.leaderboard.loc["old", "score"] == pytest.approx(np.mean(aucs), rel=1e-12)
    numbers = FRAME.drop(columns="id").assign(y=SIGNAL)
    result = compare(
        tmp_path / "n", numbers, predictions={"old": pd.DataFrame({"guess": SIGNAL + 0.1})}, methods="baseline,ridge"
    )
    assert result.leaderboard.loc["old", "score"] == pytest.approx(0.1, rel=1e-9)


def test_rows_without_a_target_count_in_the_order(tmp_path):
    frame = FRAME.drop(columns="id").assign(y=FRAME["y"].mask(np.arange(600) == 3))
    result = compare(tmp_path / "run", frame, predictions={"oracle": ORACLE.drop(columns="id")})
    assert result.leaderboard.loc["oracle", "score"] > 0.99


def test_few_rows_are_nested_without_it(tmp_path):
    few = FRAME.iloc[:120]
    result = compare(tmp_path / "run", few, predictions={"oracle": ORACLE.iloc[:120]}, splits="3x2")
    assert result.board["leader"] == "oracle"
    assert "oracle" not in result.board["nested"]["choices"]
