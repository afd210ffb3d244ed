import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenon.data import text_cells
from tenon.data.cells import convert
from tenon.data.infer import read_column
from tenon.data.text_cells import LEADING_ZERO, TextCells, count_different, with_nulls

CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "NA",
            " 1.5 ",
            "1,234",
            "007",
            "2024-03-01",
            "2024/3/1",
            "0000-01-01",
            "x",
            "x ",
            "  ",
            " " * 150 + "NULL",
            "5" * 150,
        ]
    ),
    st.text("0123456789.-,eE x", max_size=6),
)


def cells_of(values, by_row, monkeypatch=None):
    """The same column once with its different cells told apart, once row by row, in blocks of three cells."""
    column = pa.chunked_array([values[i : i + 3] for i in range(0, len(values), 3)], pa.large_string())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_cells, "nearly_all_differ", lambda cells: by_row)
        return column, TextCells.of(column, missing=("x",))


@settings(max_examples=150, deadline=None)
@given(st.lists(CELL, min_size=1, max_size=12))
@example(["1,234", "5", "7,000.5"])
@example(["2024-03-01", "2024-03-01 10:00", "2024-3-1"])
def test_row_by_row_is_the_same_as_by_different_cells(values):
    column, plain = cells_of(values, by_row=False)
    _, by_row = cells_of(values, by_row=True)
    assert (plain.is_by_row, by_row.is_by_row) == (False, True)
    for mine, theirs in ((plain, by_row), (plain.with_thousands(), by_row.with_thousands())):
        assert mine.has_thousands == theirs.has_thousands
        for name in ("numbers", "dates", "is_missing", "is_grouped"):
            np.testing.assert_array_equal(mine.laid_out(getattr(mine, name)), theirs.laid_out(getattr(theirs, name)))
    assert (plain.n_present, plain.n_different) == (by_row.n_present, by_row.n_different)
    assert plain.rows_where(plain.matches(LEADING_ZERO)).tolist() == by_row.rows_where(by_row.matches(LEADING_ZERO)).tolist()
    for kind in ("number", "date", "category", "text", "tokens"):
        mine, theirs = (convert(column, kind, cells) for cells in (plain, by_row))
        pd.testing.assert_series_equal(mine.values, theirs.values)
        assert mine.strange.tolist() == theirs.strange.tolist()


def test_missing_words_may_stand_among_many_blanks():
    """Tables exported in columns of fixed width pad every cell."""
    _, cells = cells_of([" " * 250 + "NULL", "a" * 300, " " * 300, "b"], by_row=True)
    assert cells.is_missing.tolist() == [True, False, True, False]


def test_a_long_column_is_worked_on_row_by_row_only_where_its_cells_differ():
    n = 100_000
    ids = pa.chunked_array([pa.array(np.arange(n).astype(str))])
    assert TextCells.of(ids).is_by_row
    assert not TextCells.of(ids.slice(1)).is_by_row  # too few rows
    assert not TextCells.of(pa.chunked_array([np.array(["a", "b"])[np.arange(n) % 2]])).is_by_row


def test_columns_read_alike_however_they_are_worked_on(monkeypatch):
    rng = np.random.default_rng(0)
    columns = {
        "number": [f"{x:.4f}" for x in rng.normal(size=300)],
        "id": [f"k{i:05d}" for i in range(300)],
        "text": [f"a text of several words, number {i}" for i in range(300)],
        "strange": [f"{x:.4f}" for x in rng.normal(size=297)] + ["n.v.t."] * 3,
        "zip": [f"{i:05d}" for i in range(300)],
        "date": [str(np.datetime64("2020-01-01") + i) for i in range(300)],
    }
    plain = [read_column("f", name, pa.chunked_array([cells]), "", ()) for name, cells in columns.items()]
    monkeypatch.setattr(text_cells, "nearly_all_differ", lambda cells: True)
    for mine, (name, cells) in zip(plain, columns.items(), strict=True):
        theirs = read_column("f", name, pa.chunked_array([cells[:100], cells[100:]]), "", ())
        assert (theirs.column, theirs.notes) == (mine.column, mine.notes)
        pd.testing.assert_series_equal(theirs.values, mine.values)


@pytest.mark.parametrize("offset", [0, 2])
def test_nulls_take_no_copy_of_the_text(offset):
    cells = pa.chunked_array([pa.array(["a", "b", None, "d", "e"], pa.large_string()), pa.array(["f"], pa.large_string())]).slice(
        offset
    )
    is_missing = np.array([True, False, False, True, False, True])[offset:]
    expected = [None if gone else cell for cell, gone in zip(cells.to_pylist(), is_missing, strict=True)]
    assert with_nulls(cells, is_missing).to_pylist() == expected


def test_characters_are_shared():
    cells = pa.chunked_array([pa.array(["abc", "def"], pa.large_string())])
    again = with_nulls(cells, np.array([True, False]))
    assert again.chunk(0).buffers()[2].address == cells.chunk(0).buffers()[2].address


def test_different_cells_are_counted():
    n = 150_000
    nearly = pa.chunked_array([np.char.mod("k%d", np.arange(n) - (np.arange(n) % 50 == 1)), [None, "k0"]], pa.large_string())
    few = pa.chunked_array([np.char.mod("k%d", np.arange(n) % 1000)], pa.large_string())
    for cells in (nearly, few):
        assert count_different(cells) == len(set(cells.drop_null().to_pylist())) == pc.count_distinct(cells).as_py()
