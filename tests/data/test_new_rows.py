"""New rows chunk by chunk: the same bytes as all at once, and faults told by their rows in the file before any is handed over."""

import base64
import csv
import gzip
import io
import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tenon.data import delimited, json_rows, lines, new_rows
from tenon.data.chunks import Chunks
from tenon.data.dataset import Column, Schema
from tenon.errors import DataError
from tenon.serve.written import as_csv, as_json, as_json_lines

X = Schema((Column("x", "number"),), 9)


@pytest.fixture
def chunked(monkeypatch):
    """Return what sets the most rows of a chunk, and makes files be read in small pieces."""

    def to(n_rows):
        monkeypatch.setattr(Chunks.even, "__defaults__", (n_rows, 1 << 25))
        monkeypatch.setattr(json_rows, "GROUP", 100)
        monkeypatch.setattr(lines, "GROUP", 100)
        monkeypatch.setattr(delimited, "BLOCKS", (64, 1 << 10, 1 << 20, 1 << 20))
        monkeypatch.setattr(delimited, "PART", 64)
        monkeypatch.setattr(delimited, "LEAST_PART", 1)

    return to


def written(path, write=as_csv):
    """Return what stands in the file of the rows and their x, and of how many chunks it was made."""
    n = 0

    def chunks():
        nonlocal n
        for rows, original in new_rows.open_new(path, X).read():
            assert rows.row_ids.tolist() == original.index.tolist()[1:]
            n += 1
            yield original, rows.frame.rename(columns={"x": "prediction"})

    return "".join(write(chunks())), n


