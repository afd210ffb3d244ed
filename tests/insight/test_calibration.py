"""Calibration against scikit-learn, and against models that are calibrated by construction."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from tests.insight.said import classes, logistic, seen_of, two

from tenon.insight.calibration import bins_of, brier, calibration, ece_by_chance


def binary(seed, n=2000, stretch=1.0, repeats=2, groups=None):
    """Rows whose class is drawn from p; the method says p, with its log-odds stretched."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, n)
    y = np.where(rng.random(n) < logistic(z), "yes", "no")
    return seen_of({"x": z}, y, {"m": two(np.tile(logistic(stretch * z), (repeats, 1)))}, kinds={"x": "number"}, groups=groups)


def test_the_curve_is_that_of_sklearn():
    seen = binary(0)
    share, proba = calibration_curve(seen.y, seen.said("m", "proba")[0, :, 1], n_bins=10, strategy="quantile")
    bins = calibration(seen)["bins"]
    np.testing.assert_allclose([b["share"] for b in bins], share, rtol=1e-12)
    np.testing.assert_allclose([b["proba"] for b in bins], proba, rtol=1e-12)
    assert sum(b["rows"] for b in bins) == 2000


def test_equal_probabilities_share_a_bin():
    sure = np.repeat([0.2, 0.6], [500, 100])
    bins = bins_of(sure, np.arange(600) % 2 == 0)
    assert bins.rows.tolist() == [500, 100]


def test_brier_is_that_of_sklearn():
    rng = np.random.default_rng(0)
    y, p, weights = rng.integers(0, 2, 300), rng.random(300), rng.uniform(0.5, 2, 300)
    ours = brier(y, np.column_stack([1 - p, p]), weights)
    assert ours == pytest.approx(brier_score_loss(y, p, sample_weight=weights), rel=1e-12)
    many = rng.dirichlet(np.ones(4), 300)
    y = rng.integers(0, 4, 300)
    assert brier(y, many) == pytest.approx(sum(np.mean((many[:, k] - (y == k)) ** 2) for k in range(4)), rel=1e-12)


def test_a_calibrated_model_is_rarely_called_off():
    """By construction in 5 % of cases; 60 boards leave 4 standard errors below 17 %."""
    assert np.mean([calibration(binary(seed, 600))["is_off"] for seed in range(60)]) < 0.17


@pytest.mark.parametrize("stretch", [2.0, 0.5])
def test_a_model_that_is_too_sure_or_too_shy_is_called_off(stretch):
    section = calibration(binary(3, stretch=stretch))
    assert section["is_off"]
    assert section["ece"] > section["ece_by_chance"]["high"] > section["ece_by_chance"]["mean"] > 0


def test_what_chance_gives_is_what_calibrated_models_show():
    """The normal approximation against classes drawn anew from the probabilities."""
    rng = np.random.default_rng(0)
    p = rng.beta(2, 2, 1000)
    drawn = []
    for _ in range(400):
        bins = bins_of(p, rng.random(1000) < p)
        drawn.append(np.sum(bins.mass * np.abs(bins.proba - bins.share)))
    mean, high = ece_by_chance(bins)
    assert mean == pytest.approx(np.mean(drawn), rel=0.05)  # 400 draws leave 1.5 %
    assert high == pytest.approx(np.quantile(drawn, 0.95), rel=0.08)


def test_more_classes_look_at_the_class_that_is_said():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), 900)
    y = np.array([rng.choice(3, p=p) for p in proba])
    section = calibration(seen_of({"x": y}, np.array(["a", "b", "c"])[y], {"m": classes(proba[None])}))
    assert (section["of"], section["label"]) == ("predicted", None)
    right, sure = proba.argmax(axis=1) == y, proba.max(axis=1)
    assert sum(b["share"] * b["rows"] for b in section["bins"]) == pytest.approx(right.sum())
    assert section["bias"] == pytest.approx(sure.mean() - right.mean(), abs=1e-12)


def test_rows_of_a_group_that_are_copies_count_once():
    seen = binary(1, 300)
    four = np.repeat(np.arange(300), 4)
    sure, right = seen.said("m", "proba")[0, four, 1], seen.y[four] == 1
    copies = bins_of(sure, right, groups=four)
    alone = bins_of(sure[::4], right[::4])
    # edges of the bins move a little, for there are more rows to take quantiles of
    assert copies.worth.sum() == pytest.approx(alone.worth.sum(), rel=0.1)


def test_weights_count_like_rows():
    rng = np.random.default_rng(0)
    sure, right, times = rng.choice([0.1, 0.4, 0.8], 200), rng.random(200) < 0.5, rng.integers(1, 4, 200)
    whole = np.repeat(np.arange(200), times)
    weighted = bins_of(sure + 0.01 * rng.random(200), right, times.astype(float))
    assert np.sum(weighted.mass * weighted.share) == pytest.approx(right[whole].mean(), rel=1e-12)
    weighted = bins_of(sure, right, times.astype(float))
    repeated = bins_of(sure[whole], right[whole])
    np.testing.assert_allclose(weighted.proba, np.unique(sure), rtol=1e-12)
    np.testing.assert_allclose(weighted.share, repeated.share, rtol=1e-12)


def test_the_mean_probability_is_weighted():
    sure, weights = np.array([0.2, 0.4] * 20), np.array([1.0, 3.0] * 20)
    assert bins_of(sure, sure > 0, weights).proba.tolist() == pytest.approx([0.35])


def test_what_rows_of_groups_are_worth():
    """A mean over G groups of equal size has the variance of their means over G, with G - 1 in its estimate."""
    right = np.arange(6) < np.array([6, 5, 0, 1, 6, 0])[:, None]  # so many of the six rows of each group
    right = right.ravel()
    groups = np.repeat(np.arange(6), 6)
    of_groups = right.reshape(6, 6).mean(axis=1)
    variance, share = of_groups.var(ddof=1) / 6, right.mean()
    assert bins_of(np.full(36, 0.5), right, groups=groups).worth[0] == pytest.approx(share * (1 - share) / variance)


def test_left_out():
    assert calibration(binary(0, 50))["values"] == {"rows": 50, "least": 60}
    numbers = seen_of({"x": np.arange(80.0)}, np.arange(80.0), {"m": {"value": np.arange(80.0)[None]}}, kinds={"x": "number"})
    assert calibration(numbers)["code"] == "no_classes"
