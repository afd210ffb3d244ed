"""The verdict on two fixed models by the counts of rows on which one alone is right, and by a bootstrap."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.datasets import dataset

from tenon.compress.judge import judged
from tenon.data.splits import Splits
from tenon.method import Predictions
from tenon.tasks import Task
from tenon.trials.again import FinishedRun
from tenon.trials.folder import RunFolder

ROPE = 0.01


class Fixed:
    """What `judged` asks of a model."""

    def __init__(self, task):
        self.task = task


def found_for(y, metric="accuracy"):
    data = dataset({"x": np.zeros(len(y)), "y": y}, {"x": "number"})
    task = Task("binary", "y", ("no", "yes"), metric)
    splits = Splits(data.row_ids, np.ones(len(y), bool), np.full((1, len(y)), -1, np.int32))
    return FinishedRun(RunFolder(Path()), {"asked": {"rope": ROPE, "per": ""}}, "a", data, splits, Fixed(task)), data


def saying(y, is_right):
    said = np.where(is_right, y, np.where(y == "yes", "no", "yes"))
    proba = np.where(said[:, None] == np.array([["no", "yes"]]), 0.9, 0.1)
    return Predictions(np.arange(len(y)), said, proba)


def verdict_on(n, lost, won, seed=0):
    """The original alone is right on `lost` rows, the smaller model alone on `won`, both on nine tenths of the others."""
    rng = np.random.default_rng(seed)
    y = rng.choice(["no", "yes"], n)
    before, after = np.repeat([[True], [True]], n, axis=1)
    before[: n // 10] = after[: n // 10] = False
    before[n // 2 : n // 2 + won] = False
    after[-lost:] = lost == 0
    found, rows = found_for(y)
    return judged(found, rows, saying(y, before), saying(y, after)), before, after


@pytest.mark.mission("D12")
@pytest.mark.parametrize(("n", "lost", "won"), [(2000, 3, 2), (2000, 40, 10), (2000, 20, 20), (300, 6, 1), (300, 12, 12)])
def test_probability_of_being_worse_is_that_of_the_paired_difference(n, lost, won):
    said, before, after = verdict_on(n, lost, won)
    difference = after.astype(float) - before
    mean = difference.mean()
    error = np.sqrt(difference.var(ddof=1) / n + n**-2)  # and one imagined row on which the two disagree (metrics.variance)
    assert said.effect == pytest.approx((won - lost) / n)
    assert said.p_worse == pytest.approx(stats.t.cdf((-ROPE - mean) / error, n - 1), abs=1e-9)
    draws = np.random.default_rng(1).choice(difference, (4000, n)).mean(axis=1)
    below = (draws < -ROPE - 1e-9).mean() + np.isclose(draws, -ROPE).mean() / 2  # some draws lie just on the rope
    # the bootstrap knows no imagined row, and has a standard error of .5/sqrt(4000) = .008 of its own
    assert said.p_worse == pytest.approx(below, abs=0.05)
    assert said.score == pytest.approx(after.mean())


@pytest.mark.parametrize(
    ("n", "lost", "won", "word"),
    [
        (2000, 3, 2, "same"),
        (2000, 3, 40, "same"),  # better is as good
        (2000, 100, 10, "worse"),
        (300, 12, 12, "cannot tell"),  # too few rows to rule out that it is worse by a hundredth
        (2000, 20, 2, "small difference"),
    ],
)
def test_words(n, lost, won, word):
    said, _, _ = verdict_on(n, lost, won)
    assert said.verdict == word
    assert (said.p_worse <= 0.05) == (word == "same")


def test_the_same_predictions_are_the_same():
    y = np.array(["no", "yes"] * 100)
    found, rows = found_for(y, "auc")
    said = saying(y, np.arange(200) % 9 > 0)
    one = judged(found, rows, said, said)
    assert (one.verdict, one.p_worse, one.effect) == ("same", 0, 0)


def test_too_few_rows_give_no_verdict():
    y = np.array(["no", "yes"] * 3)
    found, rows = found_for(y)
    one = judged(found, rows, saying(y, np.ones(6, bool)), saying(y, np.arange(6) > 0))
    assert one.verdict == "no verdict"
    assert "rows" in one.reason


def test_losses_are_turned_round():
    """Of a metric that is better where it is lower, a smaller model with more loss is the worse one."""
    y, rng = np.random.default_rng(0).normal(size=500), np.random.default_rng(1)
    data = dataset({"x": np.zeros(500), "y": y}, {"x": "number"})
    task = Task("regression", "y", metric_name="rmse", target_sd=1.0)
    splits = Splits(data.row_ids, np.ones(500, bool), np.full((1, 500), -1, np.int32))
    found = FinishedRun(RunFolder(Path()), {"asked": {"rope": ROPE, "per": ""}}, "a", data, splits, Fixed(task))
    near, far = (Predictions(np.arange(500), y + size * rng.normal(size=500)) for size in (0.1, 0.5))
    worse, better = judged(found, data, near, far), judged(found, data, far, near)
    assert worse.verdict == "worse"
    assert worse.effect < 0 < better.effect
    assert worse.p_worse > 0.99
    assert (better.verdict, better.p_worse) == ("same", pytest.approx(0, abs=1e-6))
    assert pd.notna(worse.low)
