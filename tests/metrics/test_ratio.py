"""Functions of sums against the jackknife, numerical slopes, scikit-learn and BLEU from its definition."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score
from tests.metrics.simulated import folds_of

from tenon.metrics.evidence import gather
from tenon.metrics.intervals import method_intervals
from tenon.metrics.ratio import bleu, f1, of_sums, ratio
from tenon.metrics.sequences import SEQUENCE_METRICS
from tenon.metrics.variance import row_variance


def ratio_counts(rng, n):
    whole = rng.integers(1, 9, n)
    return np.column_stack([rng.binomial(whole, 0.6), whole]).astype(float)


def f1_counts(rng, n):
    true = rng.integers(0, 4, n)
    hits = rng.binomial(true, 0.7)
    return np.column_stack([hits, true, hits + rng.integers(0, 3, n)]).astype(float)


def bleu_counts(rng, n, extra=1):
    """extra : how many words longer than the reference a hypothesis is."""
    words = rng.integers(6, 15, n)
    totals = words[:, None] - np.arange(4)
    return np.column_stack([rng.binomial(totals, [0.7, 0.5, 0.35, 0.25]), totals, words - extra]).astype(float)


CASES = [(ratio, ratio_counts), (f1, f1_counts), (bleu, bleu_counts), (bleu, lambda rng, n: bleu_counts(rng, n, extra=-1))]
IDS = ["ratio", "f1", "bleu", "bleu of short sentences"]


@pytest.mark.parametrize(("function", "counts_of"), CASES, ids=IDS)
@pytest.mark.parametrize("seed", range(3))
def test_contributions_are_those_of_the_jackknife(function, counts_of, seed):
    n = 400
    counts = counts_of(np.random.default_rng(seed), n)
    score = of_sums(function)[1](np.zeros(n), counts, np.zeros(n, int))
    left_out = np.array([function(counts.sum(axis=0) - row)[0] for row in counts])
    pseudo = n * score.level - (n - 1) * left_out
    assert score.psi.mean() == pytest.approx(score.level, rel=1e-12)
    # the jackknife differs from the delta method by terms of relative order 1/n, here some 1 % of a contribution's spread
    np.testing.assert_allclose(score.psi, pseudo, atol=0.05 * score.psi.std())
    assert score.psi.var(ddof=1) == pytest.approx(pseudo.var(ddof=1), rel=0.03)


@pytest.mark.parametrize(("function", "counts_of"), CASES, ids=IDS)
def test_gradient(function, counts_of):
    sums = counts_of(np.random.default_rng(5), 200).sum(axis=0)
    steps = np.eye(len(sums)) * 1e-4 * sums
    slopes = [(function(sums + step)[0] - function(sums - step)[0]) / (2 * step.sum()) for step in steps]
    # central differences of relative step 1e-4 err by its square, on slopes of order 1 / sums
    np.testing.assert_allclose(function(sums)[1], slopes, rtol=1e-5, atol=1e-7 / sums.min())


def test_weights_count_a_row_so_many_times():
    rng = np.random.default_rng(0)
    counts, times = f1_counts(rng, 60), rng.integers(1, 4, 60)
    level, measure = of_sums(f1)
    again = np.repeat(counts, times, axis=0)
    weighted = measure(np.zeros(60), counts, np.zeros(60, int), times.astype(float))
    assert weighted.level == pytest.approx(level(np.zeros(len(again)), again), rel=1e-12)
    assert weighted.psi.mean() == pytest.approx(weighted.level, rel=1e-12)


def test_f1_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    y, said = rng.integers(0, 2, 300), rng.integers(0, 2, 300)
    counts = np.column_stack([y & said, y, said]).astype(float)
    assert f1(counts.sum(axis=0))[0] == pytest.approx(f1_score(y, said), rel=1e-12)


@pytest.mark.mission("A6")
def test_bleu_from_the_definition():
    """Two sentences, counted by hand below: unigrams 8 of 9, pairs 5 of 7, triples 3 of 5, fours 1 of 3, 10 reference words."""
    said = ["the cat sat on mat", "a dog ran home"]
    references = ["the cat sat on the mat", "the dog ran home"]
    counts = np.zeros(9)
    for hypothesis, reference in zip(said, references, strict=True):
        for k in range(4):
            grams, wanted = (
                Counter(tuple(words[i : i + k + 1]) for i in range(len(words) - k))
                for words in (hypothesis.split(), reference.split())
            )
            counts[k] += sum(min(times, wanted[gram]) for gram, times in grams.items())
            counts[4 + k] += sum(grams.values())
        counts[8] += len(reference.split())
    np.testing.assert_array_equal(counts, [8, 5, 3, 1, 9, 7, 5, 3, 10])
    expected = np.exp(1 - 10 / 9) * (8 / 9 * 5 / 7 * 3 / 5 * 1 / 3) ** 0.25
    assert bleu(counts)[0] == pytest.approx(expected, rel=1e-12)


def test_edges():
    assert np.isnan(ratio(np.array([0.0, 0.0]))[0])
    assert np.isnan(f1(np.zeros(3))[0])
    assert np.isnan(bleu(np.array([0.0] * 9))[0])
    said_too_little = np.array([2.0, 0, 0, 0, 3, 0, 0, 0, 8])  # no two words beside each other: sacrebleu gives 0, too
    assert bleu(said_too_little)[0] == 0
    value, slope = bleu(np.array([5.0, 2, 1, 0, 6, 5, 4, 3, 6]))
    assert value == 0
    assert not slope.any()


@pytest.mark.parametrize(
    ("metric", "counts_of"), [(SEQUENCE_METRICS["entity_f1"], f1_counts), (SEQUENCE_METRICS["bleu"], bleu_counts)]
)
def test_interval_is_inside_0_and_1_around_the_score(metric, counts_of):
    rng = np.random.default_rng(3)
    guesses = [[counts_of(rng, 100)] for _ in range(2)]
    evidence = gather(metric, ["a"], np.zeros(100, int), guesses, folds_of(rng, 100, 2, 5))
    low, high = method_intervals(evidence)[0]
    assert 0 < low < evidence.level[0] < high < 1
    fewer = replace(evidence, groups=np.arange(100) // 5)
    assert row_variance(fewer).shape == (1, 1)
    assert method_intervals(fewer)[0, 0] > 0
