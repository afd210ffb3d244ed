import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenon.data.cells import convert
from tenon.data.infer import read_column, read_features
from tenon.data.text_cells import TextCells
from tenon.errors import DataError


def column(values, name="c", kind="", missing=()):
    return read_column("f.csv", name, pa.chunked_array([pa.array(values)]), kind, missing)


def kind_of(values, name="c"):
    return column(values, name).column.kind


WORDS = "red green blue small large round old new fast slow".split()


def sentences(n):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, 6)) for _ in range(n)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e2", "+4", " 5 ", ".5", "7."] * 3, "number"),
        (["1", "0"] * 20, "number"),
        (["01234", "90210"] * 20, "category"),
        (["0", "10"] * 20, "number"),
        (["0.5", "0.25"] * 20, "number"),
        (["2024-01-31", "2024-02-29"] * 20, "date"),
        (["2024/1/31", "2024/12/1"] * 20, "date"),
        (["2024年1月31日", "2023年12月1日"] * 20, "date"),
        (["2024-01-31 10:00", "2024-01-31T10:00:01.5Z"] * 20, "date"),
        (["red", "green", "blue"] * 20, "category"),
        (["very good indeed", "not so good today"] * 20, "category"),
        (sentences(50), "text"),
        ([f"酒店的早餐很好第{i}次" for i in range(50)], "text"),
        (["苹果", "香蕉", "梨"] * 20, "category"),
        ([chr(0x4E00 + i) + chr(0x5000 + i) for i in range(50)], "text"),
        ([f"u{i:05d}" for i in range(50)], "ignore"),
        ([f"u{i:05d}" for i in range(10)], "category"),
        (["x"] * 50, "ignore"),
        (["", "NA"] * 20, "ignore"),
        (["x", ""] * 20, "category"),
        ([str(i + 1) for i in range(50)], "ignore"),
        ([str(i + 1990) for i in range(50)], "number"),
        (["yes", "no", "?"] * 20, "category"),
        (["John Smith " + str(i) for i in range(40)], "text"),
        (["1,5", "2,75"] * 20, "category"),
        (["1e999", "5"] * 1, "category"),
        (["True", "False"] * 20, "category"),
    ],
)
def test_guesses_of_text_columns(values, kind):
    assert kind_of(values) == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, None, 2], "number"),
        ([1.5, float("nan"), 2.0], "number"),
        ([True, False, None], "category"),
        ([datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)], "date"),
        ([decimal.Decimal("1.5"), decimal.Decimal("2.5")], "number"),
        ([["a", "b"], ["c"]], "tokens"),
        ([[1, 2], [3]], "ignore"),
        ([{"a": 1}, {"a": 2}], "ignore"),
        ([None, None], "ignore"),
        ([float("nan"), float("nan")], "ignore"),
        ([3, 3, 3], "ignore"),
        (list(range(50)), "ignore"),
        ([b"\x89PNG123", None], "image"),
        ([b"abc"], "ignore"),
        ([datetime.timedelta(1), datetime.timedelta(2)], "ignore"),
    ],
)
def test_guesses_of_typed_columns(values, kind):
    assert kind_of(values) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("id", "category"), ("user_id", "category"), ("userId", "category"), ("Order ID", "category")]
    + [("paid", "number"), ("grid", "number"), ("idle", "number")],
)
def test_whole_numbers_under_the_name_of_an_id(name, kind):
    assert kind_of([str(x) for x in [5, 7, 9, 12] * 10], name) == kind
    assert kind_of([str(3 * x) for x in range(40)], name) == ("ignore" if kind == "category" else "number")


@pytest.mark.mission("B1")
def test_every_guess_has_a_reason():
    for values in (["1", "2"], ["a", "b"], ["x", "x"], sentences(30), ["2024-01-01", "2024-01-02"], ["", ""], ["01", "02"]):
        assert column(values).column.reason


def test_cells_that_are_no_numbers_count_as_missing_with_a_note():
    values = [str(i % 7 + 0.5) for i in range(100)]
    values[3], values[8], values[20] = "n.v.t.", "inf", "n.v.t."
    reading = column(values, "prijs")
    assert reading.column.kind == "number"
    assert reading.values.isna().to_numpy().nonzero()[0].tolist() == [3, 8, 20]
    assert reading.notes == (
        "Column 'prijs': 3 of 100 cells are no numbers and count as missing (row 4, 9, 21; the first is 'n.v.t.'). "
        "Confirm with --missing n.v.t., or keep them with --kind prijs=category.",
    )
    assert reading.column.missing == ("n.v.t.", "inf")  # so that new rows are read alike


