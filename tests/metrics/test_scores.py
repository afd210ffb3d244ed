"""Scores against scikit-learn, contributions against the jackknife and hand-worked figures."""

import numpy as np
import pytest
from sklearn import metrics as sk
from tests.metrics.simulated import guess_for

from tenon.errors import DataError
from tenon.metrics.scores import METRICS

WEIGHTED = [False, True]


def problem(name, n=60, seed=0):
    """Truth, guess and weights with ties among the scores."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n).round(1)
    y = rng.normal(size=n) if METRICS[name].reads == "value" else (signal + rng.normal(size=n) > 0).astype(int)
    return y, guess_for(name, signal), rng.uniform(0.2, 3, size=n)


THEIRS = {
    "auc": lambda y, guess, w: sk.roc_auc_score(y, guess[:, 1], sample_weight=w),
    "accuracy": lambda y, guess, w: sk.accuracy_score(y, guess, sample_weight=w),
    "macro_f1": lambda y, guess, w: sk.f1_score(y, guess, average="macro", sample_weight=w),
    "log_loss": lambda y, guess, w: sk.log_loss(y, guess, sample_weight=w),
    "rmse": lambda y, guess, w: sk.root_mean_squared_error(y, guess, sample_weight=w),
    "mae": lambda y, guess, w: sk.mean_absolute_error(y, guess, sample_weight=w),
    "r2": lambda y, guess, w: sk.r2_score(y, guess, sample_weight=w),
}


@pytest.mark.parametrize("weighted", WEIGHTED)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", METRICS)
def test_score_is_that_of_scikit_learn(name, seed, weighted):
    y, guess, weights = problem(name, seed=seed)
    weights = weights if weighted else None
    # float64 sums in another order
    assert METRICS[name].score(y, guess, weights) == pytest.approx(THEIRS[name](y, guess, weights), rel=1e-12)


@pytest.mark.parametrize("weighted", WEIGHTED)
@pytest.mark.parametrize("name", METRICS)
def test_folds_are_scored_by_themselves(name, weighted):
    y, guess, weights = problem(name)
    weights = weights if weighted else None
    folds = np.arange(len(y)) % 4
    measured = METRICS[name].measure(y, guess, folds, weights)
    for k in range(4):
        rows = folds == k
        alone = THEIRS[name](y[rows], guess[rows], None if weights is None else weights[rows])
        if name == "r2":  # on the test scale all folds share the target's variance, that of all rows
            squares = np.average((y[rows] - guess[rows]) ** 2, weights=None if weights is None else weights[rows])
            centre = np.average(y, weights=weights)
            alone = 1 - squares / np.average((y - centre) ** 2, weights=weights)
        assert METRICS[name].from_level(measured.folds[k]) == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("weighted", WEIGHTED)
@pytest.mark.parametrize("name", METRICS)
def test_contributions_average_to_the_level(name, weighted):
    y, guess, weights = problem(name)
    measured = METRICS[name].measure(y, guess, np.arange(len(y)) % 3, weights if weighted else None)
    assert measured.psi.mean() == pytest.approx(measured.level, rel=1e-12)


@pytest.mark.parametrize("weighted", WEIGHTED)
@pytest.mark.parametrize("name", METRICS)
def test_contributions_are_the_influence_of_rows(name, weighted):
    """n w_i times the derivative of the level by the row's weight, taken numerically from the level's own definition."""
    y, guess, weights = problem(name)
    weights = weights if weighted else np.ones(len(y))
    folds = np.arange(len(y)) % 2
    metric = METRICS[name]
    measured = metric.measure(y, guess, folds, weights)
    step = 1e-6

    def level(w):
        if name == "auc":
            return np.mean([metric.level(y[folds == k], guess[folds == k], w[folds == k]) for k in range(2)])
        if name == "r2":  # the target's variance is a constant of the test
            spread = np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)
            return 1 - np.average((y - guess) ** 2, weights=w) / spread
        return metric.level(y, guess, w)

    for i in range(0, len(y), 7):
        nudged, pulled = weights.copy(), weights.copy()
        nudged[i] += step
        pulled[i] -= step
        slope = (level(nudged) - level(pulled)) / (2 * step)
        # the central difference errs by about 1e-9 of n w_i
        assert measured.psi[i] - measured.level == pytest.approx(len(y) * weights[i] * slope, abs=1e-6)


def test_macro_f1_by_hand():
    """Confusion rows (40, 5, 5), (6, 30, 4), (4, 3, 3): worked by hand."""
    table = np.array([[40, 5, 5], [6, 30, 4], [4, 3, 3]])
    y, label = np.repeat(np.arange(3), table.sum(axis=1)), np.concatenate([np.repeat(np.arange(3), row) for row in table])
    measured = METRICS["macro_f1"].measure(y, label, np.zeros(100, int))
    assert measured.level == pytest.approx(0.6139860, abs=5e-8)  # as many digits as were worked out
    influence = measured.psi - measured.level
    assert influence.mean() == pytest.approx(0, abs=1e-15)
    assert influence.std(ddof=1) / 10 == pytest.approx(0.0535246, abs=5e-8)


def test_macro_f1_counts_classes_of_the_truth_only():
    y, label = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    ours = METRICS["macro_f1"].score(y, label)
    assert ours == pytest.approx(sk.f1_score(y, label, labels=[0, 1], average="macro"), rel=1e-12)


def test_auc_of_one_class_is_undefined_and_left_out():
    y = np.array([0, 1, 0, 1, 0, 0])
    proba = np.column_stack([np.zeros(6), [0.1, 0.9, 0.3, 0.2, 0.5, 0.6]])
    measured = METRICS["auc"].measure(y, proba, np.array([0, 0, 1, 1, 2, 2]))
    np.testing.assert_array_equal(measured.folds, [1.0, 0.0, np.nan])
    assert measured.level == 0.5
    assert measured.psi[4:].tolist() == [0.5, 0.5]  # rows of the fold left out have no influence


def test_a_fold_left_out_makes_the_others_count_more():
    """One fold of both classes: the contributions must give DeLong's variance of its AUC, but for the n - 1."""
    rng = np.random.default_rng(0)
    y, score = np.append(np.tile([0, 1], 20), np.zeros(10, int)), rng.normal(size=50)
    proba, folds = np.column_stack([-score, score]), np.repeat([0, 1], [40, 10])
    whole, alone = METRICS["auc"].measure(y, proba, folds), METRICS["auc"].measure(y[:40], proba[:40], folds[:40])
    of_mean = [np.square(one.psi - one.level).sum() / len(one.psi) ** 2 for one in (whole, alone)]
    assert of_mean[0] == pytest.approx(of_mean[1], rel=1e-12)


