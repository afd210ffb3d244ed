"""Identities between columns and the target, on data made to have one, or none."""

import numpy as np
import pandas as pd
import pytest
from tests.checks.subjects import numbers, subject

from tenon.checks.identities import find_identity, formula, identities


def positive(seed=0, n=400):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: rng.lognormal(sigma=1 + 0.2 * k, size=n) for k, name in enumerate("abcd")})


SUMS = {
    "a + b": lambda X: X["a"] + X["b"],
    "a − c": lambda X: X["a"] - X["c"],
    "−b + d": lambda X: X["d"] - X["b"],
    "2 × b": lambda X: 2 * X["b"],
    "0.4536 × c": lambda X: X["c"] * 0.45359237,
    "1.8 × b + 32": lambda X: 1.8 * X["b"] + 32,
    "a + b + c + d": lambda X: X["a"] + X["b"] + X["c"] + X["d"],
    "0.5 × a − 3 × d − 1": lambda X: 0.5 * X["a"] - 3 * X["d"] - 1,
}
PRODUCTS = {
    "a × b": lambda X: X["a"] * X["b"],
    "a / b": lambda X: X["a"] / X["b"],
    "3 × a × d": lambda X: 3 * X["a"] * X["d"],
    "a^2": lambda X: X["a"] ** 2,
    "c / a / b": lambda X: X["c"] / X["a"] / X["b"],
    "1 / a": lambda X: 1 / X["a"],
    "b^0.5": lambda X: np.sqrt(X["b"]),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("words", SUMS)
def test_sums(words, seed):
    X = numbers(seed, 200, 12)
    found = find_identity(X, SUMS[words](X).to_numpy())
    assert found is not None
    assert formula(found) == words
    assert found.worst == 0
    assert not found.is_product


@pytest.mark.parametrize("words", PRODUCTS)
def test_products(words):
    X = positive()
    found = find_identity(X, PRODUCTS[words](X).to_numpy())
    assert found is not None
    assert found.is_product
    assert formula(found) == words


def test_a_factor_among_columns_with_zeros_and_gaps():
    X = positive().assign(zero=0.0, gaps=lambda X: X["a"].where(X.index % 3 > 0))
    y = (X["b"] * X["c"]).where(X.index % 40 > 0, np.nan).to_numpy()
    found = find_identity(X[np.isfinite(y)], y[np.isfinite(y)])
    assert found is not None
    assert formula(found) == "b × c"


def test_prices_that_were_rounded():
    rng = np.random.default_rng(0)
    net = np.round(rng.uniform(1, 500, 300), 2)
    X = pd.DataFrame({"net": net, "pieces": rng.integers(1, 9, 300).astype(float), "other": rng.normal(size=300)})
    gross = find_identity(X, np.round(net * 1.19, 2))
    assert gross is not None
    assert formula(gross) == "1.19 × net"
    assert 0.001 < gross.worst < 0.02  # half a cent, and what the four figures of the factor lose
    whole = find_identity(X, np.round(net * X["pieces"].to_numpy(), 2))
    assert whole is not None
    assert formula(whole) == "net × pieces"


def test_columns_that_are_sums_of_each_other():
    X = numbers(1, 300, 5).assign(ab=lambda X: X["a"] + X["b"])
    found = find_identity(X, (X["a"] + X["b"] + X["c"]).to_numpy())
    assert found is not None
    assert set(found.columns) in ({"c", "ab"}, {"a", "b", "c"})


@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_a_law_with_noise_is_no_identity(noise):
    X = numbers(2, 400, 4)
    y = (X["a"] + X["b"]).to_numpy()
    assert find_identity(X, y + np.random.default_rng(0).normal(scale=noise * y.std(), size=400)) is None


@pytest.mark.parametrize(("n", "p"), [(40, 60), (100, 300), (31, 2), (20, 3)])
def test_more_columns_than_rows_prove_nothing(n, p):
    rng = np.random.default_rng(n)
    X = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{k}" for k in range(p)])
    assert find_identity(X, rng.normal(size=n)) is None
    assert find_identity(X * 0 + 1, rng.normal(size=n)) is None  # constant columns


def test_a_needle_among_many_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(600, 1000)), columns=[f"x{k}" for k in range(1000)])
    found = find_identity(X, (X["x17"] - X["x900"]).to_numpy())
    assert found is not None
    assert formula(found) == "x17 − x900"


def test_more_columns_than_rows_do_not_hide_an_identity():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 400)), columns=[f"x{k}" for k in range(400)])
    found = find_identity(X, (X["x17"] - X["x300"]).to_numpy())
    assert found is not None
    assert formula(found) == "x17 − x300"


def test_the_sentence():
    rng = np.random.default_rng(0)
    casual, registered = rng.poisson(30, 200).astype(float), rng.poisson(150, 200).astype(float)
    columns = {"casual": casual, "registered": registered, "hum": rng.normal(size=200), "cnt": casual + registered}
    kinds = dict.fromkeys(columns, "number")
    [found] = identities(subject(columns, kinds, "cnt"))
    assert found.line == (
        "! LEAK casual + registered = cnt in every row: leave them out: --kind casual=ignore --kind registered=ignore"
    )
    assert found.options == ("--kind casual=ignore", "--kind registered=ignore")
    without = {name: cells for name, cells in columns.items() if name != "casual"}
    assert list(identities(subject(without, kinds, "cnt"))) == []


def test_marks_of_classes_and_names_with_blanks():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    columns = {"第一 题": a.astype(float), "b": b.astype(float), "y": a + b}
    [found] = identities(subject(columns, {"第一 题": "number", "b": "number"}))
    assert found.sentence.startswith("'第一 题' + b = y in every row")
    assert found.options[0] == "--kind '第一 题=ignore'"
    named = columns | {"y": np.where(a + b > 3, "high", "low")}
    assert list(identities(subject(named, {"第一 题": "number", "b": "number"}))) == []


def test_large_figures_are_not_made_simple():
    X = numbers(0, 200, 3)
    found = find_identity(X, (1234.4 * X["a"] + 98765.3).to_numpy())
    assert found is not None
    assert (found.coefficients[0], found.constant) == pytest.approx((1234.4, 98765.3), rel=1e-9)
    assert found.worst == 0
