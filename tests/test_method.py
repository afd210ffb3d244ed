"""Settings of a method are checked before anything is fitted."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tenon.catalogue import find
from tenon.errors import MethodError, SettingsError
from tenon.method import Param, Predictions
from tenon.tasks import Task


@pytest.mark.parametrize("value", [-1, 2.5, "abc", None, True, [1], math.nan])
def test_a_count_is_a_whole_number_from_its_least(value):
    with pytest.raises(SettingsError, match=r"knn\.k takes a whole number from 1 on; got"):
        find("knn").with_defaults({"k": value})


@pytest.mark.parametrize("value", ["abc", -0.5, math.inf, None])
def test_a_strength_is_a_number(value):
    with pytest.raises(SettingsError, match=r"ridge\.alpha takes a number, not below 0; got"):
        find("ridge").with_defaults({"alpha": value})


@pytest.mark.parametrize(
    ("method", "setting", "value", "takes"),
    [
        ("mlp", "rate", 0, "a number above 0"),
        ("resnet", "rate", 0.0, "a number above 0"),
        ("lstm", "rate", -1.0, "a number above 0"),
        ("logistic", "C", 0, "a number above 0"),
        ("mlp", "dropout", 1.01, "a number from 0 to 1"),
        ("lenet", "rotation", 181, "a number from 0 to 180"),
        ("lenet", "erasing", -0.1, "a number from 0 to 1"),
        ("efficientnet", "scale", 8, "a whole number from 0 to 7"),
    ],
)
def test_what_would_mean_nothing_is_refused(method, setting, value, takes):
    with pytest.raises(SettingsError, match=rf"^{method}\.{setting} takes {takes}; got {value!r}\.$"):
        find(method).with_defaults({setting: value})


def test_the_ends_of_what_means_something_are_taken():
    assert find("mlp").with_defaults({"dropout": 1.0, "rate": 1e-9, "smoothing": 0})["dropout"] == 1.0
    assert find("efficientnet").with_defaults({"scale": 7})["scale"] == 7


def test_choices_are_named():
    with pytest.raises(SettingsError, match="no value of knn.weights 'distanze'; did you mean 'distance'"):
        find("knn").with_defaults({"weights": "distanze"})


def test_the_range_of_the_search_binds_nobody():
    assert find("knn").with_defaults({"k": 5000})["k"] == 5000
    Param("auto").check("x", object())  # a setting without range or choices is its method's own business


def test_an_unknown_cost_class_is_refused():
    with pytest.raises(SettingsError, match="no cost class of knn 'deer'; did you mean 'dear'"):
        replace(find("knn"), cost="deer")


@pytest.mark.parametrize("said", [["red"], ("red", "mauve"), "red"], ids=str)
def test_a_prediction_of_labels_is_a_tuple_of_them(said):
    task = Task("multilabel", "colours", ("blue", "red"))
    value = np.empty(2, object)
    value[:] = [("blue", "red"), ()]
    Predictions(np.arange(2), value).checked(task, np.arange(2))
    value[1] = said
    with pytest.raises(MethodError, match="which is no tuple of the labels"):
        Predictions(np.arange(2), value).checked(task, np.arange(2))
