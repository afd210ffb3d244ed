"""Counts of neighbours by brute force, PPMI by hand, and what the vectors say of a language made up for the purpose."""

from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_array
from tests.text.test_word2vec import topics

from tenon.errors import DataError, SettingsError
from tenon.text import PPMI
from tenon.text import ppmi as ppmi_module
from tenon.text.corpus import encoded
from tenon.text.ppmi import neighbour_counts, positive_pmi


@pytest.mark.mission("F2")
def test_pmi_by_hand():
    """24 pairs: a with a 4, a with b 8 and b with a 8, b with b 4: p(a) = p(b) = 1/2; log(8/24 · 4) > 0 > log(4/24 · 4)."""
    found = positive_pmi(csr_array(np.array([[4.0, 8], [8, 4]]))).toarray()
    np.testing.assert_allclose(found, [[0, np.log(4 / 3)], [np.log(4 / 3), 0]])
    assert positive_pmi(csr_array(np.array([[4.0, 8], [8, 4]])), shift=2).nnz == 0  # 4/3 < 2


def test_smoothing_by_hand():
    """Neighbours' counts 16 and 1 to the power 1/2 are as 4 to 1, so that p of the rare one is 1/5 instead of 1/17."""
    counts = np.array([[15.0, 1], [1, 0]])
    found = positive_pmi(csr_array(counts), smoothing=0.5).toarray()
    np.testing.assert_allclose(found[1, 0], np.log((1 / 17) / (1 / 17 * 4 / 5)))
    assert found[0, 1] == 0  # log((1/17) / (16/17 · 1/5)) < 0; unsmoothed it would be log(17/16)


@pytest.mark.mission("F2")
@pytest.mark.parametrize("block", [1, 3, 1 << 22])
def test_neighbours_by_brute_force(monkeypatch, block):
    monkeypatch.setattr(ppmi_module, "BLOCK", block)
    texts = topics(5) + [["a0"], ["a0", "a0"]]
    expected: Counter = Counter()
    for text in texts:
        for i, word in enumerate(text):
            for j in range(max(0, i - 3), min(len(text), i + 4)):
                if j != i:
                    expected[word, text[j]] += (4 - abs(i - j)) / 3
    with encoded(texts) as corpus:
        found, words = neighbour_counts(corpus, 3).toarray(), corpus.vocabulary.words
    for i, a in enumerate(words):
        for j, b in enumerate(words):
            assert found[i, j] == pytest.approx(expected[a, b])


def test_all_dimensions_give_the_matrix_back():
    """Singular values to the power 1: products of rows are those of the matrix's rows."""
    model = PPMI(dim=20, window=2, power=1.0, min_count=1, random_state=0).fit(topics(40))
    rows = model.ppmi_.toarray()
    model.set_params(dim=len(rows) - 1)
    vectors = model.fit(topics(40)).vectors_.matrix
    np.testing.assert_allclose(vectors @ vectors.T, rows @ rows.T, atol=0.02 * (rows @ rows.T).max())  # the last one is left out


def test_words_of_a_topic_come_together():
    vectors = PPMI(dim=10, random_state=0).fit(topics()).vectors_
    for word in ("a0", "b3", "c9"):
        assert {near[0] for near, _ in vectors.nearest(word, 9)} == {word[0]}


def test_what_is_fitted():
    model = PPMI(dim=50, min_count=2, random_state=0).fit([["x", "y", "z"], ["y", "x"]])
    assert model.vectors_.words == ("x", "y")
    assert model.vectors_.matrix.shape == (2, 50)
    assert model.counts_.tolist() == [2, 2]
    assert model.n_words_ == 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"dim": 0}, "dim takes"), ({"shift": 0.5}, "shift takes a number from 1"), ({"smoothing": 2}, "smoothing takes a number"),
     ({"power": -1}, "power takes a number from 0 to 1"), ({"window": 0}, "window takes"), ({"min_count": 0}, "min_count takes")],
)  # fmt: skip
def test_settings_out_of_range(settings, said):
    with pytest.raises(SettingsError, match=said):
        PPMI(**settings).fit([["a", "b"]])


def test_no_neighbours():
    with pytest.raises(DataError, match="no two of the frequent words stand within a window"):
        PPMI(min_count=1).fit([["a"], ["b"]])
