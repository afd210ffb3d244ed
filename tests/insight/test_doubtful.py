"""Doubtful labels: flipped ones are found in real data, hard ones are left alone."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from tests.insight.said import classes, logistic, numbers, seen_of, two

from tenon.insight.doubtful import NONE, confident_labels, doubtful
from tenon.insight.outliers import robust_z
from tenon.insight.shown import Cells


def found(seen):
    section = doubtful(seen, Cells.of(seen))
    return section, [row["row"] - 1 for row in section["rows"]]


def flipped(y, share, seed):
    """Return labels of which a share is that of another class, and which those are."""
    rng = np.random.default_rng(seed)
    is_flipped, n_classes = rng.random(len(y)) < share, int(y.max()) + 1
    return np.where(is_flipped, (y + rng.integers(1, n_classes, len(y))) % n_classes, y), is_flipped


def out_of_fold(model, X, y, repeats=2):
    folds = [StratifiedKFold(5, shuffle=True, random_state=seed) for seed in range(repeats)]
    return np.stack([cross_val_predict(model, X, y, cv=cv, method="predict_proba") for cv in folds])


@pytest.mark.mission("B8")
def test_flipped_labels_of_digits_are_found():
    X, truth = load_digits(return_X_y=True)
    y, is_flipped = flipped(truth, 0.05, 0)
    proba = out_of_fold(KNeighborsClassifier(10, weights="distance"), X, y)
    columns = {f"p{i}": X[:, i] for i in range(64)}
    section, rows = found(seen_of(columns, y, {"m": classes(proba)}, kinds=dict.fromkeys(columns, "number")))
    assert is_flipped[rows].mean() >= 0.9  # of rows drawn at random one in twenty is
    assert section["found"] >= 0.6 * is_flipped.sum()
    right = [row["suggested"] == truth[row["row"] - 1] for row in section["rows"]]
    assert np.mean(right) >= 0.9


@pytest.mark.slow
def test_flipped_labels_of_cars_and_adult_are_found(tenon_data):
    import pandas as pd

    cars = pd.read_csv(tenon_data / "car_evaluation" / "data.csv").astype(str)
    adult = pd.read_csv(tenon_data / "adult" / "train.csv.gz").sample(6000, random_state=0).reset_index(drop=True)
    for frame, target in ((cars, "class"), (adult.astype(str), "income")):
        y, is_flipped = flipped(pd.factorize(frame.pop(target), sort=True)[0], 0.05, 1)
        model = make_pipeline(OneHotEncoder(handle_unknown="ignore", min_frequency=5), LogisticRegression(max_iter=500))
        seen = seen_of({name: frame[name] for name in frame}, y, {"m": classes(out_of_fold(model, frame, y))})
        section, rows = found(seen)
        assert is_flipped[rows].mean() >= 0.8
        assert 0.4 * is_flipped.sum() <= section["found"] <= 1.5 * is_flipped.sum()


def test_nothing_is_found_in_clean_digits():
    X, y = load_digits(return_X_y=True)
    proba = out_of_fold(KNeighborsClassifier(10, weights="distance"), X, y)
    columns = {f"p{i}": X[:, i] for i in range(64)}
    section, _ = found(seen_of(columns, y, {"m": classes(proba)}, kinds=dict.fromkeys(columns, "number")))
    assert section["share"] < 0.005


def test_hard_rows_are_no_doubtful_ones():
    """Labels drawn from the very probabilities that are said: most errors are close calls, which are not found."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1, 3000)
    y = np.where(rng.random(3000) < logistic(z), "yes", "no")
    seen = seen_of({"word": ["w"] * 3000}, y, {"m": two(logistic(z)[None])})
    n_wrong = (seen.said("m", "label")[0] != seen.y).sum()
    section, _ = found(seen)
    assert section["found"] < 0.25 * n_wrong


@pytest.mark.parametrize("seed", range(10))
def test_confident_labels_are_their_definition(seed):
    rng = np.random.default_rng(seed)
    y, proba = rng.integers(0, 3, 60), rng.dirichlet(np.ones(4), 60)  # nobody is labelled 3
    thresholds = {j: np.mean([p[j] for p, label in zip(proba, y, strict=True) if label == j]) for j in range(3)}
    for p, label, ours in zip(proba, y, confident_labels(y, proba), strict=True):
        reached = [j for j in thresholds if p[j] >= thresholds[j]]
        likeliest = max(reached, key=lambda j: p[j]) if reached else label
        assert ours == (NONE if likeliest == label else likeliest)