def test_named_missing_cells_need_no_note():
    values = [str(i % 7 + 0.5) for i in range(20)] + ["n.v.t."] * 20
    assert kind_of(values) == "category"
    reading = column(values, missing=("n.v.t.",))
    assert (reading.column.kind, reading.notes) == ("number", ())


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("{},5", "numbers with a comma"),
        ("1.{}34,50", "numbers with a comma"),
        ("{} %", "numbers with a sign"),
        ("€ {}.50", "numbers with a sign"),
        ("{}.12.2024", "dates"),
        ("12/{}/24", "dates"),
    ],
)
def test_forms_that_are_not_read_are_told(cell, what):
    reading = column([cell.format(i % 3 + 1) for i in range(30)], "prijs")
    assert reading.column.kind == "category"
    assert f"Column 'prijs' seems to hold {what}, such as {cell.format(1)!r}, but is read as a category" in reading.notes[0]
    assert column([cell.format(i % 3 + 1) for i in range(30)], kind="category").notes == ()


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["7294", "43,875", "?", ""], [7294, 43875, None, None]),  # plain numbers of the same size
        (["12", "1,234,567"], [12, 1234567]),  # two groups
        (["1,234.5", "-2,000"], [1234.5, -2000]),  # a decimal point
        (["300", "0", "2,500"], [300, 0, 2500]),
        (["2,500", "unknown, lost"] + ["400"] * 28, [2500, None] + [400] * 28),
    ],
)
def test_commas_between_thousands(values, numbers):
    reading = column(values * 10, "收入 (元)")
    assert (reading.column.kind, reading.column.has_thousands) == ("number", True)
    assert reading.values.astype(object).where(reading.values.notna(), None).tolist() == numbers * 10
    assert "have commas between thousands" in reading.notes[0]
    assert reading.notes[0].endswith("If that is wrong: --kind '收入 (元)=category'.")
    assert column(values * 10, kind="number").values.equals(reading.values)
    assert column(values * 10, kind="category").notes == ()


@pytest.mark.parametrize(
    "values",
    [
        ["1,234", "43,875"],  # nothing tells which comma it is
        ["44", "43,875"],  # plain numbers of the size that a decimal comma gives
        ["7294", "43,875", "2,5"],
        ["7294", "43,875"] * 20 + ["2,5"],  # one decimal comma says what the others are
        ["7294", "0,875"],
        ["0", "7,298"],
        ["1.234,5", "43,875", "7294"],
        ["1,00,000", "2,00,000"],
    ],
)
def test_commas_in_doubt_are_not_read_over(values):
    reading = column(values * 10, "x")
    assert (reading.column.kind, reading.column.has_thousands) == ("category", False)


def test_thousands_in_a_column_of_their_own_values():
    """Once taken for an identifier: every cell that is there is different, but most are missing."""
    values = ["?", ""] * 30 + [str(7000 + 3 * i) for i in range(20)] + [f"{10 + i},{100 + 7 * i}" for i in range(20)]
    assert kind_of(values) == "number"


def test_identifiers_stand_in_most_rows_and_are_no_numbers():
    ids = [f"u{i:05d}" for i in range(50)]
    assert column(ids).column.reason == "a different value in every row, like an identifier"
    assert column([*ids, "", ""]).column.reason == "a different value in nearly every row, like an identifier"
    assert kind_of(ids + [""] * 60) == "category"
    assert kind_of([str(i) for i in range(100, 130)] + ids[:20]) == "category"  # 60 % numbers
    assert kind_of([str(3 * i) for i in range(50)] + [""] * 60, "user_id") == "category"


RNG = np.random.default_rng(1)
PHONES = RNG.integers(13_000_000_000, 19_000_000_000, 100)


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        (PHONES, "ignore"),
        (RNG.integers(2_000_000_000, 9_999_999_999, 100), "ignore"),
        (np.repeat(PHONES[:50], 2), "number"),
        (PHONES + 0.5, "number"),
        (RNG.integers(1_300_000_000, 1_400_000_000, 100), "number"),  # Unix times
        (1000 * RNG.integers(1_300_000_000, 1_400_000_000, 100), "number"),
        (np.round(np.logspace(9, 14, 100)), "number"),  # amounts spread over many sizes
        (PHONES // 1000, "number"),
    ],
)
def test_long_whole_numbers(numbers, kind):
    for values in (numbers.tolist(), [repr(x) for x in numbers.tolist()]):
        reading = column(values, "电话")
        assert reading.column.kind == kind
        assert kind == "number" or "(else --kind '电话=number')" in reading.column.reason
    assert column(numbers.tolist(), "电话", kind="number").column.kind == "number"


