"""Intervals against hand-worked figures, and what they must do at the edges."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.metrics.simulated import board_of

from tenon.errors import DataError
from tenon.metrics import intervals
from tenon.metrics.scores import METRICS
from tenon.metrics.variance import board_variance, row_variance

SEVEN_DIGITS = 1e-7  # to which the figures were worked out by hand: one in the seventh
Y = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
A = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.5, 0.4, 0.2, 0.3])
ERRORS = np.array([1, -2, 0.5, 3, -1, 0, 2, -0.5])


def two_columns(p):
    return np.column_stack([1 - p, p])


def test_wilson_by_hand():
    assert intervals.wilson(0.85, 100) == pytest.approx((0.7671644, 0.9069401), abs=SEVEN_DIGITS)
    assert intervals.wilson(1.0, 20) == pytest.approx((0.8388748, 1.0), abs=SEVEN_DIGITS)
    low, high = intervals.wilson(0.0, 20)
    assert (low, high) == pytest.approx((0.0, 1 - 0.8388748), abs=SEVEN_DIGITS)


@pytest.mark.parametrize(("hits", "n"), [(3, 17), (50, 60), (999, 1000)])
def test_wilson_is_that_of_scipy(hits, n):
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert intervals.wilson(hits / n, n) == pytest.approx((theirs.low, theirs.high), rel=1e-10)


def test_final_accuracy_is_wilson_on_the_rows():
    y, label = np.ones(100, int), np.array([1] * 85 + [0] * 15)
    score, low, high = intervals.final_interval(METRICS["accuracy"], y, label)
    # the row variance has n - 1 in its denominator, which is worth one row in 100
    assert (score, low, high) == pytest.approx((0.85, *intervals.wilson(0.85, 99)), rel=1e-12)


def test_final_auc_by_hand():
    score, low, high = intervals.final_interval(METRICS["auc"], Y, two_columns(A))
    assert score == pytest.approx(0.775, rel=1e-14)
    assert (low, high) == pytest.approx((0.3013551, 0.9649188), abs=SEVEN_DIGITS)


def test_rmse_standard_error_by_hand():
    evidence = intervals.fixed_evidence(METRICS["rmse"], ["a"], np.zeros(8), [ERRORS])
    mse, variance = -evidence.level[0], row_variance(evidence)[0, 0]
    assert np.sqrt(mse) == pytest.approx(1.5612495, abs=SEVEN_DIGITS)
    assert np.sqrt(variance) / (2 * np.sqrt(mse)) == pytest.approx(0.3518495, abs=SEVEN_DIGITS)
    low, high = intervals.t_interval(mse, variance, 7)
    assert low < 0
    assert np.sqrt(high) == pytest.approx(2.2439683, abs=SEVEN_DIGITS)


def test_macro_f1_interval_by_hand():
    """Confusion rows (40, 5, 5), (6, 30, 4), (4, 3, 3): rarest class of 10, so t with 9 degrees of freedom."""
    table = np.array([[40, 5, 5], [6, 30, 4], [4, 3, 3]])
    y, label = np.repeat(np.arange(3), table.sum(axis=1)), np.concatenate([np.repeat(np.arange(3), row) for row in table])
    evidence = intervals.fixed_evidence(METRICS["macro_f1"], ["a"], y, [label])
    e, scale = evidence.level[0], np.sqrt(board_variance(evidence)[0, 0])
    wald = e - 1.959964 * scale, e + 1.959964 * scale
    assert wald == pytest.approx((0.5090797, 0.7188923), abs=1e-7)
    half = stats.t.ppf(0.975, 9) * np.sqrt(1.25) * scale / (e * (1 - e))
    expected = [1 / (1 + np.exp(-(np.log(e / (1 - e)) + sign * half))) for sign in (-1, 1)]
    assert intervals.final_interval(METRICS["macro_f1"], y, label)[1:] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_interval_holds_the_score(name):
    for evidence in (board_of(name, (1.0, 0.5, 0.1)), replace(board_of(name, (0.8,)), groups=np.arange(300) // 6)):
        ends = intervals.method_intervals(evidence)
        scores = np.array([evidence.metric.from_level(level) for level in evidence.level])
        assert np.isfinite(ends).all()
        assert (ends[:, 0] < scores).all()
        assert (scores < ends[:, 1]).all()


@pytest.mark.parametrize("name", METRICS)
def test_order_of_rows_has_no_influence(name):
    evidence = board_of(name, (1.0, 0.5), n=120)
    mixed = np.random.default_rng(1).permutation(120)
    turned = replace(evidence, y=evidence.y[mixed], psi=evidence.psi[:, mixed])
    # the sums run in another order: rounding only
    np.testing.assert_allclose(intervals.method_intervals(turned), intervals.method_intervals(evidence), rtol=1e-9)


@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_interval_has_the_unit_of_the_target(name):
    rng = np.random.default_rng(2)
    y, guess = rng.normal(size=80), rng.normal(size=80)
    one, thousand = (intervals.final_interval(METRICS[name], scale * y, scale * guess) for scale in (1, 1000))
    assert thousand == pytest.approx(tuple(1000 * end for end in one), rel=1e-9)


def test_perfect_models():
    y = np.array([0, 1] * 20)
    for name, guess in (("auc", two_columns(y.astype(float))), ("macro_f1", y), ("accuracy", y)):
        score, low, high = intervals.final_interval(METRICS[name], y, guess)
        assert (score, high) == (1.0, 1.0)
        assert low == pytest.approx(intervals.wilson(1.0, 40 if name == "accuracy" else 20)[0], abs=0.05)
    assert intervals.final_interval(METRICS["rmse"], y * 1.0, y * 1.0) == (0.0, 0.0, 0.0)
    assert intervals.final_interval(METRICS["r2"], y * 1.0, y * 1.0) == (1.0, 1.0, 1.0)


def test_a_constant_predictor_has_auc_one_half():
    y = np.array([0, 1] * 20)
    assert intervals.final_interval(METRICS["auc"], y, np.full((40, 2), 0.5)) == (0.5, 0.5, 0.5)


def test_auc_of_a_single_positive():
    y = np.array([1, 0, 0, 0])
    with pytest.raises(DataError, match="at least 2 rows of each class"):
        intervals.final_interval(METRICS["auc"], y, two_columns(np.array([0.5, 0.1, 0.6, 0.2])))


def test_weights_make_rows_fewer():
    rng = np.random.default_rng(3)
    y, label = np.ones(200, int), (rng.uniform(size=200) < 0.8).astype(int)
    _, low, high = intervals.final_interval(METRICS["accuracy"], y, label)
    weights = rng.uniform(0.1, 5, 200)
    _, low_w, high_w = intervals.final_interval(METRICS["accuracy"], y, label, weights)
    assert high_w - low_w > high - low
    same = intervals.final_interval(METRICS["accuracy"], y, label, np.full(200, 7.0))
    assert same[1:] == pytest.approx((low, high), rel=1e-9)


def test_groups_widen_the_interval():
    rng = np.random.default_rng(4)
    right = np.repeat(rng.uniform(size=20) < 0.7, 10).astype(int)  # all rows of a group alike
    groups = np.repeat(np.arange(20), 10)
    y = np.ones(200, int)
    _, low, high = intervals.final_interval(METRICS["accuracy"], y, right, groups=groups)
    _, low_rows, high_rows = intervals.final_interval(METRICS["accuracy"], y, right)
    # 20 groups instead of 200 rows: sqrt(10) = 3.2 times as wide, less what Wilson bends
    assert 2.5 < (high - low) / (high_rows - low_rows) < 3.5


@pytest.mark.parametrize(("n", "coverage"), [(200, 0.98), (1000, 0.95)])
def test_ends_of_a_loss_are_those_of_the_bootstrap(n, coverage):
    """Losses lean to the right, so the upper arm is the longer one; ends of the mean squared error, then their roots."""
    errors = np.random.default_rng(8).standard_t(5, n)
    _, low, high = intervals.final_interval(METRICS["rmse"], np.zeros(n), errors)
    squares = errors**2
    scale = squares.std(ddof=1) / np.sqrt(n)
    t_low, t_high = intervals.bootstrap_t(squares.mean() - squares, coverage)  # of minus the losses, as on the test scale
    expected = squares.mean() + t_low * scale, squares.mean() + t_high * scale
    assert (low**2, high**2) == pytest.approx(expected, rel=1e-9)
    assert high**2 - squares.mean() > squares.mean() - low**2


def test_bootstrap_t_of_normal_rows_is_nearly_t():
    rows = np.random.default_rng(5).normal(size=60)
    low, high = intervals.bootstrap_t(rows - rows.mean(), 0.95)
    # Monte-Carlo error of such a quantile from 1,999 draws is 0.07, and 60 rows are skew by chance
    assert (low, high) == pytest.approx((stats.t.ppf(0.025, 59), stats.t.ppf(0.975, 59)), abs=0.3)


def test_bootstrap_t_leans_with_the_rows():
    rows = np.random.default_rng(6).exponential(size=100)
    low, high = intervals.bootstrap_t(rows - rows.mean(), 0.95)
    assert -low > high


def test_bootstrap_t_of_many_rows_is_taken_on_blocks():
    rows = np.random.default_rng(7).normal(size=25_001)
    low, high = intervals.bootstrap_t(rows - rows.mean(), 0.95)
    assert (low, high) == pytest.approx((-1.96, 1.96), abs=0.25)  # Monte-Carlo error 0.07


def test_widened():
    assert intervals.widened(0.8, 0.7, 0.85) == pytest.approx((0.67, 0.865))
