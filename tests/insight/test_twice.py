"""The score at twice the labels, where it is known; and when nothing is said."""

import numpy as np
import pytest

from tenon.insight.twice import Curve, twice
from tenon.metrics import METRICS

SHARES = np.array([0.125, 0.25, 0.5, 1.0])


def curve(loss, noise=0.0, folds=5, seed=0, is_loss=False, shares=SHARES):
    """Folds differ in how hard they are, and by `noise` in every point."""
    rng = np.random.default_rng(seed)
    losses = loss(shares)[:, None] + rng.normal(0, 0.01, folds) + rng.normal(0, noise, (len(shares), folds))
    scores = losses if is_loss else 1 - losses
    return Curve("m", shares, scores, 1000, float(scores[-1].mean()))


def law(share):
    return 0.1 + 0.03 * np.power(share, -0.5)


GAIN = law(1.0) - law(2.0)


def test_a_known_law_is_carried_on():
    section = twice(curve(law), METRICS["auc"])
    assert section["gain"] == pytest.approx(GAIN, rel=1e-6)
    assert section["expected"] == pytest.approx(section["score"] + GAIN, rel=1e-6)
    assert (section["rows"], section["rows_then"]) == (1000, 2000)
    assert section["line"][-1]["share"] == 2.0
    assert section["line"][-1]["score"] == pytest.approx(section["expected"])
    assert next(p["score"] for p in section["line"] if p["share"] == 1.0) == pytest.approx(section["score"])


def test_the_gain_of_a_loss_makes_it_smaller():
    section = twice(curve(law, is_loss=True), METRICS["rmse"])
    assert section["expected"] == pytest.approx(section["score"] - GAIN, rel=1e-6)
    assert section["low"] <= section["expected"] <= section["high"]


def test_the_interval_holds_the_gain():
    """95 % is promised for folds that share their train rows; those drawn here share nothing, so it holds more often."""
    sections = [twice(curve(law, noise=0.003, seed=seed), METRICS["auc"]) for seed in range(25)]
    held = [s["gain_low"] <= GAIN <= s["gain_high"] for s in sections if "gain" in s]
    assert len(held) >= 22
    assert np.mean(held) >= 0.9


def test_a_flat_curve_is_not_carried_on():
    codes = [
        twice(curve(lambda share: 0.2 + 0 * share, noise=0.003, seed=seed), METRICS["auc"]).get("code") for seed in range(40)
    ]
    # p < 0.05, one-sided, where folds do not share rows: at most 2 in 40 by chance, 5 in 1 of 25 such tests
    assert codes.count(None) <= 5
    assert codes.count("no_rise") >= 30


def test_an_uneven_curve_is_not_carried_on():
    """With as much noise as rise some curves rise for sure but say little of what comes; no interval is so wide."""
    curves = [curve(law, noise=0.02, folds=4, seed=seed) for seed in range(40)]
    sections = [twice(one, METRICS["auc"]) for one in curves]
    assert "too_vague" in {section.get("code") for section in sections}
    for one, section in zip(curves, sections, strict=True):
        if "gain" in section:
            rise = one.scores[-1].mean() - one.scores[0].mean()
            assert 2 * (section["gain_high"] - section["gain"]) <= rise


def test_what_is_missing_is_said():
    nothing = twice(None, METRICS["auc"])
    assert (nothing["code"], nothing["option"]) == ("no_curve", "--curve")
    two_points = twice(curve(law, shares=np.array([0.5, 1.0])), METRICS["auc"])
    assert (two_points["code"], two_points["values"]) == ("few_points", {"points": 2, "least": 3})
    two_folds = curve(law, folds=3)
    two_folds.scores[0, 1] = np.nan  # the metric is undefined there
    assert twice(two_folds, METRICS["auc"])["values"] == {"folds": 2, "least": 3}