def test_all_methods_must_agree():
    """Eight flipped rows: one method is sure of the true class of the first five, the other of the last five."""
    rng = np.random.default_rng(0)
    z = rng.choice([-4.0, 4.0], 400)
    y = z > 0
    y[:8] = ~y[:8]
    first, second = logistic(z), logistic(z)
    first[5:8], second[:3] = 1 - first[5:8], 1 - second[:3]
    labels = np.where(y, "yes", "no")
    section, rows = found(seen_of({"z": z}, labels, {"a": two(first[None]), "b": two(second[None])}, kinds={"z": "number"}))
    assert set(rows) == {3, 4}
    assert section["methods"] == ["a", "b"]
    assert [row["agreement"] for row in section["rows"]] == [1.0, 1.0]
    _, of_one = found(seen_of({"z": z}, labels, {"a": two(first[None])}, kinds={"z": "number"}))
    assert set(of_one) == {0, 1, 2, 3, 4}


def test_two_of_three_methods_are_not_enough():
    rng = np.random.default_rng(0)
    z = rng.choice([-4.0, 4.0], 400)
    y = z > 0
    y[:3] = ~y[:3]
    sure, third = logistic(z), logistic(z)
    third[0] = np.where(y[0], 0.6, 0.4)  # it takes the first row's label for true
    said = {"a": two(sure[None]), "b": two(sure[None]), "c": two(third[None])}
    _, rows = found(seen_of({"z": z}, np.where(y, "yes", "no"), said, kinds={"z": "number"}))
    assert set(rows) == {1, 2}


def test_a_corner_that_no_method_understands_is_not_doubtful():
    """Forty rows that the method has all wrong, surely, lie close together; five flipped ones stand alone."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1500, 2))
    z = 8 * x[:, 0]
    y = x[:, 0] > 0
    corner = (x[:, 0] > 0.5) & (x[:, 1] > 0.7)
    alone = np.flatnonzero((x[:, 0] < -0.5) & (x[:, 1] < 0))[:5]
    y[corner] = ~y[corner]
    y[alone] = ~y[alone]
    assert corner.sum() >= 40
    seen = seen_of({"a": x[:, 0], "b": x[:, 1]}, np.where(y, "yes", "no"), {"m": two(logistic(z)[None])},
                   kinds={"a": "number", "b": "number"})  # fmt: skip
    _, rows = found(seen)
    assert set(rows) >= set(alone.tolist())
    assert corner[rows].sum() <= 0.2 * corner.sum()  # at its edge a row may stand alone, too


def test_spoilt_numbers_are_found():
    X, y = load_diabetes(return_X_y=True)
    spoilt = np.array([3, 100, 200, 300])
    y[spoilt] *= 10  # a decimal point lost
    said = cross_val_predict(LinearRegression(), X, y, cv=KFold(5, shuffle=True, random_state=0))
    seen = seen_of({f"x{i}": X[:, i] for i in range(10)}, y, {"m": numbers(said[None])},
                   kinds={f"x{i}": "number" for i in range(10)})  # fmt: skip
    section, rows = found(seen)
    assert set(rows) <= set(spoilt.tolist())
    assert len(rows) >= 3
    assert all(row["suggested"] is None and row["z"] > 6 for row in section["rows"])


def test_noise_that_grows_with_the_prediction_is_no_outlier():
    rng = np.random.default_rng(0)
    predicted = rng.uniform(1, 100, 5000)
    z = robust_z(predicted * 0.3 * rng.normal(size=5000), predicted)
    assert np.abs(z).max() < 6


def test_left_out():
    small = seen_of({"x": ["u"] * 40}, ["a", "b"] * 20, {"m": two(np.full((1, 40), 0.5))})
    assert found_code(small) == "few_rows"
    assert found_code(seen_of({"x": ["u"] * 80}, ["a", "b"] * 40, {"baseline": two(np.full((1, 80), 0.5))})) == "baseline"


def found_code(seen):
    return doubtful(seen, Cells.of(seen))["code"]
