"""NAME=VALUE options, whatever the name holds."""

import pytest

from tenon.cli.options import read_kinds, read_predictions, read_settings
from tenon.errors import SettingsError


def test_a_column_may_hold_an_equals_sign():
    assert read_kinds(["mean radius=ignore", "a=b=category", "邮编=category"]) == {
        "mean radius": "ignore",
        "a=b": "category",
        "邮编": "category",
    }


@pytest.mark.parametrize("text", ["zip", "=category"])
def test_kinds_without_a_name_are_refused(text):
    with pytest.raises(SettingsError, match="--kind takes NAME=KIND"):
        read_kinds([text])


def test_values_are_json_where_they_can_be():
    given = ["knn.k=7", "knn.p=0.5", "m.flag=true", "m.none=null", "m.name=uniform", "m.path=a=b", "m.list=[1, 2]"]
    assert read_settings(given) == {
        "knn": {"k": 7, "p": 0.5},
        "m": {"flag": True, "none": None, "name": "uniform", "path": "a=b", "list": [1, 2]},
    }


def test_a_method_of_ones_own_has_dots_in_its_name():
    assert read_settings(["my.module:Mine.depth=3"]) == {"my.module:Mine": {"depth": 3}}


@pytest.mark.parametrize("text", ["k=7", "knn.k", ".k=7", "knn.=7"])
def test_settings_of_another_form_are_refused(text):
    with pytest.raises(SettingsError, match=r"--set takes METHOD\.param=value, such as knn\.k=7; got"):
        read_settings([text])


def test_predictions_are_names_and_files():
    assert read_predictions(["old=a/old.csv", "new=b=c.csv"]) == {"old": "a/old.csv", "new": "b=c.csv"}
    for wrong in ("old.csv", "=old.csv", "old="):
        with pytest.raises(SettingsError, match="--predictions takes NAME=FILE"):
            read_predictions([wrong])
    with pytest.raises(SettingsError, match="--predictions old=… was given twice"):
        read_predictions(["old=a.csv", "old=b.csv"])