def table(n=60):
    """Columns whose form a cell near their end decides."""
    start = datetime(2024, 1, 1)
    late = [start + timedelta(days=i, microseconds=i == n - 1) for i in range(n)]
    return pa.table(
        {
            "x": np.arange(n) / 7,
            "whole": pa.array([*range(n - 1), None]),
            "never missing": pa.array(range(n), pa.uint8()),
            "flag": pa.array([True] * (n - 1) + [None]),
            "day": pa.array([start + timedelta(days=i) for i in range(n)]),
            "time": pa.array(late),
            "zone": pa.array([day.replace(tzinfo=UTC) for day in late], pa.timestamp("us", "Europe/Paris")),
            "lasted": pa.array([timedelta(days=1)] * (n - 1) + [timedelta(seconds=1.5)]),
            "kind": pa.array(["p", "q"] * (n // 2)).dictionary_encode(),
            "text": ['a\n,"b'] * n,
        }
    )


def write(path, rows):
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(rows, path, row_group_size=7)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(rows, str(path), chunksize=9)
    else:
        with pa.ipc.new_stream(str(path), rows.schema) as stream:
            stream.write_table(rows, max_chunksize=9)


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrow"])
def test_chunks_are_written_as_pandas_writes_the_whole(tmp_path, chunked, name):
    """Lists apart, which pandas writes as it shows them, and whole numbers, which it writes as fractions where one is missing."""
    rows = table()
    write(tmp_path / name, rows)
    theirs = rows.to_pandas().astype({"whole": "Int64"}).assign(prediction=rows["x"].to_numpy())
    records = json.loads(theirs.to_json(orient="records", date_format="iso", double_precision=15))
    for n_rows in (1000, 1, 7, 59):
        chunked(n_rows)
        ours, n_chunks = written(tmp_path / name)
        assert ours == theirs.to_csv(index=False)
        assert n_chunks == -(-60 // n_rows) or n_rows > 1
        lines = written(tmp_path / name, as_json_lines)[0].splitlines()
        assert [json.loads(line) for line in lines] == json.loads(written(tmp_path / name, as_json)[0])
        assert json.loads(written(tmp_path / name, as_json)[0]) == records


@pytest.mark.parametrize(("lists", "last"), [([["a", "b"], []], '["a", null]'), ([[], []], "[1]")])
def test_lists_are_words_or_json_in_all_chunks(tmp_path, chunked, lists, last):
    write(tmp_path / "t.parquet", pa.table({"x": np.ones(21), "l": [*lists * 10, json.loads(last)]}))
    for n_rows in (1000, 4):
        chunked(n_rows)
        cells = pd.read_csv(pa.BufferReader(written(tmp_path / "t.parquet")[0].encode()))["l"].tolist()
        assert cells == [json.dumps(cell) for cell in lists * 10] + [last]


CELLS = st.sampled_from([None, 1, -3, 0.5, 2**60 + 1, True, "a", "", ["a"], [1], [], {"k": "v"}])


@settings(max_examples=40, deadline=None)
@given(cells=st.lists(st.one_of(CELLS, st.integers(0, 9)), min_size=1, max_size=12), n_rows=st.sampled_from([1, 3]))
def test_json_lines_in_groups_have_the_types_of_all(tmp_path_factory, cells, n_rows):
    """Against the inference of Arrow on the whole column, where that is sure: behind a fraction Arrow takes True for 1.0."""
    path = tmp_path_factory.mktemp("lines") / "t.jsonl"
    path.write_text("".join(json.dumps({"x": 1, "c": cell}) + "\n" for cell in cells))
    kinds = {type(cell) for cell in cells}
    if {bool, float} <= kinds or (2**60 + 1 in cells and float in kinds):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "GROUP", 1)
        found = json_rows.open_json_lines(lambda: path.open("rb"), "t.jsonl").whole()
    assert found["c"].to_pylist() == json_rows.to_arrow(cells, "").to_pylist()


@pytest.mark.mission("B10")
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.csv.gz", "t.jsonl"])
def test_text_files_in_chunks(tmp_path, chunked, name):
    rows = [{"x": str(i / 8), "t": "long\n" * (i % 50) + '"', "late": "z" * (i > 70)} for i in range(80)]
    text = pd.DataFrame(rows).to_csv(index=False, sep="\t" if name == "t.tsv" else ",")
    if name == "t.jsonl":
        text = "".join(json.dumps({key: cell for key, cell in row.items() if cell}) + "\n" for row in rows)
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    whole, n_chunks = written(tmp_path / name)
    assert n_chunks == 1
    for n_rows in (1, 7, 79):
        chunked(n_rows)
        ours, n_chunks = written(tmp_path / name)
        assert ours == whole
        assert n_chunks > 1


def test_lines_of_text_in_chunks(tmp_path, chunked):
    """One blank line is an empty cell; a tab in some of them makes no tags."""
    texts = ["第一行，有 tab\t在里面", *(f"text {i}" for i in range(70)), " ", "last"]
    (tmp_path / "t.txt").write_bytes("\r\n".join(texts).encode("gb18030"))
    schema = Schema((Column("review", "text"),), 9)
    for n_rows in (1000, 7):
        chunked(n_rows)
        rows = list(new_rows.open_new(tmp_path / "t.txt", schema).read())
        assert len(rows) > 1 or n_rows == 1000
        cells = [cell for dataset, _ in rows for cell in dataset.frame["review"]]
        assert [None if pd.isna(cell) else cell for cell in cells] == [*texts[:-2], None, "last"]


def test_images_in_chunks(tmp_path, chunked):
    for i in range(8):
        Image.new("L", (2, 2)).save(tmp_path / f"{i}.png")
    chunked(3)
    chunks = list(new_rows.open_new(tmp_path, Schema((Column("picture", "image"),), 9)).read())
    assert [dataset.frame["picture"].to_dict() for dataset, _ in chunks] == [
        {i: f"{i}.png" for i in ids} for ids in ((0, 1, 2), (3, 4, 5), (6, 7))
    ]
    for dataset, original in chunks:
        assert original["picture"].iloc[1:].to_dict() == dataset.frame["picture"].to_dict()


ODD = [
    {"x": 1, "id": 2**60 + 1, "list": [1, 2], "object": {"a": 1, "b": ["p"]}},
    {"x": 2, "id": None, "list": [3, None], "object": {"a": None, "b": None}},
    {"x": 3, "id": 7, "list": None, "object": None},
]


@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet"])
def test_whole_numbers_lists_and_objects_come_out_as_they_came_in(tmp_path, chunked, name):
    if name == "t.jsonl":
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in ODD))
    else:
        write(tmp_path / name, pa.Table.from_pylist(ODD))
    for n_rows in (1000, 1):
        chunked(n_rows)
        lines = written(tmp_path / name, as_json_lines)[0].splitlines()
        assert [json.loads(line) for line in lines] == json.loads(written(tmp_path / name, as_json)[0])
        assert json.loads(written(tmp_path / name, as_json)[0]) == [row | {"prediction": row["x"]} for row in ODD]
        for row, cells in zip(ODD, csv.DictReader(io.StringIO(written(tmp_path / name)[0])), strict=True):
            assert {key: json.loads(cells[key] or "null") for key in row} == row


