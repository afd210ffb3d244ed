"""Calibration curves against scikit-learn's, and what they do to probabilities known to be wrong."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB

from tenon.inner.calibrate import Calibration, Isotonic, Sigmoid, fit_calibration


def overconfident(n, seed, n_classes=2):
    """True probabilities, classes drawn from them, and stated probabilities whose log-odds are four times too large."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, n_classes))
    true = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = (true.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    stated = np.exp(4 * scores) / np.exp(4 * scores).sum(axis=1, keepdims=True)
    return true, y, stated


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_new_rows_are_told_better(kind, n_classes):
    _, y, stated = overconfident(2000, 0, n_classes)
    true, new_y, new = overconfident(2000, 1, n_classes)
    after = fit_calibration(kind, stated, y)(new)
    np.testing.assert_allclose(after.sum(axis=1), 1, rtol=1e-12)  # rounding of K terms
    assert after.min() >= 0
    before_loss, after_loss, least = (log_loss(new_y, proba) for proba in (new, after, true))
    assert before_loss - least > 0.3
    assert after_loss - least < 0.02  # a fiftieth of a nat from what the true probabilities get


def test_sigmoid_undoes_what_was_done():
    _, y, stated = overconfident(20_000, 0)
    curve = fit_calibration("sigmoid", stated, y).curves[0]
    assert curve.slope == pytest.approx(0.25, abs=0.02)  # its standard error with these rows is about 0.005
    assert curve.offset == pytest.approx(0.0, abs=0.05)  # likewise 0.016


@pytest.mark.parametrize("weighted", [False, True])
def test_sigmoid_is_the_least_of_platts_loss(weighted):
    _, y, stated = overconfident(200, 3)
    weights = np.random.default_rng(0).uniform(0.5, 2, 200) if weighted else np.ones(200)
    weights *= 200 / weights.sum()
    n_in, n_out = weights[y == 1].sum(), weights[y == 0].sum()
    target = np.where(y == 1, (n_in + 1) / (n_in + 2), 1 / (n_out + 2))
    odds = np.log(stated[:, 1] / stated[:, 0])

    def loss(ab):
        p = 1 / (1 + np.exp(-(ab[0] * odds + ab[1])))
        return -np.sum(weights * (target * np.log(p) + (1 - target) * np.log(1 - p)))

    slow = minimize(loss, [0.1, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
    curve = fit_calibration("sigmoid", stated, y, 3.0 * weights).curves[0]
    assert (curve.slope, curve.offset) == pytest.approx(tuple(slow), abs=1e-5)  # both stop where the loss is flat to 1e-12


@pytest.mark.parametrize("n_classes", [2, 3])
def test_isotonic_is_that_of_scikit_learn(n_classes):
    """But for the edges, which are kept off 0 and 1 by one row in n + 2; three classes are then brought to a sum of 1."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 2)), rng.integers(0, n_classes, 300)
    X[:, 0] += y
    model = GaussianNB().fit(X[:100], y[:100])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="isotonic", ensemble=False).fit(X[100:], y[100:])
    ours = fit_calibration("isotonic", model.predict_proba(X[100:]), y[100:])
    new = rng.normal(size=(500, 2)) * 2
    gap = np.abs(ours(model.predict_proba(new)) - theirs.predict_proba(new)).max()
    assert gap < (1.001 if n_classes == 2 else 3) / 202  # an edge is 1/202; the sum of three classes makes more of it


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_a_row_of_weight_two_is_two_rows(kind):
    _, y, stated = overconfident(60, 0)
    twice = np.append(np.arange(60), np.flatnonzero(y))
    by_weight = fit_calibration(kind, stated, y, 1.0 + y)(stated)
    by_rows = fit_calibration(kind, stated[twice], y[twice])(stated)
    # the weights are brought to a mean of 1, so that a pseudo-row (sigmoid) or the edge (isotonic) counts a little more
    np.testing.assert_allclose(by_weight, by_rows, atol=0.02)
    assert np.abs(by_weight - fit_calibration(kind, stated, y)(stated)).max() > 0.05


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_the_order_of_rows_is_never_turned_round(kind):
    _, y, stated = overconfident(500, 0)
    grid = np.linspace(0, 1, 1001)
    for truth in (y, 1 - y):  # the second is told the wrong way round, so nothing can be learnt but the share
        after = fit_calibration(kind, stated, truth)(np.column_stack([1 - grid, grid]))[:, 1]
        assert (np.diff(after) >= 0).all()
    assert np.ptp(after) < 0.05  # isotonic finds a few steps of single rows at the ends
    assert after[500] == pytest.approx((1 - y).mean(), abs=0.01)


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_never_quite_sure(kind):
    """Perfectly parted rows, stated at 0 and 1: calibrated, one new row in n + 2 may still be the exception."""
    y = np.repeat([0, 1], 10)
    proba = np.column_stack([1.0 - y, y])
    after = fit_calibration(kind, proba, y)(proba)[:, 1]
    assert np.isfinite(after).all()
    assert 0.001 < after[0] < 0.1
    assert 0.9 < after[-1] < 0.999


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_a_constant_becomes_the_share(kind):
    y = np.array([0, 0, 0, 1])
    after = fit_calibration(kind, np.full((4, 2), 0.5), y)(np.array([[0.5, 0.5], [0.1, 0.9]]))
    expected = 0.25 if kind == "isotonic" else (2 / 3 + 3 * (1 / 5)) / 4  # the mean of Platt's targets
    np.testing.assert_allclose(after[:, 1], expected, atol=1e-6)  # where the minimiser stops


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_reads_back_equal(kind):
    _, y, stated = overconfident(300, 0, 3)
    calibration = fit_calibration(kind, stated, y)
    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
    assert again == calibration
    assert np.array_equal(again(stated), calibration(stated))


def test_where_no_class_gets_anything_all_are_equal():
    nothing = Isotonic((0.0, 1.0), (0.0, 0.0))
    assert Calibration("isotonic", (nothing,) * 4)(np.full((1, 4), 0.25)).tolist() == [[0.25] * 4]


def test_slope_one_changes_nothing():
    grid = np.array([1e-9, 0.1, 0.5, 0.999])
    np.testing.assert_allclose(Sigmoid(1.0, 0.0)(grid), grid, rtol=1e-12)  # log and exp, a few ulp times 21
