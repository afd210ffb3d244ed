"""How often a word is kept, which windows there are, and skip-gram and CBOW beside a slow version from the definitions."""

from itertools import pairwise

import numpy as np
import pytest

from tenon.text.draws import ALWAYS, law
from tenon.text.huffman import NO_PATHS, huffman_paths
from tenon.text.windows import Rules, Vectors, keep_thresholds, learn

V, DIM, RATE = 6, 16, 0.1
TEXT = np.array([0, 1, 2, 3, 0, 4, 1, 5, 2, 0], np.int32)
BOUNDS = np.array([0, 6, 10])


def test_chances_to_be_kept_as_in_word2vec_c():
    """Worked by hand: shares .9, .099, .001 and sample .01: (sqrt(90) + 1) / 90, (sqrt(9.9) + 1) / 9.9, 1."""
    found = keep_thresholds(np.array([900, 99, 1]), 0.01) / ALWAYS
    np.testing.assert_allclose(found, [(np.sqrt(90) + 1) / 90, (np.sqrt(9.9) + 1) / 9.9, 1], atol=1e-9)  # whole, of 2^32
    assert (keep_thresholds(np.array([900, 99, 1]), 0) == ALWAYS).all()


def weights(seed=0) -> Vectors:
    random = np.random.default_rng(seed)
    return Vectors(*(random.normal(size=(V, DIM)).astype(np.float32) for _ in range(2)))


def slow(vectors, is_skipgram, window, outputs_of):
    """The same with plain loops over float64; the window does not shrink."""
    w, c = (matrix.astype(float) for matrix in vectors)
    for start, stop in pairwise(BOUNDS):
        sentence = TEXT[start:stop]
        for place, word in enumerate(sentence):
            around = [sentence[j] for j in range(max(0, place - window), min(len(sentence), place + window + 1)) if j != place]
            outputs, labels = outputs_of(word)
            x = w[around] if is_skipgram else w[around].mean(axis=0, keepdims=True)
            error = RATE * (labels - 1 / (1 + np.exp(-x @ c[outputs].T)))
            change, of_out = error @ c[outputs], error.T @ x
            np.add.at(w, around, change)  # CBOW: each takes the whole of it
            np.add.at(c, outputs, of_out)
    return w, c


@pytest.mark.mission("F3")
@pytest.mark.parametrize("is_skipgram", [True, False])
@pytest.mark.parametrize("is_tree", [True, False])
def test_the_same_as_plain_loops(is_skipgram, is_tree):
    """Window 1 cannot shrink, and noise that is always word 5 leaves nothing to chance."""
    paths = huffman_paths(np.array([9, 7, 5, 3, 2, 1]))

    def outputs_of(word):
        if is_tree:
            way = slice(paths.bounds[word], paths.bounds[word + 1])
            return paths.nodes[way], paths.labels[way]
        n_noise = 0 if word == 5 else 2
        return np.array([word] + [5] * n_noise), np.array([1.0] + [0.0] * n_noise)

    noise = law(np.array([0, 0, 0, 0, 0, 1.0]))
    rules = Rules(is_skipgram, 1, 0 if is_tree else 2, np.full(V, ALWAYS, np.uint32), noise, paths if is_tree else NO_PATHS)
    vectors = weights()
    expected = slow(vectors, is_skipgram, 1, outputs_of)
    learn(TEXT, BOUNDS, rules, vectors, (RATE, RATE), np.uint64(1))
    for found, wanted in zip(vectors, expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)  # float32 after a dozen steps


def test_windows_shrink_evenly():
    """In a sentence of one word in the middle and strangers, how far a stranger is decides how often it learns.

    Only word 0 has an output that is not zero, so a stranger moves exactly when 0 is within its window.
    """
    n, window = 4000, 3
    sentence = np.array([1, 2, 3, 0], np.int32)  # distances 3, 2, 1
    keep = np.full(V, ALWAYS, np.uint32)
    moved = np.zeros(4)
    for seed in range(1, n + 1):
        vectors = Vectors(np.zeros((V, DIM), np.float32), np.zeros((V, DIM), np.float32))
        vectors.outputs[0] = 1
        rules = Rules(True, window, 1, keep, law(np.array([0, 0, 0, 0, 0, 1.0])), NO_PATHS)
        learn(sentence, np.array([0, 4]), rules, vectors, (RATE, RATE), np.uint64(seed * 7919))
        moved += (vectors.inputs[:4] != 0).any(axis=1)
    expected = np.array([1, 2, 3]) / window
    assert (np.abs(moved[1:] / n - expected) <= 4 * np.sqrt(expected * (1 - expected) / n)).all()  # four standard errors


def test_frequent_words_are_thinned_out():
    """A word that is kept with chance 1/4 stands beside the other in a quarter of the sentences."""
    n = 4000
    keep = np.array([ALWAYS // 4] + [ALWAYS] * (V - 1), np.uint32)
    rules = Rules(True, 1, 1, keep, law(np.array([0, 0, 0, 0, 0, 1.0])), NO_PATHS)
    n_moved = 0
    for seed in range(1, n + 1):
        vectors = Vectors(np.zeros((V, DIM), np.float32), np.zeros((V, DIM), np.float32))
        vectors.outputs[0] = 1
        learn(np.array([0, 1], np.int32), np.array([0, 2]), rules, vectors, (RATE, RATE), np.uint64(seed * 104729))
        n_moved += bool((vectors.inputs[1] != 0).any())
    assert abs(n_moved / n - 0.25) < 4 * np.sqrt(0.25 * 0.75 / n)
