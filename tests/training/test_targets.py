"""Targets that cannot be learnt are told before a training begins, and not by its loss."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tenon.errors import DataError  # noqa: E402
from tenon.tabular.mlp import MLPClassifier  # noqa: E402
from tenon.training.targets import Classes, Labels, Numbers, classes_or_labels, target_from  # noqa: E402


@pytest.mark.parametrize("y", [np.array(["a", None], object), np.array(["a", np.nan], object), np.array([1.0, np.nan])])
def test_a_missing_class_is_refused(y):
    with pytest.raises(DataError, match=r"y holds no class in 1 of 2 rows; leave them out\."):
        Classes.of(y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, None, "a"])
def test_what_is_no_finite_number_is_refused(bad):
    with pytest.raises(DataError, match=r"y holds no finite number in 2 of 3 rows; leave them out\."):
        Numbers.of(np.array([1.5, bad, bad], object if bad in (None, "a") else float))
    assert Numbers.of(np.array([1, 3])) == Numbers(2.0, 1.0)


def test_what_is_no_indicator_is_refused():
    with pytest.raises(DataError, match=r"y holds other cells than 0 and 1, has a label or not, in 1 of 2 rows"):
        Labels.of(np.array([[0, 1], [1, 2]]))


def test_a_matrix_is_labels_and_a_column_of_values_classes():
    assert classes_or_labels(np.eye(3)) == Labels(3)
    assert isinstance(classes_or_labels(np.array([0, 1])), Classes)
    assert target_from(Labels(3).to_json()) == Labels(3)


def test_a_network_learns_labels_each_by_itself():
    """Labels that hang on one column each, one that all rows have and one that none has; as scikit-learn takes and gives them."""
    X = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
    Y = np.column_stack([X > 0, np.ones(400), np.zeros(400)]).astype(int)
    model = MLPClassifier(hidden=(16,), epochs=40, random_state=0).fit(X[:300], Y[:300])
    proba = model.predict_proba(X[300:])
    assert proba.shape == (100, 4)
    assert (model.predict(X[300:]) == (proba > 0.5)).all()
    assert (model.predict(X[300:]) == Y[300:]).mean() > 0.95
    assert model.classes_.tolist() == [0, 1, 2, 3]
