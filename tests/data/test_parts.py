import numpy as np
import pandas as pd
import pytest
from tests.data.wholly import read_new

from tenon.data.read import read
from tenon.data.wording import Parts, row_numbers, where
from tenon.errors import DataError, SettingsError


def part(folder, name, start, n=20, header="x,k,y"):
    rows = "".join(f"{(start + i) % 7}.5,{'abc'[i % 3]},{'pq'[i % 2]}\n" for i in range(n))
    (folder / name).write_text(f"{header}\n{rows}", encoding="utf-8")
    return folder / name


@pytest.fixture
def parts(tmp_path):
    return [part(tmp_path, f"part-{i}.csv", 20 * i) for i in range(3)]


def test_a_list_a_pattern_and_a_folder_are_the_same_rows(tmp_path, parts):
    one = pd.concat([pd.read_csv(path) for path in parts], ignore_index=True)
    for given in (parts, [str(path) for path in parts], str(tmp_path / "part-*.csv"), tmp_path / "part-?.csv", tmp_path):
        data = read(given, "y")
        assert data.frame["x"].tolist() == one["x"].tolist()
        assert data.frame["k"].tolist() == one["k"].tolist()
        assert data.row_ids.tolist() == list(range(60))
        assert data.how_read == "3 files · UTF-8"
    assert read(tmp_path, "y").name == tmp_path.name
    assert read(parts, "y").name == read(str(tmp_path / "part-*.csv"), "y").name == "part-0.csv and 2 more"


def test_columns_are_put_together_by_name(tmp_path, parts):
    (tmp_path / "part-3.csv").write_text("y,x,k\np,9.5,c\n")
    data = read(tmp_path, "y")
    assert data.frame.iloc[-1].tolist() == [9.5, "c", "p"]


def test_messages_name_the_file_and_its_row(tmp_path, parts):
    rows = parts[1].read_text().splitlines()
    rows[5] = "oops,a,p"
    parts[1].write_text("\n".join(rows))
    note = read(tmp_path, "y").notes[0]
    assert "1 of 60 cells is no number and counts as missing (row 5 of part-1.csv; the first is 'oops')" in note
    schema = read(parts[0], "y").schema
    with pytest.raises(DataError, match=r"part-1\.csv, row 5, column 'x': 'oops' is not a number; correct"):
        read_new(tmp_path / "part-*.csv", schema)
    rows[5], rows[6] = "1,a,", "1,a"
    parts[1].write_text("\n".join(rows))
    with pytest.raises(DataError, match=r"part-1\.csv, row 6: has 2 cells where the first line names 3 columns"):
        read(tmp_path, "y")


def test_bad_targets_and_groups_name_the_file(tmp_path):
    for i, cell in enumerate(["4.5", "n.v.t."]):
        rows = "".join(f"{k},{k + 0.25},g\n" for k in range(30))
        (tmp_path / f"{i}.csv").write_text(f"x,y,g\n{rows}7,{cell},\n")
    with pytest.raises(DataError, match=r"1\.csv, row 31, column 'y': 'n\.v\.t\.' is not a number"):
        read(tmp_path, "y")
    with pytest.raises(DataError, match=r"0\.csv, row 31, column 'g': '', but every row needs its group\."):
        read(tmp_path, "y", group="g", missing=["n.v.t."])


def test_rows_of_several_files_are_counted_in_each():
    parts = Parts("all", ["a", "b", "c"], [20, 20, 40])  # b is empty
    assert [where(parts, row) for row in (0, 19, 20, 39)] == ["a, row 1", "a, row 20", "c, row 1", "c, row 20"]
    assert row_numbers(np.array([3, 19, 25, 30]), parts) == "4 of a, 20 of a, 6 of c, …"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("x,kk,y", r"b\.csv and a\.csv are no parts of one table: b\.csv lacks 'k' and has 'kk' besides; name one"),
        ("x,y", r"b\.csv and a\.csv are no parts of one table: b\.csv lacks 'k'; name one"),
        ("x,k,y,z", r"b\.csv and a\.csv are no parts of one table: b\.csv has 'z' besides; name one"),
    ],
)
def test_columns_that_do_not_agree(tmp_path, header, message):
    part(tmp_path, "a.csv", 0)
    (tmp_path / "b.csv").write_text(f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    with pytest.raises(DataError, match=message):
        read(tmp_path, "y")


def test_types_that_differ_become_numbers_or_text(tmp_path):
    pd.DataFrame({"n": [1, 2], "s": ["a", "b"], "e": [None, None]}).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({"n": [0.5, 2.0], "s": [7, 8], "e": ["x", None]}).to_parquet(tmp_path / "b.parquet")
    data = read(tmp_path)
    assert data.frame["n"].tolist() == [1, 2, 0.5, 2]
    assert data.frame["s"].tolist() == ["a", "b", "7", "8"]
    assert data.frame["e"].isna().tolist() == [True, True, False, True]


def test_a_single_file_is_read_as_itself(tmp_path):
    path = part(tmp_path, "only.csv", 0)
    assert read([path], "y").name == read(str(tmp_path / "on*.csv"), "y").name == read(tmp_path, "y").name == "only.csv"


def test_names_with_brackets_are_no_patterns_where_the_file_is_there(tmp_path):
    assert len(read(part(tmp_path, "data[1].csv", 0), "y")) == 20


def test_what_is_no_list_of_files(tmp_path, parts):
    with pytest.raises(DataError, match=r"no file matches '.*none-\*\.csv'"):
        read(tmp_path / "none-*.csv", "y")
    with pytest.raises(DataError, match=r"a list of data must be a list of paths, with one at least"):
        read([])
    with pytest.raises(DataError, match=r"must be a path, a list of paths or a pandas DataFrame; got ndarray"):
        read(np.zeros((2, 2)))
    with pytest.raises(DataError, match=r"no file '.*part-9\.csv'; did you mean '.*part-.\.csv' or"):
        read([*parts, tmp_path / "part-9.csv"])


def test_final_rows_in_several_files(tmp_path, parts):
    data = read(parts[0], "y", final=tmp_path / "part-[12].csv")
    assert data.final_ids.tolist() == list(range(20, 60))
    (tmp_path / "f").mkdir()
    part(tmp_path / "f", "train.csv", 0)
    part(tmp_path / "f", "test.csv", 0)
    with pytest.raises(SettingsError, match=r"brings its own final rows \(.*\); --final cannot add others"):
        read(tmp_path / "f", "y", final=parts)


def test_a_folder_with_a_table_and_images_is_not_guessed(tmp_path, parts):
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "1.png").write_bytes(b"x")
    with pytest.raises(
        DataError, match=r"is a folder with tables \('part-0\.csv', .*\) and images \('cats/1\.png'\); name the table"
    ):
        read(tmp_path)
