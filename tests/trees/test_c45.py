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
    """Quinlan 1993 prints humidity <= 75, a value of the table; ours is the middle of 70 and 85, the sunny days' neighbours."""
    model = C45Classifier(min_samples_leaf=2).fit(NUMBERS, PLAY)
    assert tree_text(shown(model)) == TEXTBOOK
    tree = model.tree_
    ratios = {model.feature_names_in_[tree.feature[t]]: tree.gain[t] for t in np.flatnonzero(~tree.is_leaf)}
    assert ratios == pytest.approx({"outlook": 0.156, "percent": 1.0, "wind": 1.0}, abs=5e-4)  # below the root both classes part


def bits(*counts: int) -> float:
    shares = np.array([count for count in counts if count]) / sum(counts)
    return -(shares * np.log2(shares)).sum()


WHOLE = bits(9, 5)
AT_THE_ROOT = {  # rows that play and that do not, in each branch, counted by hand in the table
    "outlook": (np.nan, WHOLE - 5 / 14 * bits(2, 3) - 4 / 14 * bits(4) - 5 / 14 * bits(3, 2), bits(5, 4, 5)),
    "degrees": (84.0, WHOLE - 13 / 14 * bits(9, 4), bits(13, 1)),  # one hot day, 85, is alone
    "percent": (82.5, WHOLE - 7 / 14 * bits(6, 1) - 7 / 14 * bits(3, 4), bits(7, 7)),
    "wind": (np.nan, WHOLE - 8 / 14 * bits(6, 2) - 6 / 14 * bits(3, 3), bits(8, 6)),
}


@pytest.mark.parametrize("column", AT_THE_ROOT)
def test_each_column_at_the_root_by_hand(column):
    threshold, gain, information = AT_THE_ROOT[column]
    tree = C45Classifier(max_depth=1).fit(NUMBERS[[column]], PLAY).tree_
    np.testing.assert_array_equal(tree.threshold[0], threshold)
    assert tree.gain[0] == pytest.approx(gain / information)


def test_the_best_ratio_must_gain_at_least_the_average():
    """The lonely day has the best ratio, .305, but its gain of .113 is below the average of .140."""
    gains, ratios = ({name: row[1] / row[2] ** power for name, row in AT_THE_ROOT.items()} for power in (0, 1))
    assert max(ratios, key=lambda name: ratios[name]) == "degrees"
    assert gains["degrees"] < np.mean(list(gains.values())) < gains["percent"]
    model = C45Classifier(max_depth=1).fit(NUMBERS, PLAY)
    assert model.feature_names_in_[model.tree_.feature[0]] == "outlook"
    alone = C45Classifier(max_depth=1).fit(NUMBERS[["degrees", "wind"]], PLAY)
    assert alone.tree_.feature[0] == 0  # beside wind alone it gains more than the average


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


def test_a_row_in_parts_goes_on_below_every_branch():
    """Quinlan's row, now with a question below: 5/13 of it among the windy rainy days, which he writes (2.4/0.4), and as much
    among the windy sunny ones.
    """
    table = NUMBERS[["outlook", "wind"]].copy()
    table.loc[11, "outlook"] = None  # overcast and strong, and it plays
    model = C45Classifier(min_samples_leaf=2).fit(table, PLAY)
    tree, part = model.tree_, 5 / 13
    leaves = sorted(tuple(counts) for counts in tree.counts[tree.is_leaf])
    sunny_strong, rain_strong, sunny_weak = (1, 1 + part), (2, part), (2, 1)
    np.testing.assert_allclose(leaves, sorted([(0, 3 + 3 / 13), rain_strong, (0, 3), sunny_strong, sunny_weak]))
    unknown = table.iloc[[11]]  # it asks the three leaves of strong wind, by the shares of the outlooks
    plays = (3 + 3 / 13) * 1 + (5 + part) * part / (2 + part) + (5 + part) * (1 + part) / (2 + part)
    np.testing.assert_allclose(model.predict_proba(unknown)[0, 1], plays / 14)


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