def test_auc_without_any_fold_of_both_classes():
    proba = np.full((4, 2), 0.5)
    with pytest.raises(DataError, match="no fold holds rows of both classes; use log loss"):
        METRICS["auc"].measure(np.array([0, 0, 1, 1]), proba, np.array([0, 0, 1, 1]))


def test_log_loss_of_a_sure_mistake_is_finite():
    proba = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert METRICS["log_loss"].score(np.array([1, 1]), proba) == pytest.approx(-np.log(1e-15) / 2, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e9])  # of the unit: what is rounding does not hang on it
@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_rounding_is_no_error_and_all_else_is(name, scale):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 14))
    y = scale * (X @ np.arange(14.0) + 100)
    other_order = scale * (X[:, ::-1] @ np.arange(14.0)[::-1] + 100)
    assert METRICS[name].score(y, other_order) == 0.0
    assert METRICS[name].score(y, y + 1e-9 * scale) == pytest.approx(1e-9 * scale, rel=1e-3)  # y itself has 1e-14 left


def test_r2_of_a_constant_target():
    with pytest.raises(DataError, match="same value in every row; use RMSE or MAE"):
        METRICS["r2"].score(np.ones(3), np.zeros(3))


def test_unit_turns_differences_of_squares_into_differences_of_rmse():
    rmse = METRICS["rmse"]
    assert (-4.0 - -9.0) * rmse.unit(-4.0, -9.0) == pytest.approx(1.0, rel=1e-15)  # RMSE 2 is better than 3 by 1
    assert rmse.unit(0.0, 0.0) == 1.0
    assert METRICS["mae"].unit(-2.0, -3.0) == 1.0
