"""A second row of a method: how it is typed, what it is called, and that nothing is lost on the way."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenon.errors import SettingsError
from tenon.variant import Variant, method_of, value_of, written

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS


@pytest.mark.parametrize(
    ("text", "name", "settings"),
    [
        ("knn.k=7", "knn k=7", {"k": 7}),
        ("knn.weights=uniform,k=7", "knn k=7 weights=uniform", {"k": 7, "weights": "uniform"}),
        ("knn.weights=uniform,knn.k=7", "knn k=7 weights=uniform", {"k": 7, "weights": "uniform"}),
        ("lenet.views=yes", "lenet views=yes", {"views": "yes"}),
        ("my.module:Mine.depth=null", "my.module:Mine depth=null", {"depth": None}),
        ("mlp.layers=[64, 32],dropout=0.5", "mlp dropout=0.5 layers=[64,32]", {"layers": [64, 32], "dropout": 0.5}),
        ("transfer.checkpoint=C:/a=b.pth", "transfer checkpoint=C:/a=b.pth", {"checkpoint": "C:/a=b.pth"}),
        ('m.x="3"', 'm x="3"', {"x": "3"}),
    ],
)
def test_what_is_typed_and_what_the_row_is_called(text, name, settings):
    variant = Variant.parse(text)
    assert (variant.name, variant.settings) == (name, settings)
    assert method_of(variant.name) == variant.method == text.partition("=")[0].rpartition(".")[0]
    assert Variant.parse(variant.typed) == variant


def test_other_names_are_methods_themselves():
    for name in ("knn", "my.module:Mine", "old model of 2023", "最近邻"):
        assert method_of(name) == name


@given(VALUES | st.lists(VALUES, max_size=3))
@example("3")
@example("NaN")
@example("a\nb")
@example("")
def test_a_value_is_read_as_it_was_written(value):
    again = value_of(written(value))
    assert again == value
    assert type(again) is type(value)
    assert written(value).isprintable()


def test_values_are_json_where_they_can_be():
    assert [value_of(text) for text in ("7", "0.5", "true", "[1, 2]", "uniform", "NaN")] == [
        7,
        0.5,
        True,
        [1, 2],
        "uniform",
        "NaN",
    ]
    assert json.loads(written([1, "a b"])) == [1, "a b"]


@pytest.mark.parametrize("text", ["knn", "knn.k", "k=7", ".k=7", ""])
def test_another_form_is_refused(text):
    with pytest.raises(SettingsError, match=r"--also takes METHOD\.param=value, such as knn\.k=7 or knn\.k=7,weights=uniform"):
        Variant.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("knn.k=7,k=9", "k stands there twice"),
        ("knn.k=7,logistic.C=1", r"'logistic\.C' is no setting of knn; give --also once for each new row"),
        ("knn.=7", "'' is no setting of knn"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(text, message):
    with pytest.raises(SettingsError, match=message):
        Variant.parse(text)
