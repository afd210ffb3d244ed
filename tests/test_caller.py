"""Arguments made plain, and the caller's own state left as it was."""

import random
import warnings

import numpy as np
import pytest

from tenon import caller
from tenon.errors import SettingsError


def test_numbers_of_numpy_are_plain_numbers():
    assert type(caller.whole("seed", np.int64(7))) is int
    assert type(caller.number("rope", np.float32(0.5))) is float
    assert type(caller.text("task", np.str_("binary"))) is str
    plain = caller.settings({"knn": {"k": np.int64(7), "weights": np.str_("uniform"), "sizes": (np.float64(0.5), True, None)}})
    assert plain == {"knn": {"k": 7, "weights": "uniform", "sizes": [0.5, True, None]}}
    assert [type(value) for value in plain["knn"]["sizes"]] == [float, bool, type(None)]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), ("007", 7), ("٣", 3), ("9" * 9, 999_999_999), ("9" * 10, None), ("9" * 5000, None), ("²", None)]
    + [(text, None) for text in ("", "-1", "1.5", " 1", "1_0", "x")],
)
def test_a_whole_number_is_typed(text, number):
    assert caller.typed_whole(text) == number


def test_names_of_columns_are_texts():
    assert tuple(caller.column("per", name) for name in (3, "a", None)) == ("3", "a", None)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: caller.whole("seed", 1.5), r"seed takes a whole number; got 1\.5\."),
        (lambda: caller.whole("seed", True), r"seed takes a whole number; got True\."),
        (lambda: caller.number("rope", "0.1"), r"rope takes a number; got '0\.1'\."),
        (
            lambda: caller.number("rope", 10**400),
            r"rope takes a number that float64 holds; got a whole number beyond 1\.79769e\+308\.",
        ),
        (lambda: caller.column("per", ["a"]), r"per takes the name of a column; got a list\."),
        (lambda: caller.path("out", 3), r"out takes a path; got 3\."),
        (lambda: caller.text("budget", 10), r"budget takes a text; got 10\."),
        (
            lambda: caller.settings([1]),
            r"settings takes \{method: \{setting: value\}\}, such as \{'knn': \{'k': 7\}\}; got \[1\]\.",
        ),
        (lambda: caller.settings({"knn": 7}), r"settings takes .*; got \{'knn': 7\}\."),
        (lambda: caller.settings({"knn": {"k": float("nan")}}), r"knn\.k takes a text, a finite number, .*; got nan\."),
        (lambda: caller.settings({"knn": {"k": [np.ones(2)]}}), r"knn\.k takes a text, a finite number, .*; got array"),
    ],
)
def test_anything_else_is_refused_by_name(call, said):
    with pytest.raises(SettingsError, match=said):
        call()


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_the_callers_state_comes_back(error):
    np.random.seed(3)  # noqa: NPY002
    random.seed(4)
    filters, drawn = list(warnings.filters), (np.random.get_state()[1].tolist(), random.getstate())  # noqa: NPY002
    try:
        with caller.untouched():
            warnings.filterwarnings("ignore", "as scipy does when it is imported")
            np.random.rand()  # noqa: NPY002
            random.random()
            if error:
                raise error
    except ZeroDivisionError:
        pass
    assert warnings.filters == filters
    assert (np.random.get_state()[1].tolist(), random.getstate()) == drawn  # noqa: NPY002
