"""Slices: a bad one is found, none is on rows that are all alike, and the figures are those of plain formulas."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, roc_auc_score
from tests.insight.said import classes, logistic, numbers, seen_of, two

from tenon.insight.slices import slices
from tenon.metrics.by_group import PerGroup

LEVELS = "abcdefgh"


def rows(kind, n, seed, metric="", bad=0.0, repeats=2, shift=-0.8, **extra):
    """Four categories and two numbers of no use, a method that is equally good everywhere, but for `bad` of level e of c0."""
    rng = np.random.default_rng(seed)
    columns = {f"c{i}": rng.choice(list(LEVELS), n, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05]) for i in range(4)}
    columns |= {f"n{i}": rng.normal(size=n) for i in range(2)}
    z = 1.5 * rng.normal(size=n)
    said = z + 0.3 * rng.normal(size=(repeats, n))
    is_bad = (columns["c0"] == "e") & (rng.random(n) < bad)
    said[:, is_bad] = rng.permutation(said[0, is_bad])
    kinds = {"n0": "number", "n1": "number"}
    if kind == "regression":
        return seen_of(columns, z + rng.standard_t(5, size=n), {"m": numbers(said)}, kinds=kinds, metric=metric, **extra)
    y = np.where(rng.random(n) < logistic(z + shift), "yes", "no")
    return seen_of(columns, y, {"m": two(logistic(said + shift))}, kinds=kinds, metric=metric, **extra)


def of_features(section):
    return [s for s in section["shown"] if s["by"] != "class"]


@pytest.mark.parametrize(
    ("kind", "metric", "n"),
    [("binary", "auc", 300), ("binary", "accuracy", 300), ("binary", "accuracy", 1000)],
)
def test_on_rows_all_alike_nothing_is_flagged(kind, metric, n):
    """At most 5 % by construction, less in truth: at 5 % more than 4 of 25 sets would be flagged in 1 of 140 such tests."""
    flagged = [any(s["verdict"] for s in of_features(slices(rows(kind, n, seed, metric)))) for seed in range(25)]
    assert sum(flagged) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("n", [300, 1500])
@pytest.mark.parametrize(
    ("kind", "metric"),
    [("binary", "auc"), ("binary", "accuracy"), ("binary", "log_loss"), ("regression", "rmse"), ("regression", "mae")],
)
def test_on_rows_all_alike_nothing_is_flagged_in_300_sets(kind, metric, n, monkeypatch):
    """Classes of equal size, so that theirs are slices like all others; intervals are left out, which take most of the time."""
    monkeypatch.setattr("tenon.insight.slices.MOST_SHOWN", 0)
    flagged = [slices(rows(kind, n, seed, metric, shift=0.0))["n_worse"] > 0 for seed in range(300)]
    assert np.mean(flagged) <= 0.05


@pytest.mark.parametrize(("kind", "metric"), [("binary", "auc"), ("binary", "accuracy"), ("regression", "rmse")])
def test_a_bad_slice_is_found_and_only_it(kind, metric):
    section = slices(rows(kind, 3000, 1, metric, bad=1.0))
    flagged = [(s["column"], s["slice"]) for s in of_features(section) if s["verdict"] == "worse than the rest"]
    assert flagged == [("c0", "e")]
    worst = of_features(section)[0]
    assert worst["gap"] < 0
    assert worst["p"] <= worst["p_corrected"] < 0.05


def test_limits_say_what_was_left_aside():
    few = slices(rows("binary", 300, 0))["limits"]
    assert few == {
        "columns": {"most": 100, "of": 7},  # four categories, two numbers, the classes
        "rows": {"most": 100_000, "of": 300},
        "levels": {"most": 20, "columns": []},
    }
    seen = rows("binary", 900, 0, "accuracy")
    seen.data.frame["c1"] = [f"L{i % 21}" for i in range(900)]
    assert slices(seen)["limits"]["levels"]["columns"] == ["c1"]


def test_figures_of_accuracy():
    seen = rows("binary", 800, 0, "accuracy")
    section = slices(seen)
    said, c0 = seen.said("m", "label"), seen.data.frame["c0"].to_numpy()
    shown = next(s for s in section["shown"] if s["column"] == "c0")
    inside = c0 == shown["slice"]
    assert shown["rows"] == inside.sum()
    assert shown["score"] == pytest.approx(np.mean([accuracy_score(seen.y[inside], of[inside]) for of in said]))
    assert shown["rest"] == pytest.approx(np.mean([accuracy_score(seen.y[~inside], of[~inside]) for of in said]))
    assert shown["gap"] == pytest.approx(shown["score"] - shown["rest"])
    assert shown["low"] < shown["score"] < shown["high"]
    assert section["score"] == pytest.approx(np.mean([accuracy_score(seen.y, of) for of in said]))


def test_p_is_that_of_welch():
    """One repeat of K folds: the variance over rows times 1 + K / (K - 1), and for each slice a floor of one row."""
    rng = np.random.default_rng(0)
    colour, y = rng.choice(["red", "blue"], 400, p=[0.2, 0.8]), rng.choice(["no", "yes"], 400)
    right = rng.random(400) < np.where(colour == "red", 0.7, 0.8)
    p = np.where((y == "yes") == right, 0.9, 0.1)
    section = slices(seen_of({"colour": colour}, y, {"m": two(p[None])}, metric="accuracy"))
    red, blue = (right[colour == name].astype(float) for name in ("red", "blue"))
    parts = [(1 + 5 / 4) * of.var(ddof=1) / len(of) + len(of) ** -2 for of in (red, blue)]
    df = sum(parts) ** 2 / sum(part**2 / (len(of) - 1) for part, of in zip(parts, (red, blue), strict=True))
    expected = stats.t.cdf((red.mean() - blue.mean()) / np.sqrt(sum(parts)), df)
    assert next(s["p"] for s in section["shown"] if s["slice"] == "red") == pytest.approx(expected, rel=1e-9)


def test_auc_is_that_inside_folds_and_inside_the_other_slices():
    seen = rows("binary", 2000, 0, "auc", repeats=1)
    section = slices(seen)
    proba, fold = seen.said("m", "proba")[0, :, 1], seen.splits.fold[0]
    column = seen.data.frame["c1"].to_numpy()

    def auc(level):
        inside = column == level
        return np.mean([roc_auc_score(seen.y[inside & (fold == k)], proba[inside & (fold == k)]) for k in range(5)])

    shown = next(s for s in section["shown"] if s["column"] == "c1")
    others = [level for level in LEVELS if level != shown["slice"]]
    sizes = [(column == level).sum() for level in others]
    assert shown["score"] == pytest.approx(auc(shown["slice"]))
    assert shown["rest"] == pytest.approx(np.average([auc(level) for level in others], weights=sizes))


def test_slices_of_a_strong_column_are_not_flagged_for_being_alike():
    """Inside a quarter of what the method reads its AUC is lower than over all rows: that is no weakness."""
    rng = np.random.default_rng(0)
    z = rng.uniform(-2, 2, 4000)  # quarters of equal width
    y = np.where(rng.random(4000) < logistic(z), "yes", "no")
    other = rng.choice(["u", "v"], 4000)
    seen = seen_of({"z": z, "other": other}, y, {"m": two(logistic(z)[None])}, kinds={"z": "number"})
    section = slices(seen)
    quarters = [s for s in section["shown"] if s["by"] == "quartile"]
    assert quarters
    assert all(s["score"] < section["score"] - 0.1 for s in quarters)
    assert not any(s["verdict"] for s in quarters)


def test_a_gap_within_the_rope_is_not_flagged():
    assert slices(rows("binary", 3000, 1, "accuracy", bad=1.0, rope=0.9))["n_worse"] == 0


def test_macro_f1_gives_way_to_accuracy_and_r2_to_rmse():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 600)
    proba = 0.2 + 0.8 * np.eye(3)[np.where(rng.random(600) < 0.7, y, rng.choice(3, 600))]
    labels, colour = np.array(["p", "q", "r"])[y], rng.choice(["red", "blue"], 600)
    section = slices(seen_of({"colour": colour}, labels, {"m": classes((proba / proba.sum(axis=1)[:, None])[None])}))
    assert (section["metric"], section["instead_of"]) == ("accuracy", "macro-F1")
    by_r2 = slices(rows("regression", 300, 0, "r2"))
    assert (by_r2["metric"], by_r2["instead_of"], by_r2["greater_is_better"]) == ("rmse", "R²", False)


def test_classes_of_the_target_are_scored_by_accuracy():
    seen = rows("binary", 900, 0, "log_loss")
    section = slices(seen)
    shown = {s["slice"]: s for s in section["shown"] if s["by"] == "class"}
    said = seen.said("m", "label")
    assert shown["yes"]["metric"] == "accuracy"
    assert shown["yes"]["score"] == pytest.approx(np.mean(said[:, seen.y == 1] == 1))
    assert shown["yes"]["verdict"] == "worse than the rest"  # the rarer class


def test_small_slices_are_counted_and_not_shown():
    seen = rows("binary", 300, 0, "accuracy")
    small = sum(int((seen.data.frame[f"c{i}"] == level).sum() < 30) for i in range(4) for level in LEVELS)
    section = slices(seen)
    assert section["too_small"] == small
    assert section["looked_at"] == 4 * 8 - small + 2 * 4 + 2
    assert len(section["shown"]) == 12
    assert min(s["rows"] for s in section["shown"]) >= 30


def test_groups_widen_what_is_not_known():
    """Ten copies of every row, told to be of one group: as sure as the rows alone, not more."""
    alone = rows("binary", 600, 0, "accuracy", bad=1.0)
    ten = np.repeat(np.arange(600), 10)
    frame = alone.data.frame
    columns = {name: frame[name].to_numpy()[ten] for name in frame.columns if name != "y"}
    said = {"m": {what: alone.said("m", what)[:, ten] for what in ("proba", "label")}}
    kinds = {"n0": "number", "n1": "number"}
    copies = seen_of(columns, frame["y"].to_numpy()[ten], said, kinds=kinds, metric="accuracy", groups=ten)
    naive = seen_of(columns, frame["y"].to_numpy()[ten], said, kinds=kinds, metric="accuracy")
    first, second, third = (
        {(s["column"], s["slice"]): s for s in slices(seen)["shown"]}["c0", "e"] for seen in (alone, copies, naive)
    )
    width = [s["high"] - s["low"] for s in (first, second, third)]
    assert width[1] == pytest.approx(width[0], rel=0.1)  # t in the place of the normal law, and a floor of one row
    assert width[2] < 0.5 * width[0]


def test_the_largest_groups_are_slices_themselves():
    rng = np.random.default_rng(0)
    user = np.repeat([f"u{i}" for i in range(10)], 60)
    y = rng.choice(["no", "yes"], 600)
    right = rng.random(600) < np.where(user == "u3", 0.55, 0.95)
    p = np.where((y == "yes") == right, 0.9, 0.1)
    codes = np.unique(user, return_inverse=True)[1]
    seen = seen_of({"user": user, "x": rng.normal(size=600)}, y, {"m": two(p[None])}, kinds={"x": "number"},
                   roles={"user": "group"}, metric="accuracy", groups=codes)  # fmt: skip
    assert [(s["by"], s["slice"]) for s in slices(seen)["shown"] if s["verdict"]] == [("group", "u3")]


def test_a_history_is_judged_by_blocks_and_slices_of_time_stand_in_few_folds():
    rng = np.random.default_rng(0)
    n = 1200
    time = np.arange(n, dtype=float)
    year = np.repeat(["y1", "y2", "y3", "y4"], 300)
    y = rng.normal(size=n)
    value = y + rng.normal(size=n) * np.where(year == "y4", 3.0, 1.0)
    seen = seen_of({"t": time, "year": year}, y, {"m": numbers(value[None])}, kinds={"t": "number"}, roles={"t": "time"},
                   time=time)  # fmt: skip
    section = slices(seen)
    assert section["undefined"] == 0
    flagged = {(s["column"], s["slice"]) for s in section["shown"] if s["verdict"]}
    assert ("year", "y4") in flagged
    assert ("year", "y3") not in flagged


def test_a_metric_per_group_stays_one():
    rng = np.random.default_rng(0)
    n = 3000
    user, z = rng.integers(0, 40, n), rng.normal(size=n)
    y = np.where(rng.random(n) < logistic(2 * z), "yes", "no")
    seen = seen_of({"place": rng.choice(["north", "south"], n)}, y, {"m": two(logistic(z)[None])}, n_folds=2,
                   per=PerGroup("user", user))  # fmt: skip
    section = slices(seen)
    assert section["metric"] == "auc per user"
    north = next(s for s in section["shown"] if s["slice"] == "north")
    inside = (seen.data.frame["place"] == "north").to_numpy() & (seen.splits.fold[0] >= 0)
    total = mass = 0.0
    for fold in range(2):
        for one in range(40):
            at = inside & (user == one) & (seen.splits.fold[0] == fold)
            if len(set(seen.y[at])) == 2:
                total, mass = total + at.sum() * roc_auc_score(seen.y[at], z[at]), mass + at.sum()
    assert north["score"] == pytest.approx(total / mass)


def test_left_out():
    assert slices(rows("binary", 50, 0))["code"] == "few_rows"
    one = seen_of({"x": ["u"] * 90}, ["a", "b", "a"] * 30, {"m": two(np.full((1, 90), 0.4))}, metric="auc")
    assert slices(one)["shown"]  # the classes are left
    baseline = seen_of({"x": ["u"] * 90}, ["a", "b", "a"] * 30, {"baseline": two(np.full((1, 90), 0.4))})
    assert slices(baseline)["code"] == "baseline"
