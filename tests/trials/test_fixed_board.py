"""Files of predictions against the truth: how rows meet, what is refused, and the figures against other libraries."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from tests.metrics.by_hand import cluster_t_p

import tenon
from tenon.errors import DataError, SettingsError
from tenon.metrics import gauc, pairs
from tenon.metrics.detectable import rows_for_difference, rows_for_same

N = 400
RNG = np.random.default_rng(0)
SIGNAL = RNG.normal(size=N)
IDS = np.array([f"r{k}" for k in range(N)])
TRUTH = pd.DataFrame({"id": IDS, "label": np.where(SIGNAL + RNG.normal(size=N) > 0, "yes", "no"), "user": RNG.integers(0, 40, N)})
SCORES = {name: 1 / (1 + np.exp(-(SIGNAL + noise * RNG.normal(size=N)))) for name, noise in (("old", 0.9), ("new", 0.5))}
LABELLED = TRUTH[["id", "label"]]


def answer(name: str) -> pd.DataFrame:
    p = SCORES[name]
    return pd.DataFrame({"id": IDS, "prediction": np.where(p > 0.5, "yes", "no"), "p_no": 1 - p, "p_yes": p})


def written(folder, **frames) -> list:
    """Write the frames as CSV and return their paths, in this order."""
    paths = []
    for name, frame in frames.items():
        paths.append(folder / f"{name}.csv")
        frame.to_csv(paths[-1], index=False)
    return paths


def verdict(folder, truth=LABELLED, old=None, new=None, **given):
    old, new, truth = written(
        folder, old=answer("old") if old is None else old, new=answer("new") if new is None else new, truth=truth
    )
    return tenon.verdict([old, new], truth, **given)


def test_auc_is_delong_whatever_the_order_of_rows(tmp_path):
    result = verdict(tmp_path, new=answer("new").sample(frac=1, random_state=1), truth=LABELLED.sample(frac=1, random_state=2))
    is_yes = (TRUTH["label"] == "yes").to_numpy()
    assert result.board.score == pytest.approx([roc_auc_score(is_yes, SCORES[name]) for name in ("old", "new")], rel=1e-12)
    tested = pairs.delong(is_yes.astype(int), SCORES["new"], SCORES["old"])
    pair = result.to_json()[0]
    assert (pair["test"], pair["method_a"]) == ("DeLong", "new")
    assert (pair["effect"], pair["p_value"]) == pytest.approx((tested.difference, tested.p), rel=1e-9)
    assert pair["rows_to_confirm"] == rows_for_difference(tested.difference, tested.scale, N)
    assert pair["rows_to_call_same"] == rows_for_same(tested.scale, N, 0.01)
    assert result.notes == ()


def test_without_probabilities_it_is_accuracy_and_says_so(tmp_path):
    result = verdict(tmp_path, old=answer("old")[["id", "prediction"]])
    right = [((SCORES[name] > 0.5) == (TRUTH["label"] == "yes")).to_numpy() for name in ("new", "old")]
    assert result.board.score.tolist() == [right[1].mean(), right[0].mean()]
    assert result.notes == ("scored by accuracy: AUC needs probabilities (columns 'p_no', 'p_yes'), and 'old.csv' has none.",)
    d = right[0].astype(float) - right[1]
    variance = d.var(ddof=1) / N + 1 / N**2  # with one phantom row
    expected = 2 * stats.t.sf(abs(d.mean()) / np.sqrt(variance), N - 1)
    assert result.to_json()[0]["p_value"] == pytest.approx(expected, rel=1e-9)
    with pytest.raises(
        SettingsError,
        match=r"AUC needs probabilities \(columns 'p_no', 'p_yes'\), and 'old\.csv' has none; --metric accuracy needs none\.",
    ):
        verdict(tmp_path, old=answer("old")[["id", "prediction"]], metric="auc")


def test_mcnemar_by_hand(tmp_path):
    """10 rows only the first has right, 3 only the second: exact two-sided p .0922852."""
    truth = pd.DataFrame({"label": ["a", "b"] * 50})
    first, second = (truth["label"].to_numpy().copy() for _ in range(2))
    flip = {"a": "b", "b": "a"}
    second[:10] = [flip[label] for label in second[:10]]
    first[10:13] = [flip[label] for label in first[10:13]]
    result = tenon.verdict({"x": pd.DataFrame({"guess": first}), "y": pd.DataFrame({"guess": second})}, truth)
    pair = result.to_json()[0]
    assert (pair["test"], pair["p_value"]) == ("exact McNemar", pytest.approx(0.0922852, abs=5e-8))  # worked out to 7 digits
    assert "no file has a column 'id': rows were matched by their order." in result.notes


def test_numbers_are_judged_by_rmse(tmp_path):
    truth = pd.DataFrame({"id": IDS, "price": SIGNAL})
    guesses = {name: pd.DataFrame({"id": IDS, "value": np.log(SCORES[name] / (1 - SCORES[name]))}) for name in SCORES}
    result = verdict(tmp_path, truth, **guesses)
    expected = [float(np.sqrt(np.mean((guesses[name]["value"] - SIGNAL) ** 2))) for name in ("old", "new")]
    assert result.board.score == pytest.approx(expected, rel=1e-9)  # CSV keeps every digit; sums in another order
    assert result.rope == pytest.approx(0.01 * SIGNAL.std(), rel=1e-9)


def test_what_predict_writes_is_read_as_it_is(tmp_path):
    """Other columns, even ones that begin with p_, are not looked at."""
    new = answer("new").assign(age=3, p_value="?", label=TRUTH["label"])
    assert verdict(tmp_path, new=new).to_json() == verdict(tmp_path).to_json()


def test_whole_and_logical_labels(tmp_path):
    for true, false in ((1, 0), (True, False)):
        truth = LABELLED.assign(label=np.where(TRUTH["label"] == "yes", true, false))
        files = {}
        for name in SCORES:
            frame = answer(name)
            frame.columns = ["id", "prediction", f"p_{false}", f"p_{true}"]
            files[name] = frame.assign(prediction=np.where(SCORES[name] > 0.5, true, false))
        got = verdict(tmp_path, truth, **files)
        assert got.board.score.tolist() == verdict(tmp_path).board.score.tolist()


def test_per_user_is_gauc(tmp_path):
    result = verdict(tmp_path, TRUTH, target="label", per="user")
    is_yes = (TRUTH["label"] == "yes").to_numpy()
    expected = [gauc(is_yes, SCORES[name], TRUTH["user"].to_numpy()) for name in ("old", "new")]
    assert result.board.score == pytest.approx(expected, rel=1e-12)
    assert result.board.metric.title == "GAUC per user"
    alike = verdict(tmp_path, TRUTH, target="label", per="user:groups")
    expected = [gauc(is_yes, SCORES[name], TRUTH["user"].to_numpy(), "groups") for name in ("old", "new")]
    assert alike.board.score == pytest.approx(expected, rel=1e-12)


def test_groups_are_the_units(tmp_path):
    result = verdict(tmp_path, TRUTH, group="user", metric="log_loss")
    is_yes = (TRUTH["label"] == "yes").to_numpy()
    gain = {name: np.log(np.where(is_yes, SCORES[name], 1 - SCORES[name])) for name in SCORES}
    p = cluster_t_p(gain["new"] - gain["old"], TRUTH["user"].to_numpy())
    pair = result.to_json()[0]
    assert (pair["test"], pair["p_value"]) == ("paired t over groups", pytest.approx(p, rel=1e-9))


def test_rope_says_what_is_the_same(tmp_path):
    wide, narrow = (verdict(tmp_path, metric="log_loss", rope=rope).to_json()[0] for rope in (5.0, 1e-6))
    assert wide["p_same"] > 0.999  # the two differ by some 0.1
    assert narrow["p_same"] < 0.001
    assert wide["rows_to_call_same"] < N < narrow["rows_to_call_same"]
    with pytest.raises(SettingsError, match=r"--rope takes a number above 0 \(from 1e-36 on\), in units of the metric; got -1"):
        verdict(tmp_path, rope=-1.0)


def test_more_than_two_are_holm_corrected(tmp_path):
    p = 1 / (1 + np.exp(-RNG.normal(size=N)))
    third = pd.DataFrame({"id": IDS, "prediction": np.where(p > 0.5, "yes", "no"), "p_no": 1 - p, "p_yes": p})
    result = tenon.verdict({"old": answer("old"), "new": answer("new"), "third": third}, LABELLED)
    found = result.to_json()
    assert [pair["p_corrected"] for pair in found] == pytest.approx(pairs.holm(np.array([pair["p_value"] for pair in found])))
    assert len(found) == 3
    assert "third" in repr(result)


def test_a_class_that_no_row_has_is_wrong_but_known(tmp_path):
    p = SCORES["new"]
    new = pd.DataFrame({"id": IDS, "prediction": "maybe", "p_maybe": 1 - p, "p_no": 0.0, "p_yes": p})
    result = verdict(tmp_path, new=new, metric="accuracy")
    assert result.board.score[1] == 0.0


BAD_IDS = [
    (
        answer("new").iloc[5:],
        "new.csv lacks 5 of the 400 ids of truth.csv: 'r0', 'r1', 'r2' and 2 more; every row needs a prediction",
    ),
    (pd.concat([answer("new"), answer("new").iloc[[3]].assign(id="zz")]), "new.csv has 1 id that truth.csv does not have: 'zz'"),
    (
        pd.concat([answer("new"), answer("new").iloc[[3]]]),
        r"new.csv: the id 'r3' stands in 2 rows \(4, 401\); an id may stand once",
    ),
    (
        answer("new").assign(id=lambda f: f["id"].mask(f.index == 6)),
        "new.csv, row 7, column 'id': '' is no id; every row needs one",
    ),
    (answer("new").drop(columns="id"), "new.csv has no column 'id', but truth.csv has; give both one, or take it out of both"),
]


@pytest.mark.parametrize(("new", "message"), BAD_IDS)
def test_ids_that_do_not_meet(tmp_path, new, message):
    with pytest.raises(DataError, match=message):
        verdict(tmp_path, new=new)


def test_truth_without_ids(tmp_path):
    with pytest.raises(DataError, match="truth.csv has no column 'id', but old.csv has"):
        verdict(tmp_path, TRUTH[["label"]])
    with pytest.raises(DataError, match="new.csv has 399 rows, truth.csv has 400; without a column 'id' in each"):
        verdict(tmp_path, TRUTH[["label"]], old=answer("old").drop(columns="id"), new=answer("new").drop(columns="id").iloc[1:])


BAD_CELLS = [
    (
        "prediction",
        "maybe",
        r"new.csv, row 5 \(id 'r4'\), column 'prediction': 'maybe' is none of the labels 'no', 'yes'; write labels as they "
        "stand in the truth",
    ),
    ("p_yes", "high", r"new.csv, row 5 \(id 'r4'\), column 'p_yes': 'high' is not a finite number; every row needs one"),
    ("p_yes", 1.5, r"new.csv, row 5 \(id 'r4'\): a probability lies outside 0 to 1"),
    ("p_no", 0.99, r"new.csv, row 5 \(id 'r4'\): the probabilities add up to 1\.\d+, not 1"),
]


@pytest.mark.parametrize(("column", "cell", "message"), BAD_CELLS)
def test_cells_that_cannot_be_read(tmp_path, column, cell, message):
    new = answer("new")
    new["p_yes"] = new["p_yes"].clip(0.2, 0.8)
    new["p_no"] = 1 - new["p_yes"]
    new[column] = new[column].astype(object)
    new.loc[4, column] = cell
    with pytest.raises(DataError, match=message):
        verdict(tmp_path, new=new)


def test_other_things_that_do_not_fit(tmp_path):
    with pytest.raises(DataError, match="new.csv lacks 'p_no': it needs a probability of every class, or of none"):
        verdict(tmp_path, new=answer("new").drop(columns="p_no"))
    with pytest.raises(DataError, match="Probabilities belong into columns called 'p_no', 'p_yes'"):
        verdict(tmp_path, new=pd.DataFrame({"id": IDS, "score": SCORES["new"]}))
    with pytest.raises(DataError, match="new.csv has no column 'prediction', nor just one column beside 'id'"):
        verdict(tmp_path, new=answer("new").drop(columns="prediction"))
    with pytest.raises(
        DataError, match="truth.csv has 2 columns that could be the truth: 'label', 'user'; name it with --target"
    ):
        verdict(tmp_path, TRUTH)
    with pytest.raises(DataError, match="truth.csv has no column 'lable'; did you mean 'label'"):
        verdict(tmp_path, TRUTH, target="lable")
    with pytest.raises(DataError, match="truth.csv, row 3, column 'label' is empty; every row needs its true value"):
        verdict(tmp_path, LABELLED.assign(label=lambda f: f["label"].mask(f.index == 2)))
    with pytest.raises(SettingsError, match="needs at least two files"):
        tenon.verdict([tmp_path / "old.csv"], tmp_path / "truth.csv")
    with pytest.raises(
        SettingsError, match=r"give frames a name: verdict\({'old': frame, 'new': frame}, …\); got a bare DataFrame\."
    ):
        tenon.verdict([answer("old"), answer("new")], LABELLED)


def test_equal_names_in_two_folders(tmp_path):
    for name in SCORES:
        (tmp_path / name).mkdir()
        answer(name).to_csv(tmp_path / name / "p.csv", index=False)
    files = [tmp_path / name / "p.csv" for name in SCORES]
    assert tenon.verdict(files, LABELLED).board.names == tuple(map(str, files))
    with pytest.raises(SettingsError, match="was given twice"):
        tenon.verdict([files[0], files[0]], LABELLED)
