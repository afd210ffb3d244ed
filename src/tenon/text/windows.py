"""word2vec's way through a corpus: frequent words thinned out, windows of random width, a step for each window.

Mikolov et al. 2013, arXiv:1301.3781 (skip-gram, CBOW) and arXiv:1310.4546 (negative sampling, thinning); details as in the
authors' word2vec.c, which the papers leave open: the chance to keep a word, windows that shrink before each word, a rate that
falls linearly. As there, CBOW gives each word of a window the whole gradient of their mean.
"""

from typing import Any, NamedTuple

import numpy as np

from tenon.kernels import compiled, compiled_bare_inline, f32, i64
from tenon.text.draws import ALWAYS, Law, below, drawn, passes
from tenon.text.huffman import Paths
from tenon.text.products import add_row, add_rows, clear_row, put_row
from tenon.text.step import Scratch, scratch, step


class Rules(NamedTuple):
    """What is learnt from a window."""

    is_skipgram: bool
    window: int  # most words on each side
    negative: int  # words of noise; 0: the word's way in the Huffman tree takes their place
    keep: np.ndarray  # (V,) uint32, chance that a word is kept, of 2^32
    noise: Law
    paths: Paths


class Vectors(NamedTuple):
    """The weights, shared by all threads; a row of zeros at the end of each vector fills it up to whole registers."""

    inputs: np.ndarray  # (V, d) float32, of words
    outputs: np.ndarray  # (V, d) float32, of words, or of inner nodes


def keep_thresholds(counts: np.ndarray, sample: float) -> np.ndarray:
    """Return the chance of each word to be kept, (V,) uint32 of 2^32: (sqrt(f / sample) + 1) · sample / f, at most 1.

    f is the word's share of the corpus. With sample 0 all are kept.
    """
    if sample == 0:
        return np.full(len(counts), ALWAYS, np.uint32)
    ratio = counts / (sample * counts.sum())
    return (np.minimum(1, (np.sqrt(ratio) + 1) / ratio) * ALWAYS).astype(np.uint32)


@compiled
def learn(tokens: np.ndarray, bounds: np.ndarray, rules: Rules, vectors: Vectors, rates: tuple[float, float], seed: Any) -> None:
    """Learn from some sentences. tokens : (n,) int32. bounds : where sentences begin and end in tokens.

    rates : at the first word and behind the last. seed : uint64, not 0.
    """
    state = np.full(1, seed, np.uint64)
    longest, k_most = i64(0), rules.negative + 1
    for i in range(len(bounds) - 1):
        longest = max(longest, bounds[i + 1] - bounds[i])
    for i in range(len(rules.paths.bounds) - 1):
        k_most = max(k_most, rules.paths.bounds[i + 1] - rules.paths.bounds[i])
    s = scratch(2 * rules.window, k_most, vectors.inputs.shape[1])
    kept = np.zeros(longest, np.int32)
    first, n_all = bounds[0], bounds[-1] - bounds[0]
    for i in range(len(bounds) - 1):
        rate = f32(rates[0] + (rates[1] - rates[0]) * (bounds[i] - first) / n_all)
        n = i64(0)
        for place in range(bounds[i], bounds[i + 1]):
            word = tokens[place]
            if passes(state, rules.keep[word]):
                kept[n] = word
                n += 1
        for place in range(n):
            m = _around(kept, n, place, rules.window - below(state, rules.window), s)
            k = _choose_outputs(i64(kept[place]), rules, s, state)
            if m == 0:
                continue
            if rules.is_skipgram:
                _skipgram(s, m, k, vectors, rate)
            else:
                _bag(s, m, k, vectors, rate)


@compiled_bare_inline
def _around(kept: np.ndarray, n: int, place: int, width: int, s: Scratch) -> int:
    """Put the words at most `width` away from a place into s.inputs; return how many."""
    m = i64(0)
    for other in range(max(0, place - width), min(n, place + width + 1)):
        if other != place:
            s.inputs[m] = kept[other]
            m += 1
    return m


@compiled_bare_inline
def _choose_outputs(word: int, rules: Rules, s: Scratch, state: np.ndarray) -> int:
    """Put the outputs of a word with their labels into s: the word and noise, or the nodes on its way. Return how many."""
    if rules.negative == 0:
        start, stop = rules.paths.bounds[word], rules.paths.bounds[word + 1]
        for i in range(start, stop):
            s.outputs[i - start], s.labels[i - start] = rules.paths.nodes[i], rules.paths.labels[i]
        return stop - start
    s.outputs[0], s.labels[0] = word, f32(1)
    k = i64(1)
    for _ in range(rules.negative):
        noise = drawn(state, rules.noise)
        if noise != word:
            s.outputs[k], s.labels[k] = noise, f32(0)
            k += 1
    return k


@compiled_bare_inline
def _skipgram(s: Scratch, m: int, k: int, vectors: Vectors, rate: float) -> None:
    """Let each of the m words around say the word."""
    for j in range(m):
        put_row(s.x[j], vectors.inputs[s.inputs[j]])
    step(s, m, k, vectors.outputs, rate)
    for j in range(m):
        add_row(vectors.inputs[s.inputs[j]], s.change[j])


@compiled_bare_inline
def _bag(s: Scratch, m: int, k: int, vectors: Vectors, rate: float) -> None:
    """Let the mean of the m words around say the word."""
    clear_row(s.x[0])
    for j in range(m):
        s.weight[j] = f32(1) / f32(m)
    add_rows(s.x[0], vectors.inputs, s.inputs, m, s.weight)
    step(s, 1, k, vectors.outputs, rate)
    for j in range(m):
        add_row(vectors.inputs[s.inputs[j]], s.change[0])
