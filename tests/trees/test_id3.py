"""ID3 on the textbook's weather, node by node, and what it does with what it does not know."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from tests.trees.weather import CATEGORIES, NUMBERS, PLAY

from tenon.trees import ID3Classifier
from tenon.trees.show import shown, tree_text

TEXTBOOK = """outlook is overcast: yes  (4 rows, 100 %)
outlook is rain:
    wind is strong: no  (2 rows, 100 %)
    wind is weak: yes  (3 rows, 100 %)
outlook is sunny:
    humidity is high: no  (3 rows, 100 %)
    humidity is normal: yes  (2 rows, 100 %)"""


@pytest.mark.mission("C4")
def test_the_textbooks_tree():
    model = ID3Classifier().fit(CATEGORIES, PLAY)
    assert tree_text(shown(model)) == TEXTBOOK
    tree = model.tree_
    gains = {model.feature_names_in_[tree.feature[t]]: tree.gain[t] for t in np.flatnonzero(~tree.is_leaf)}
    assert gains == pytest.approx({"outlook": 0.247, "humidity": 0.971, "wind": 0.971}, abs=5e-4)


@pytest.mark.mission("C4")
def test_the_gain_threshold():
    assert len(ID3Classifier(min_gain=0.24).fit(CATEGORIES, PLAY).tree_) > 1
    assert len(ID3Classifier(min_gain=0.25).fit(CATEGORIES, PLAY).tree_) == 1


def test_a_value_never_seen_takes_the_nodes_majority():
    model = ID3Classifier().fit(CATEGORIES, PLAY)
    rows = pd.DataFrame([["snow", "hot", "high", "weak"], ["sunny", "hot", "damp", "weak"]], columns=CATEGORIES.columns)
    np.testing.assert_allclose(model.predict_proba(rows), [[5 / 14, 9 / 14], [3 / 5, 2 / 5]])
    assert model.predict(rows).tolist() == ["yes", "no"]


def test_missing_is_a_value_of_its_own():
    X = pd.DataFrame({"a": ["x", None, None, "y"]})
    model = ID3Classifier().fit(X, [0, 1, 1, 0])
    assert model.predict(X).tolist() == [0, 1, 1, 0]
    assert model.predict_proba(pd.DataFrame({"a": ["z"]})).tolist() == [[0.5, 0.5]]  # not the branch of the missing ones


def test_numbers_are_refused_or_cut():
    with pytest.raises(ValueError, match="ID3 splits on categories, and column 'degrees' holds numbers: bins=8 cuts them"):
        ID3Classifier().fit(NUMBERS, PLAY)
    model = ID3Classifier(bins=14).fit(NUMBERS, PLAY)
    assert model.score(NUMBERS, PLAY) == 1.0
    named = ID3Classifier(categorical_features=["degrees", "percent"]).fit(NUMBERS, PLAY)
    assert sorted(named.categories_) == [0, 1, 2, 3]


def test_a_sparse_matrix_is_read_as_there_or_not():
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((80, 12)) < 0.3, rng.random((80, 12)), 0.0)
    y = (dense[:, 3] > 0) ^ (dense[:, 7] > 0)
    sparse = ID3Classifier(bins=2).fit(csr_matrix(dense), y)
    table = ID3Classifier(categorical_features=range(12)).fit((dense > 0).astype(float), y)
    np.testing.assert_array_equal(sparse.tree_.feature, table.tree_.feature)
    np.testing.assert_allclose(sparse.tree_.gain, table.tree_.gain, atol=1e-12)  # one counts the zeros, one what they leave
    np.testing.assert_array_equal(sparse.predict_proba(csr_matrix(dense)), sparse.predict_proba(dense))


def test_weights_count_as_repeats():
    times = np.arange(1, 15) % 3
    repeated = CATEGORIES.loc[np.repeat(np.arange(14), times)]
    weighted = ID3Classifier().fit(CATEGORIES, PLAY, sample_weight=times)
    np.testing.assert_allclose(weighted.tree_.counts, ID3Classifier().fit(repeated, np.repeat(PLAY, times)).tree_.counts)