def test_bytes_and_numbers_that_json_lacks(tmp_path):
    write(tmp_path / "t.parquet", pa.table({"x": [0.1 + 0.2], "file": [b"\xff\x00"], "l": [[1.5, float("nan")]]}))
    [row] = json.loads(written(tmp_path / "t.parquet", as_json)[0])
    assert (base64.b64decode(row["file"]), row["l"]) == (b"\xff\x00", [1.5, None])
    assert row["x"] == pytest.approx(0.1 + 0.2, rel=1e-14)  # 15 figures
    [cells] = csv.DictReader(io.StringIO(written(tmp_path / "t.parquet")[0]))
    assert (base64.b64decode(cells["file"]), json.loads(cells["l"])) == (b"\xff\x00", [1.5, None])


@pytest.mark.parametrize("late", ["5\n", "tall\n", ""])
def test_a_file_that_changes_meanwhile_is_refused(tmp_path, chunked, late):
    """It grows, by a row that was not looked at, or loses its end."""
    chunked(3)
    path = tmp_path / "new.csv"
    path.write_text("x\n" + "1\n" * 20)
    rows = new_rows.open_new(path, X)
    path.write_text("x\n" + "1\n" * (20 if late else 11) + late)
    with pytest.raises(DataError, match=r"new\.csv was changed while its rows were predicted; do it again when"):
        list(rows.read())


def refused(path, schema=X):
    """Return what is said of the rows, none of which may be handed over."""
    with pytest.raises(DataError) as error:
        new_rows.open_new(path, schema)
    return str(error.value)


def test_faults_are_told_by_their_rows_in_the_whole_file(tmp_path, chunked):
    chunked(3)
    path = tmp_path / "new.csv"
    lines = [f"{i},a" for i in range(20)]
    for row, cell in ((9, "tall,a"), (17, "wide,a"), (20, "?!,a")):
        lines[row - 1] = cell
    path.write_text("x,y\n" + "\n".join(lines) + "\n")
    assert refused(path).startswith("new.csv, row 9, column 'x': 'tall' is not a number (3 such cells, rows 9, 17, 20);")
    lines[18] = "1"
    path.write_text("x,y\n" + "\n".join(lines) + "\n1,2,3\n")
    assert refused(path).startswith("new.csv, row 19: has 1 cell where the first line names 2 columns (2 such rows);")
    path.write_text("x,y\n" + "\n".join(lines[:18]) + '\n1,"open\n')
    assert re.match(r"new\.csv, row 19: opens a double quote that is never closed", refused(path))
    (tmp_path / "n.jsonl").write_text('{"x": [1], "t": ["a"]}\n' * 9 + '{"x": [1], "t": [null]}\n')
    said = refused(tmp_path / "n.jsonl", Schema((Column("t", "tokens"),), 9))
    assert said.startswith("n.jsonl, row 10, column 't': a list of tokens or tags holds null")


def test_names_are_looked_at_before_rows(tmp_path, chunked, monkeypatch):
    chunked(3)
    (tmp_path / "new.csv").write_text("y\n" + "1\n" * 20)
    monkeypatch.setattr(Chunks, "even", None)
    assert refused(tmp_path / "new.csv") == "new.csv lacks the one column the model was trained on: 'x'."


def test_several_files_name_the_one_that_is_at_fault(tmp_path, chunked):
    chunked(3)
    for i, last in enumerate(["5", "tall", "7"]):
        (tmp_path / f"p{i}.csv").write_text("x\n" + "1\n" * 7 + f"{last}\n")
    assert refused(tmp_path / "p*.csv").startswith("p1.csv, row 8, column 'x': 'tall' is not a number;")
    (tmp_path / "p1.csv").write_text("x\n")
    assert refused(tmp_path / "p*.csv") == "p1.csv holds only the names of its columns; there are no rows."


def test_the_rows_are_heard_of_once_and_a_small_file_is_read_once(tmp_path, chunked, monkeypatch):
    (tmp_path / "new.csv").write_text("x\n" + "1\n" * 20)
    heard = []
    rows = new_rows.open_new(tmp_path / "new.csv", X, lambda chunk: heard.append(len(chunk)))
    (tmp_path / "new.csv").unlink()
    assert (rows.n_rows, heard, len(list(rows.read()))) == (20, [20], 1)