def test_dates_in_two_forms_are_told():
    values = [f"2020-01-{i % 28 + 1:02d}" for i in range(86)] + [f"{i + 1}/01/2020" for i in range(14)]
    reading = column(values, "first seen")
    assert reading.column.kind == "category"
    assert reading.notes == (
        "Column 'first seen': 86 of 100 cells are dates, but 14 are not (row 87, 88, 89, …; the first is '1/01/2020'), so it is "
        "read as a category. Write all as 2024-12-31, or use --kind 'first seen=date': the others then count as missing.",
    )
    assert column(values, kind="date").values.isna().sum() == 14


def test_numbers_among_other_cells_are_told_where_they_are_no_codes():
    values = [str(i) for i in range(85)] + ["-"] * 15
    assert "85 of 100 cells are numbers, but 15 are not (row 86, 87, 88, …; the first is '-')" in column(values).notes[0]
    assert column(["1", "2", "3", "more"] * 10).notes == ()
    assert column([f"{i:05d}" for i in range(60)] + ["K1A 0B1"] * 40).notes == ()
    assert "seems to hold numbers with a comma, such as '1,5'" in column(["1,5", "2,5", "3"] * 10).notes[0]


def test_columns_with_nothing_strange_have_no_notes():
    for values in (["1.5", "2"], ["a", "b,5"], ["", ""], ["2024-01-01"] * 3, sentences(30), ["A-1-2", "B-1-2"]):
        assert column(values).notes == ()


def test_infinite_numbers_name_row_and_column():
    with pytest.raises(DataError, match=r"f\.csv, row 2, column 'c': inf is not a finite number"):
        column([1.0, float("inf")])


def test_a_given_kind_that_no_cell_fits():
    with pytest.raises(DataError, match=r"f\.csv, column 'c' holds no number in any row; row 1 is 'a'"):
        column(["a", "b"], kind="number")


def test_given_kinds():
    assert column(["1", "2"], kind="category").values.tolist() == ["1", "2"]
    assert column([1.0, 2.0], kind="category").values.tolist() == ["1", "2"]
    assert column([True, None], kind="category").values.tolist()[0] == "True"
    assert column(["a b", " c "], kind="tokens").values.tolist() == [["a", "b"], ["c"]]
    assert column(["3", "x"], kind="number").values.isna().tolist() == [False, True]
    assert column(["1", "2"], kind="category").column.reason == "given by --kind"


def test_words_that_differ_in_every_row_are_read_where_nothing_else_is():
    words = pa.chunked_array([[f"{a}{b}" for a in WORDS for b in WORDS]])
    assert [r.column.kind for r in read_features("f", {"word": words}, {}, ())] == ["text"]
    more = {"word": words, "n": pa.chunked_array([np.arange(100) % 7])}
    assert [r.column.kind for r in read_features("f", more, {}, ())] == ["ignore", "number"]
    assert more == {}  # so that the text of a column is not held while the next ones are read


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        (["1", ""], "number", "float64"),
        (["a", ""], "category", "str"),
        ([" a b c ", ""], "text", "str"),
        (["2024-01-01", ""], "date", "datetime64[us]"),
        ([datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), None], "date", "datetime64[us]"),
        ([5, None], "category", "str"),
    ],
)
def test_dtypes_of_the_kinds(values, kind, dtype):
    values = convert(pa.chunked_array([pa.array(values)]), kind).values
    assert values.dtype == dtype
    assert values.isna().tolist() == [False, True]


def test_dates_are_what_they_say():
    cells = [
        "2024-02-29",
        "2024/2/29",
        "2024年2月29日",
        "2024-02-29T01:00:00+01:00",
        "2024-02-29 00:00",
        "2023-02-29",
        "29.2.2024",
    ]
    dates = convert(pa.chunked_array([cells]), "date")
    assert dates.values[:5].tolist() == [pd.Timestamp("2024-02-29")] * 5
    assert dates.strange.tolist() == [5, 6]


@example([".55", "5.", "-.5e-3", "1e999", "1e", ".", "+.5", "1_0", "--1", "12345678901234567890"])
@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("0123456789+-.eEinfa_ ", max_size=8), min_size=1, max_size=10))
def test_numbers_agree_with_python(cells):
    """Python's float is the reference, but for what it takes and tables do not mean: inf, nan and underscores."""

    def slow(cell):
        try:
            value = float(cell)
        except ValueError:
            return np.nan
        return value if np.isfinite(value) and "_" not in cell else np.nan

    text = TextCells.of(pa.chunked_array([cells]))
    np.testing.assert_array_equal(text.numbers[text.codes], [slow(cell) for cell in cells])
