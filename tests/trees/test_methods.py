"""The trees of the catalogue: what they decline, and that a budget is a number of trees."""

from dataclasses import replace

import pytest
from tests.datasets import table

from tenon.catalogue import find
from tenon.data.dataset import Schema
from tenon.trees.methods import METHODS

DATA, TASK = table()


def schema_of(kind: str, n_rows: int) -> Schema:
    columns = tuple(replace(c, kind=kind) if c.name == "remark" else c for c in DATA.schema.columns)
    return Schema(columns, n_rows)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_more_texts_and_images_than_fit_are_declined(method):
    assert method.accepts(schema_of("text", 200_000), TASK) is None
    assert "200,001 rows > 200,000. Try logistic" in method.accepts(schema_of("text", 200_001), TASK)
    declines = method.accepts(schema_of("image", 20_001), TASK) is not None
    assert declines == (method.name in ("c45", "cart", "adaboost"))
    assert method.accepts(schema_of("category", 10**8), TASK) is None


@pytest.mark.parametrize("name", ["adaboost", "forest", "gbdt", "boosting", "boosting-leafwise"])
def test_a_larger_budget_is_more_trees(name):
    method = find(name)
    fits = [method.fit(DATA, TASK, params=method.with_defaults({}), seed=0, budget=budget) for budget in ("quick", "normal")]
    quick, normal = (len(model.estimator.trees_) for model in fits)
    assert quick < normal or name == "adaboost"  # which ends with a tree that knows all
    assert quick <= 50
