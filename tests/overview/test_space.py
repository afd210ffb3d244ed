"""Principal components beside NumPy's SVD, and cells dealt anew without touching what a column holds."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import tenon
from tenon.overview.space import FEWEST_ROWS, MOST, as_texts, dealt, matrix_of, space_of, why_not


def table(n: int = 60, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kind = rng.choice(["red", "green", "blue"], n)
    return pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(5, 3, n), "kind": kind})


@pytest.mark.mission("B2", "C17")
@pytest.mark.parametrize("shape", [(50, 4), (40, 30), (12, 30)])
@pytest.mark.parametrize("is_sparse", [False, True])
def test_shares_and_places_are_those_of_an_svd(shape, is_sparse):
    rng = np.random.default_rng(1)
    X = rng.normal(size=shape) * rng.uniform(0.1, 3, shape[1])
    space = space_of(csr_matrix(X) if is_sparse else X, 0)
    centred = X - X.mean(axis=0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    shares, d = singular**2 / (singular**2).sum(), len(space.shares)
    np.testing.assert_allclose(space.shares, shares[:d], rtol=1e-8)  # ARPACK stops at machine precision times a small factor
    np.testing.assert_allclose(np.abs(space.points), np.abs(centred @ axes[:d].T), atol=1e-6)
    assert d == MOST or shares[:d].sum() >= 0.95 or d == min(shape) - 1
    assert d == 1 or shares[: d - 1].sum() < 0.95


def test_rows_that_are_all_alike_have_no_place():
    assert space_of(np.ones((30, 3)), 0) is None
    assert space_of(csr_matrix(np.ones((30, 3))), 0) is None


def test_cells_dealt_anew_stay_in_their_column_and_those_of_a_column_together():
    matrix, of = matrix_of(tenon.read(table()))
    other = dealt(matrix, of, np.random.default_rng(0))
    names = [origin.column for origin in of]
    for name in ("a", "b", "kind"):
        at = [i for i, one in enumerate(names) if one == name]
        before, after = np.asarray(matrix)[:, at], np.asarray(other)[:, at]
        assert sorted(map(tuple, before)) == sorted(map(tuple, after))  # a one-hot row stays one
        assert not np.array_equal(before, after)


def test_sentences_become_texts():
    frame = pd.DataFrame({"words": [["a", "b"], ["c"]] * 20, "zh": [["中", "国"], ["人"]] * 20})
    data = as_texts(tenon.read(frame, kinds={"words": "tokens", "zh": "tokens"}))
    assert data.frame.iloc[0].tolist() == ["a b", "中国"]
    assert data.schema.features("text") == ["words", "zh"]


def test_what_cannot_be_placed_is_told():
    assert why_not(tenon.read(table(FEWEST_ROWS))) == ""
    assert "at least 20 rows are needed; there are 19" in why_not(tenon.read(table(FEWEST_ROWS - 1)))
    assert why_not(tenon.read(pd.DataFrame({"a": ["1"] * 30}))) == "there is no column of features."
