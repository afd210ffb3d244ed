"""The threshold from which on labels are said: beside all thresholds, Lipton's theorem, and rows that no model may look at."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import tenon
from tenon.catalogue import find
from tenon.data.splits import deal_parts
from tenon.label_threshold import EVEN, best_threshold
from tenon.tasks import infer_task
from tests.datasets import table


def f1_at(threshold, has, proba, weights=None):
    return f1_score(has, proba >= threshold, average="micro", sample_weight=weights, zero_division=0)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("steps", [4, 1000])  # of probabilities: with many ties, with hardly any
@pytest.mark.parametrize("is_weighted", [False, True])
def test_no_threshold_is_better(seed, steps, is_weighted):
    rng = np.random.default_rng(seed)
    proba = rng.integers(0, steps + 1, (60, 3)) / steps
    has = rng.random((60, 3)) < 0.3 * proba + 0.1
    weights = rng.integers(1, 5, 60).astype(float) if is_weighted else np.ones(60)
    found = f1_at(best_threshold(has, proba, weights), has, proba, weights)
    assert found == pytest.approx(max(f1_at(level, has, proba, weights) for level in np.unique(proba)), rel=1e-12)


def test_it_is_half_of_the_best_f1_where_probabilities_are_true():
    """Theorem 1 of Lipton et al. 2014; 300,000 cases, around whose best F1 is flat: 0.02 is the width of its top."""
    rng = np.random.default_rng(0)
    proba = rng.beta(0.5, 4, (100_000, 3))
    has = rng.random(proba.shape) < proba
    found = best_threshold(has, proba, np.ones(len(has)))
    assert found == pytest.approx(f1_at(found, has, proba) / 2, abs=0.02)


def test_by_hand():
    one = np.ones(1)
    assert best_threshold(np.array([[True, False]]), np.array([[0.9, 0.2]]), one) == EVEN  # anything between is as good
    assert best_threshold(np.array([[True, False]]), np.array([[0.3, 0.1]]), one) == pytest.approx(0.2)  # midway
    assert best_threshold(np.array([[True, True]]), np.array([[0.8, 0.6]]), one) == EVEN
    assert best_threshold(np.array([[False, False]]), np.array([[0.3, 0.1]]), one) == EVEN  # no label to find
    assert best_threshold(np.zeros((0, 2), bool), np.zeros((0, 2)), np.ones(0)) == EVEN


def test_models_are_asked_about_rows_that_they_have_not_seen():
    """Of nearest neighbours, that know their train rows by heart, those of the other two thirds are asked."""
    data, task = table("multilabel")
    method = find("knn")
    params = method.with_defaults({}) | {"n_neighbors": 1}
    model = method.fit(data, task, params=params, seed=0)
    y = task.encode(data.target)
    part, proba = deal_parts(data, task.strata(y), 3, 0), np.zeros((len(data), len(task.labels)))
    for k in range(3):
        others = method.fit(data.rows(data.row_ids[part != k]), task, params=params, seed=0)
        proba[part == k] = others.predict(data.rows(data.row_ids[part == k]).without_target()).proba
    weights = data.frame["importance"].to_numpy(np.float64)
    assert model.threshold == best_threshold(task.indicator(y), proba, weights)


def test_rare_labels_are_found_that_nothing_is_sure_of(tmp_path):
    """A label of every tenth row, which a column makes three times as likely: from 1/2 on none would be said."""
    rng = np.random.default_rng(0)
    a = rng.random(600)
    cells = [["rare"] if one else [] for one in rng.random(600) < 0.25 * a]
    data = tenon.read(pd.DataFrame({"a": a, "y": cells}), "y")
    task, method = infer_task(data.target)[0], find("logistic")
    model = method.fit(data, task, params=method.with_defaults({}), seed=0)
    said = model.predict(data.without_target())
    assert said.proba.max() < EVEN
    assert f1_score([len(cell) for cell in cells], [len(cell) for cell in said.value]) > 0.2
    model.save(tmp_path / "model")
    assert method.load(tmp_path / "model", data.schema, task).threshold == model.threshold
