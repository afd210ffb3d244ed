import datetime
import re
import sys
import zipfile

import openpyxl
import pytest
from tests.workbooks import write_workbook

from tenon.data.excel import split_sheet
from tenon.data.read import read
from tenon.data.tables import read_table
from tenon.errors import DataError, NeedsExtra

ROWS = [
    ["name", "born", "size", "是", "y"],
    ["张三", datetime.datetime(1990, 1, 2), 1, True, "p"],
    ["李四", None, 2.5, False, "q"],
]


def test_types_are_those_of_the_cells(tmp_path):
    table = read_table(write_workbook(tmp_path / "t.xlsx", data=ROWS))
    assert table.columns.to_pydict() == {
        "name": ["张三", "李四"],
        "born": [datetime.datetime(1990, 1, 2), None],
        "size": [1.0, 2.5],
        "是": [True, False],
        "y": ["p", "q"],
    }
    assert (table.how_read, table.notes) == ("Excel, sheet 'data'", ())


def test_several_sheets(tmp_path):
    path = write_workbook(tmp_path / "t.xlsx", empty=[], a=ROWS, b=[["x"], [5]])
    first = read_table(path)
    assert first.columns.num_rows == 2
    assert first.notes == ("t.xlsx has 3 sheets; 'a' was read. Another one: t.xlsx#empty ('empty', 'b').",)
    named = read_table(tmp_path / "t.xlsx#b")
    assert (named.columns.to_pydict(), named.notes) == ({"x": [5]}, ())
    with pytest.raises(DataError, match=r"t\.xlsx has no sheet 'bb'; did you mean 'b'\? Sheets: empty, a, b\."):
        read_table(tmp_path / "t.xlsx#bb")
    with pytest.raises(DataError, match=r"t\.xlsx, sheet 'empty', is empty"):
        read_table(tmp_path / "t.xlsx#empty")


def test_a_sheet_is_a_data_set(tmp_path):
    write_workbook(tmp_path / "t.xlsx", a=[["x"], [1]], b=[["x", "y"], *([k % 7, "pq"[k % 2]] for k in range(30))])
    data = read(f"{tmp_path}/t.xlsx#b", "y")
    assert (data.name, data.source, len(data)) == ("t.xlsx", f"{tmp_path}/t.xlsx#b", 30)


def test_a_file_whose_name_holds_the_mark(tmp_path):
    path = write_workbook(tmp_path / "t.xlsx#1.xlsx", a=ROWS)
    assert split_sheet(path) == (path, "")
    assert read_table(path).columns.num_rows == 2


def test_empty_rows_and_columns_are_passed_over(tmp_path):
    rows = [[], ["x", "y", None, None], [], [1, "a", None, None], [None, None], [2, "b"], []]
    assert read_table(write_workbook(tmp_path / "t.xlsx", a=rows)).columns.to_pydict() == {"x": [1, 2], "y": ["a", "b"]}


def test_a_format_far_from_the_table(tmp_path):
    """A cell that only has a format stretches the sheet to a million rows of 16,000 columns."""
    path = write_workbook(tmp_path / "t.xlsx", data=[["a", "b"], [1, "x"]])
    book = openpyxl.load_workbook(path)
    book["data"].cell(1_000_000, 1).number_format = "0.00"
    book["data"].cell(2, 16_000).number_format = "0.00"
    book.save(path)
    assert read_table(path).columns.to_pydict() == {"a": [1], "b": ["x"]}


def test_a_title_above_the_names_is_told(tmp_path):
    path = write_workbook(tmp_path / "t.xlsx", data=[["Sales"], ["a", "b"], [1, "x"]])
    assert read_table(path).notes[0].startswith("The first row of t.xlsx holds 'Sales' alone;")
    assert not read_table(write_workbook(tmp_path / "u.xlsx", data=[["a"], ["x"]])).notes


def test_mixed_columns_become_text(tmp_path):
    rows = [["x", "when"], [1, datetime.datetime(2024, 3, 1)], ["n.v.t.", "soon"], [2.5, None]]
    columns = read_table(write_workbook(tmp_path / "t.xlsx", a=rows)).columns.to_pydict()
    assert columns == {"x": ["1", "n.v.t.", "2.5"], "when": ["2024-03-01", "soon", None]}


def test_errors_are_missing_with_a_note(tmp_path):
    table = read_table(write_workbook(tmp_path / "t.xlsx", a=[["x"], [1], ["#DIV/0!"], ["#N/A"]]))
    assert table.columns.to_pydict() == {"x": [1, None, None]}
    assert table.notes == ("t.xlsx: 2 cells hold errors and count as missing (the first in row 2, column 'x').",)


FORMULAS = [["a", "b", "twice", "y"], [1, 5, "=A2*2", "p"], [2, None, "=A3*2", "q"], [3, 7, "=A4*2", "p"]]
NOT_COMPUTED = "t.xlsx: formulas in 'twice' have no stored values and count as missing; open the file in a spreadsheet program "


def test_formulas_that_no_program_has_computed_are_told(tmp_path):
    table = read_table(write_workbook(tmp_path / "t.xlsx", a=FORMULAS))
    assert table.columns.to_pydict() == {"a": [1, 2, 3], "b": [5, None, 7], "twice": [None] * 3, "y": ["p", "q", "p"]}
    assert table.notes == (f"{NOT_COMPUTED}and save it once.",)
    some = [*FORMULAS[:3], [3, 7, 6, "p"]]
    assert read_table(write_workbook(tmp_path / "t.xlsx", a=some)).notes == table.notes
    assert not read_table(write_workbook(tmp_path / "u.xlsx", a=[[*row[:2], row[3]] for row in FORMULAS])).notes


def test_formulas_with_values_are_their_values(tmp_path):
    """As Excel and LibreOffice write them, the value beside the formula; one cell is empty."""
    write_workbook(tmp_path / "bare.xlsx", a=FORMULAS)
    with zipfile.ZipFile(tmp_path / "bare.xlsx") as bare, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as computed:
        for name in bare.namelist():
            content = re.sub(rb"(<f>A(\d)\*2</f>)(?:<v ?/>|<v></v>)", rb"\1<v>\2</v>", bare.read(name))
            computed.writestr(name, content)
    table = read_table(tmp_path / "t.xlsx")
    assert table.columns.to_pydict()["twice"] == [2, 3, 4]
    assert not table.notes


def test_what_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    with pytest.raises(DataError, match=r"bad\.xlsx is no Excel workbook that can be read"):
        read_table(tmp_path / "bad.xlsx")
    with pytest.raises(DataError, match=r"t\.xlsx is empty"):
        read_table(write_workbook(tmp_path / "t.xlsx", a=[], b=[]))
    with pytest.raises(DataError, match=r"t\.xlsx holds only the names of its columns"):
        read_table(write_workbook(tmp_path / "t.xlsx", a=[["x", "y"]]))
    (tmp_path / "old.xls").write_bytes(b"x")
    with pytest.raises(DataError, match=r"old\.xls: a file of this kind cannot be read \(save it as \.xlsx\)"):
        read_table(tmp_path / "old.xls")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(NeedsExtra, match=r"bad\.xlsx: reading Excel files needs openpyxl: pip install 'tenon\[excel\]'\."):
        read_table(tmp_path / "bad.xlsx")
