"""Random numbers of compiled code follow the laws that they should."""

import numpy as np
import pytest
from scipy.stats import chisquare

from tenon.kernels import compiled
from tenon.text.draws import ALWAYS, below, drawn, law, next_bits, passes
from tenon.text.word2vec import NOISE_POWER

N = 200_000
LEAST_P = 1e-4  # of a true law, chi-square goes below this once in 10,000 seeds; seeds are fixed


@compiled
def many_drawn(of, n, seed):
    state, counts = np.full(1, seed, np.uint64), np.zeros(len(of.alias), np.int64)
    for _ in range(n):
        counts[drawn(state, of)] += 1
    return counts


@compiled
def many_passes(threshold, n, seed):
    state, counts = np.full(1, seed, np.uint64), np.zeros(len(threshold), np.int64)
    for i in range(len(threshold)):
        for _ in range(n):
            counts[i] += passes(state, threshold[i])
    return counts


@compiled
def many_below(top, n, seed):
    state, counts = np.full(1, seed, np.uint64), np.zeros(top, np.int64)
    for _ in range(n):
        counts[below(state, top)] += 1
    return counts


@compiled
def bits(n, seed):
    state, found = np.full(1, seed, np.uint64), np.zeros(n, np.uint64)
    for i in range(n):
        found[i] = next_bits(state)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("counts", [[1, 1], [1000, 100, 50, 10, 5, 5, 5, 1]])
def test_noise_follows_counts_to_the_power(counts, seed):
    weights = np.array(counts) ** NOISE_POWER
    found = many_drawn(law(weights), N, np.uint64(seed))
    assert chisquare(found, N * weights / weights.sum()).pvalue > LEAST_P


def test_one_word_is_drawn_always():
    assert many_drawn(law(np.array([7.0])), 99, np.uint64(1)) == 99


def test_the_tables_hold_the_law_itself():
    weights = np.random.default_rng(0).zipf(1.5, 500).astype(float)
    threshold, alias = law(weights)
    share = np.zeros(500)
    stays = (threshold.astype(float) + 1) / 2**32
    np.add.at(share, np.arange(500), stays / 500)
    np.add.at(share, alias, (1 - stays) / 500)
    np.testing.assert_allclose(share, weights / weights.sum(), atol=1e-9)  # thresholds are whole, of 2^32


def test_chances_and_dice():
    thresholds = (np.array([0.001, 0.25, 0.9]) * ALWAYS).astype(np.uint32)
    found = many_passes(thresholds, N, np.uint64(5)) / N
    expected = np.array([0.001, 0.25, 0.9])
    assert (np.abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / N)).all()  # four standard errors
    assert many_passes(np.array([ALWAYS], np.uint32), N, np.uint64(5)) == N
    assert chisquare(many_below(7, N, np.uint64(5))).pvalue > LEAST_P


def test_bits_are_those_of_xorshift64star():
    """By Python's whole numbers, straight from the paper's figure."""
    x, expected = 42, []
    for _ in range(5):
        x ^= x >> 12
        x ^= (x << 25) % 2**64
        x ^= x >> 27
        expected.append(x * 2685821657736338717 % 2**64)
    assert bits(5, np.uint64(42)).tolist() == expected
