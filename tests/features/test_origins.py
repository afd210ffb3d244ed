"""Each encoded feature is told from the column it comes from, in the order of the matrix."""

import numpy as np
import pytest
from tests.datasets import dataset, images, table, texts

from tenon.features.columns import plain
from tenon.features.origins import IS_MISSING, RARE, origins
from tenon.features.recipes import counted, native, scaled


@pytest.mark.parametrize("recipe", [scaled, native])
@pytest.mark.parametrize("make", [lambda tmp: table(), lambda tmp: texts("binary", "zh"), lambda tmp: images(tmp, "binary")])
def test_there_is_one_for_each_column_of_the_matrix(recipe, make, tmp_path):
    data, _ = make(tmp_path)
    transformer = recipe(data.schema, {})
    assert transformer.fit_transform(plain(data)).shape[1] == len(origins(transformer))


def test_of_blocks_the_counts():
    data, _ = table()
    transformer = counted(data.schema, {})
    X = transformer.fit_transform(plain(data))
    assert X["counts"].shape[1] == len(origins(transformer))
    assert {one.kind for one in origins(transformer)} == {"text"}


@pytest.mark.parametrize(("scaling", "step"), [("standard", np.std([1, 2, 3, 6])), ("minmax", 5.0), ("unit", np.nan)])
def test_each_says_what_it_is(scaling, step):
    """A feature is where the one cell that it speaks of makes it differ."""
    cells = {"n": [1.0, 2.0, 3.0, 6.0] * 3, "gap": [1.0, np.nan, 2.0, 3.0] * 3, "c": [*["a", "b", None] * 3, "a", "b", "zz"]}
    data = dataset(cells, {"n": "number", "gap": "number", "c": "category"})
    transformer = scaled(data.schema, {"scaling": scaling})
    X = transformer.fit_transform(plain(data))
    X = X.toarray() if hasattr(X, "toarray") else X
    found = origins(transformer)
    names = [(one.column, one.part) for one in found]
    assert names == [("n", ""), ("gap", ""), ("gap", IS_MISSING), ("c", "a"), ("c", "b"), ("c", IS_MISSING), ("c", RARE)]
    assert found[0].step == pytest.approx(step, nan_ok=True)
    for value, is_there in (("a", [c == "a" for c in cells["c"]]), (RARE, [c == "zz" for c in cells["c"]])):
        assert (X[:, names.index(("c", value))] > 0).tolist() == is_there
