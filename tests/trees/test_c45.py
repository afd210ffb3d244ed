"""C4.5 on the weather with numbers, and Quinlan's own example of a missing value."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from tests.trees.weather import CATEGORIES, NUMBERS, PLAY

from tenon.trees import C45Classifier
from tenon.trees.show import shown, tree_text

TEXTBOOK = """outlook is overcast: yes  (4 rows, 100 %)
outlook is rain:
    wind is strong: no  (2 rows, 100 %)
    wind is weak: yes  (3 rows, 100 %)
outlook is sunny:
    percent <= 77.5: yes  (2 rows, 100 %)
    percent > 77.5: no  (3 rows, 100 %)"""


def test_the_textbooks_tree():
    model = C45Classifier(min_samples_leaf=2).fit(NUMBERS, PLAY)
    assert tree_text(shown(model)) == TEXTBOOK
    assert model.tree_.gain[0] == pytest.approx(0.156, abs=5e-4)


def test_quinlans_missing_value():
    """Quinlan 1993, section 3.2: without one outlook the gain is .199, the split information 1.809, the ratio .110."""
    outlook = CATEGORIES[["outlook"]].copy()
    outlook.loc[11, "outlook"] = None  # overcast, 72, 90, true
    tree = C45Classifier(max_depth=1).fit(outlook, PLAY).tree_
    assert tree.gain[0] == pytest.approx(0.199 / 1.809, abs=5e-4)
    by_value = {int(code): counts for code, counts in zip(tree.code[1:], tree.counts[1:], strict=True)}
    share = np.array([3, 5, 5]) / 13  # overcast, rain and sunny among the rows that are known
    np.testing.assert_allclose([by_value[v].sum() for v in range(3)], np.array([3, 5, 5]) + share)
    np.testing.assert_allclose(by_value[0], [0, 3 + 3 / 13])  # the row plays


def test_an_unknown_row_asks_all_branches():
    model = C45Classifier(min_samples_leaf=2).fit(NUMBERS, PLAY)
    row = NUMBERS.iloc[[0]].assign(outlook=None, percent=90.0, wind="weak")
    np.testing.assert_allclose(model.predict_proba(row), [[5 / 14, 9 / 14]])  # only the sunny branch says no


def test_no_threshold_beats_the_chosen_one():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=40), rng.integers(0, 2, 40)
    tree = C45Classifier(max_depth=1).fit(x[:, None], y).tree_

    def remaining(cut: float) -> float:
        parts = [y[x <= cut], y[x > cut]]
        shares = [np.bincount(part, minlength=2) / max(1, len(part)) for part in parts]
        return sum(len(p) * -(s[s > 0] * np.log2(s[s > 0])).sum() for p, s in zip(parts, shares, strict=True))

    assert remaining(tree.threshold[0]) == pytest.approx(min(remaining(cut) for cut in np.sort(x)[:-1]))


def test_sparse_and_dense_make_the_same_tree():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((120, 6)) < 0.4, rng.normal(size=(120, 6)), 0.0)
    y = dense[:, 0] + dense[:, 1] > 0.1
    sparse, table = C45Classifier().fit(csr_matrix(dense), y), C45Classifier().fit(dense, y)
    np.testing.assert_array_equal(sparse.tree_.feature, table.tree_.feature)
    np.testing.assert_array_equal(sparse.tree_.threshold, table.tree_.threshold)
