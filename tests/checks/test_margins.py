"""How the cells of a column lie: each test against SciPy's, p-values by simulation, what summaries still tell."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tenon.checks.margins import Numbers, Values, margins, shifts, told


def summarised(of_column):
    """What is left of rows that are gone."""
    return {respect: one.summary() for respect, one in of_column.items()}


def test_numbers_as_scipy_tests_them():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=400), rng.normal(0.1, 1.2, size=300)
    [ours] = shifts("x", {"number": Numbers.of(one)}, {"number": Numbers.of(other)})
    theirs = scipy.stats.ks_2samp(one, other, method="asymp")
    assert ours.gap == pytest.approx(theirs.statistic, rel=1e-12)
    # SciPy's limit law has a correction for the size of the samples
    assert ours.p == pytest.approx(theirs.pvalue, rel=0.1)


def test_values_as_scipy_tests_them():
    rng = np.random.default_rng(0)
    one, other = (
        pd.Series(rng.choice(list("abc"), n, p=p), dtype="str") for n, p in ((300, [0.5, 0.3, 0.2]), (200, [0.4, 0.3, 0.3]))
    )
    [ours] = shifts("x", {"value": Values.of(one)}, {"value": Values.of(other)})
    table = [[(part == value).sum() for value in "abc"] for part in (one, other)]
    assert ours.p == pytest.approx(scipy.stats.chi2_contingency(table).pvalue, rel=1e-9)
    shares = np.array(table) / [[300], [200]]
    assert ours.gap == pytest.approx(np.abs(shares[1] - shares[0]).sum() / 2)


@pytest.mark.parametrize("known", [dict, summarised])
@pytest.mark.parametrize("kind", ["normal", "whole", "few values", "many values", "missing"])
def test_p_values_of_equal_worlds_are_not_too_small(kind, known):
    """400 pairs of samples of one law: at most 5 % of the p-values may lie below 0.05, but for chance (99.9 % of the draws)."""
    p = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        draw = {
            "normal": lambda n: rng.normal(size=n),  # noqa: B023 called at once
            "whole": lambda n: rng.poisson(3, n).astype(float),  # noqa: B023
            "few values": lambda n: pd.Series(rng.choice(list("abcd"), n, p=[0.6, 0.3, 0.07, 0.03]), dtype="str"),  # noqa: B023
            "many values": lambda n: pd.Series(rng.zipf(1.5, n).astype(str), dtype="str"),  # noqa: B023
            "missing": lambda n: pd.Series(rng.random(n) < 0.03).map({True: "(missing)", False: ""}),  # noqa: B023
        }[kind]
        one, other = draw(350), draw(120)
        respect, of = ("number", Numbers.of) if isinstance(one, np.ndarray) else ("value", Values.of)
        p += [shift.p for shift in shifts("x", known({respect: of(one)}), {respect: of(other)})]
    assert len(p) > 300
    assert np.mean(np.array(p) < 0.05) <= scipy.stats.binom.ppf(0.999, len(p), 0.05) / len(p)


NUMBERS = st.lists(st.integers(-5, 5).map(float), min_size=20, max_size=300)


@given(one=NUMBERS, other=NUMBERS)
def test_the_gap_to_quantiles_is_the_least_that_they_allow(one, other):
    """Never more than that to the numbers themselves, and at most a step less."""
    others, rows = Numbers.of(np.array(one)), {"number": Numbers.of(np.array(other))}
    [exact], [ours] = (list(shifts("x", {"number": known}, rows)) for known in (others, others.summary()))
    assert exact.gap - 0.01 - 1e-12 <= ours.gap <= exact.gap + 1e-12
    assert ours.p >= exact.p


def test_quantiles_by_hand():
    """Of 1 … 200 the k-th quantile is the least number that k % do not lie above: 2k; the lowest is the least number."""
    found = Numbers.of(np.arange(200, 0, -1.0)).summary()
    assert found.sorted.tolist() == [1, *range(2, 201, 2)]
    low, high = found.below(np.array([0.5, 1, 7, 200, 300]))
    assert low.tolist() == [0, 0, 0.03, 1, 1]
    assert high.tolist() == [0, 0.01, 0.04, 1, 1]


def test_common_values_by_hand():
    cells = pd.Series(["a"] * 50 + ["b"] * 30 + ["rare"] * 4 + ["once"], dtype="str")
    short = Values.of(cells).summary()
    assert (short.counts, short.n_rarer, short.n) == ({"a": 50, "b": 30}, 5, 85)
    many = Values.of(pd.Series(np.repeat([f"v{i}" for i in range(40)], np.arange(45, 5, -1)), dtype="str")).summary()
    assert list(many.counts) == [f"v{i}" for i in range(30)]
    rows = {"value": Values.of(pd.Series(["a"] * 40 + ["new"] * 60, dtype="str"))}
    [shift] = shifts("x", {"value": short}, rows)
    assert shift.words == "'(rarer values)' 5.9 % → 60 %"
    assert shift.gap == pytest.approx((abs(0.4 - 50 / 85) + 30 / 85 + (0.6 - 5 / 85)) / 2)


def test_respects_of_each_kind():
    texts = pd.Series(["很好的酒店", "a b", None], dtype="str")
    assert margins("text", texts, None)["script"].counts == {"chinese": 1, "other": 1}
    assert margins("text", texts, None)["length"].sorted.tolist() == [3, 5]
    assert margins("text", texts, None)["missing"].counts == {False: 2, True: 1}
    assert list(margins("tokens", pd.Series([["a", "b"], []]), None)) == ["length"]
    assert margins("date", pd.Series(pd.to_datetime(["2024-01-01"])), None) == {}


def test_texts_of_another_script_are_told():
    chinese, english = (pd.Series([text] * 40, dtype="str") for text in ("酒店很好", "fine"))
    [shift] = told(list(shifts("t", summarised(margins("text", chinese, None)), margins("text", english, None))))
    assert shift.words == "script 'chinese' 100 % → 0 %"


def test_sides_of_images(tmp_path):
    from PIL import Image

    for side in (4, 9):
        Image.new("L", (side, 2)).save(tmp_path / f"{side}.png")
    sides = [margins("image", pd.Series([f"{side}.png"] * 30, dtype="str"), tmp_path) for side in (4, 9)]
    [shift] = told(list(shifts("image", summarised(sides[0]), sides[1])))
    assert shift.words == "median width 4 → 9"
