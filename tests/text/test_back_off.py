"""N-gram probabilities: by hand, against plain loops over dictionaries, and as probabilities, which sum to 1."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from tenon.text.back_off import NGrams, discounts

END, A, B, C = 0, 1, 2, 3


def arrays(texts):
    return [np.array(text, np.int64) for text in texts]


def after(grams, context, n_events):
    """The probabilities of all events after a context at the beginning of a text."""
    return np.array([grams.probabilities(arrays([[*context, event]]))[-1] for event in range(n_events)])


@pytest.mark.parametrize("smoothing", ["kneser-ney", "witten-bell"])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_probabilities_sum_to_one_after_every_context(smoothing, n):
    """Ten digits: sums of a few shares."""
    rng = np.random.default_rng(n)
    texts = [[*rng.choice([A, B, C, 4], rng.integers(0, 7), p=[0.6, 0.2, 0.15, 0.05]), END] for _ in range(30)]
    grams = NGrams.learnt(arrays(texts), 6, n, smoothing)  # event 5 was never seen
    for length in range(4):
        for context in product([A, B, C, 4, 5], repeat=length):
            p = after(grams, context, 6)
            assert p.sum() == pytest.approx(1, abs=1e-10)
            assert p.min() > 0


def test_witten_bell_by_hand():
    """Texts "a b" and "a": after the beginning a stood 2 times of 2, as 1 kind; singly a 2, the end 2, b 1, of 5, 3 kinds."""
    grams = NGrams.learnt(arrays([[A, B, END], [A, END]]), 4, 2, "witten-bell")
    single = {A: (2 + 3 / 4) / 8, B: (1 + 3 / 4) / 8, END: (2 + 3 / 4) / 8, C: 3 / 4 / 8}
    assert grams.probabilities(arrays([[A]])) == pytest.approx([(2 + single[A]) / 3])
    assert grams.probabilities(arrays([[A, C, B]]))[1:] == pytest.approx([2 * single[C] / 4, single[B]])  # nothing followed c


def test_discounts_by_hand():
    """Counts 1, 1, 1, 1, 2, 2, 3, 4: n1 = 4, n2 = 2, n3 = n4 = 1, so Y = 4 / 8."""
    counts = np.array([1, 1, 1, 1, 2, 2, 3, 4])
    assert discounts(counts) == pytest.approx((1 - 2 * 0.5 * 2 / 4, 2 - 3 * 0.5 * 1 / 2, 3 - 4 * 0.5 * 1 / 1))
    assert discounts(np.array([7, 9])) == (0.5, 1.0, 1.5)


def by_loops(texts, n_events, n):
    """Interpolated modified Kneser-Ney as a function (event, context), with dictionaries of tuples."""
    begin = n_events
    whole = [(begin, *text) for text in texts]
    seen = {k: Counter(text[i - k : i] for text in whole for i in range(k, len(text) + 1)) for k in range(1, n + 1)}
    counts = {}
    for k in range(1, n + 1):
        counts[k] = {
            gram: raw if k == n or gram[0] == begin else len({longer[0] for longer in seen[k + 1] if longer[1:] == gram})
            for gram, raw in seen[k].items()
            if gram != (begin,)
        }

    def p(event, context):
        if context is None:
            return 1 / n_events
        k = len(context) + 1
        those = {gram: count for gram, count in counts[k].items() if gram[:-1] == context}
        lower = p(event, context[1:] if context else None)
        if not those:
            return lower
        d = dict(enumerate(discounts(np.array([*counts[k].values()])), 1))
        taken = {gram: d[min(count, 3)] for gram, count in those.items()}
        gram, total = (*context, event), sum(those.values())
        return (those.get(gram, 0) - taken.get(gram, 0)) / total + sum(taken.values()) / total * lower

    return p


@pytest.mark.mission("F8")
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_kneser_ney_is_that_of_plain_loops(n):
    rng = np.random.default_rng(7)
    texts = [(*rng.choice([A, B, C], rng.integers(1, 8), p=[0.6, 0.3, 0.1]), END) for _ in range(25)]
    grams, p = NGrams.learnt(arrays(texts), 5, n, "kneser-ney"), by_loops(texts, 5, n)
    asked = [(*rng.choice([A, B, C, 4], 6), END) for _ in range(10)]
    expected = [p(text[i], (5, *text)[max(0, i + 2 - n) : i + 1]) for text in asked for i in range(len(text))]
    np.testing.assert_allclose(grams.probabilities(arrays(asked)), expected, rtol=1e-12)


def test_texts_do_not_reach_into_one_another():
    grams = NGrams.learnt(arrays([[A, B, END], [B, END], [END]]), 4, 3, "kneser-ney")
    asked = arrays([[A, B, END], [END], [B, B, END]])
    apart = np.concatenate([grams.probabilities([one]) for one in asked])
    np.testing.assert_array_equal(grams.probabilities(asked), apart)
    assert grams.probabilities([]).shape == (0,)
