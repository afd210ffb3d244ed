"""Settings of a method are checked before anything is fitted."""

import math
from dataclasses import replace

import pytest

from tenon.catalogue import find
from tenon.errors import SettingsError
from tenon.method import Param


@pytest.mark.parametrize("value", [-1, 2.5, "abc", None, True, [1], math.nan])
def test_a_count_is_a_whole_number_from_its_least(value):
    with pytest.raises(SettingsError, match=r"knn\.k takes a whole number from 1 on; got"):
        find("knn").with_defaults({"k": value})


@pytest.mark.parametrize("value", ["abc", -0.5, math.inf, None])
def test_a_strength_is_a_number(value):
    with pytest.raises(SettingsError, match=r"logistic\.C takes a number, not below 0; got"):
        find("logistic").with_defaults({"C": value})


def test_choices_are_named():
    with pytest.raises(SettingsError, match="no value of knn.weights 'distanze'; did you mean 'distance'"):
        find("knn").with_defaults({"weights": "distanze"})


def test_the_range_of_the_search_binds_nobody():
    assert find("knn").with_defaults({"k": 5000})["k"] == 5000
    Param("auto").check("x", object())  # a setting without range or choices is its method's own business


def test_an_unknown_cost_class_is_refused():
    with pytest.raises(SettingsError, match="no cost class of knn 'deer'; did you mean 'dear'"):
        replace(find("knn"), cost="deer")
