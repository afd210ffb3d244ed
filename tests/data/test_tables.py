import csv
import gzip
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.data import delimited
from tenon.data.tables import read_table
from tenon.errors import DataError


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(table):
    return table.columns.to_pydict()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter_though_others_stand_in_the_cells(tmp_path, delimiter):
    others = " ".join(set(",;\t|") - {delimiter})
    text = f"a{delimiter}名字\n1{delimiter}x {others} y\n2{delimiter}{others} {others}\n"
    table = read_table(write(tmp_path / "t.csv", text))
    assert cells(table) == {"a": ["1", "2"], "名字": [f"x {others} y", f"{others} {others}"]}


@pytest.mark.parametrize(
    ("codec", "how_read"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM removed)"),
        ("utf-16", "UTF-16 (BOM removed)"),
        ("gb18030", "GB18030"),
    ],
)
def test_finds_the_encoding_of_chinese(tmp_path, codec, how_read):
    text = "文本,标签\n" + "酒店很好，早餐也不错,好\n" * 3
    table = read_table(write(tmp_path / "t.csv", text.encode(codec)))
    assert table.how_read == how_read
    assert cells(table) == {"文本": ["酒店很好，早餐也不错"] * 3, "标签": ["好"] * 3}


@pytest.mark.parametrize("cells_in", [["Müller", "Straße"], ["étonné", "café"], ["Ångström", "naïve"], ["“5 €” – ok"]])
def test_western_european_comes_last_with_a_note(tmp_path, cells_in):
    """Some of these are legal GB18030 too: "Müller" would read as "M黮ler"."""
    table = read_table(write(tmp_path / "t.csv", "\n".join(["a", *cells_in]).encode("cp1252")))
    assert cells(table) == {"a": cells_in}
    assert table.how_read == "Windows-1252"
    assert "read as Windows-1252" in table.notes[0]


@pytest.mark.parametrize("codec", ["cp1251", "shift-jis", "big5", "koi8-r"])
def test_other_encodings_are_not_guessed(tmp_path, codec):
    text = {
        "cp1251": "Привет, как дела",
        "koi8-r": "Привет, как дела",
        "shift-jis": "これは良い本です",
        "big5": "這個酒店的早餐很好，服務員也熱情",
    }
    with pytest.raises(DataError, match=r"t\.csv, line 2: the byte 0x.. is not UTF-8, and the text reads neither as GB18030 nor"):
        read_table(write(tmp_path / "t.csv", ("text\n" + f"{text[codec]}\n" * 5).encode(codec)))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_text_with_a_broken_byte_is_not_read_in_another_encoding(tmp_path, codec):
    good = "酒店很好，早餐也不错\n".encode(codec) * 200
    name = codec.upper()
    with pytest.raises(DataError, match=rf"t\.csv, line 202: the byte 0xFF is not {name}, but the rest of the text is; correct"):
        read_table(write(tmp_path / "t.csv", b"a\n" + good + b"caf\xff\n" + good))
    with pytest.raises(DataError, match=r"line 202: .* is \(2 such bytes\)"):
        read_table(write(tmp_path / "t.csv", b"a\n" + good + b"x\xffy\xffz\n" + good))


def test_latin_1_that_is_legal_gb18030_at_all():
    """Else the test above would not test the choice between the two."""
    assert "Müller".encode("latin-1").decode("gb18030") == "M黮ler"


TEXT = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
def test_cells_come_back_as_they_were_written(tmp_path_factory, rows):
    """Against Python's csv module, which quotes whatever needs it: line ends, quotes, delimiters."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    table = read_table(write(tmp_path_factory.mktemp("csv") / "t.csv", out.getvalue()))
    assert list(zip(*cells(table).values(), strict=True)) == rows


def test_cells_stay_text(tmp_path):
    table = read_table(write(tmp_path / "t.csv", "zip,x\n01234,1.50\n,NA\n"))
    assert cells(table) == {"zip": ["01234", ""], "x": ["1.50", "NA"]}


def test_a_row_longer_than_a_block(tmp_path):
    long = "字" * 7_000_000  # 21 MB, the first block holds 1 MB
    table = read_table(write(tmp_path / "t.csv", f"a,b\n1,{long}\n2,x\n"))
    assert cells(table)["b"] == [long, "x"]


def test_a_row_longer_than_the_longest_block(tmp_path, monkeypatch):
    """2 GB are the most that Arrow takes; here it is 4 KB."""
    monkeypatch.setattr(delimited, "BLOCKS", (1 << 10, 1 << 11, 1 << 12, 1 << 12))
    with pytest.raises(DataError, match=r"t\.csv: a row is longer than 2 GB; is a double quote never closed\?"):
        read_table(write(tmp_path / "t.csv", f"a,b\n1,{'x' * 10_000}\n"))


def test_what_arrow_cannot_parse_is_told_in_its_words(tmp_path, monkeypatch):
    """No text is known that does so; a later Arrow may know one."""

    def refuse(*_, **__):
        raise pa.ArrowInvalid("CSV parser got out of sync with chunker")

    monkeypatch.setattr("pyarrow.csv.open_csv", refuse)
    with pytest.raises(DataError, match=r"t\.csv: the text cannot be parsed as a table \(CSV parser got out of sync .*\)\."):
        read_table(write(tmp_path / "t.csv", "a,b\n1,2\n"))


def test_quoted_line_ends_where_blocks_meet(tmp_path):
    row = '"' + "line\n" * 40 + '",x\n'
    n = 100_000  # 20 MB: the first block of 1 MB ends inside a cell
    table = read_table(write(tmp_path / "t.csv", "a,b\n" + row * n))
    assert table.columns.num_rows == n
    assert table.columns["a"][n - 1].as_py() == "line\n" * 40


def test_empty_lines_before_the_names(tmp_path):
    path = write(tmp_path / "t.csv", '\r\n\n"a\nb",c\n1,2\n\n3,4\n')
    assert cells(read_table(path)) == {"a b": ["1", "3"], "c": ["2", "4"]}
    with pytest.raises(DataError, match=r"row 2: has 1 cell where"):
        read_table(write(path, '\r\n\n"a\nb",c\n1,2\n\n3\n'))


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("last", ['"x\n"', '"\n"', '"a ""b"""', "x", '"x\r\n\n"'])
def test_a_last_cell_that_is_closed(tmp_path, last, end):
    path = tmp_path / "t.csv"
    path.write_bytes(f"a,b\n1,{last}{end}".encode())
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [cells(read_table(path))] == [{name: [row[name] for row in expected] for name in "ab"}]


@pytest.mark.parametrize("text", ['a,b\n1,"x\n2,y\n', 'a,b\n"x,1\n2,y\n', 'a,b\n0,0\n1,"x\n2,y'])
def test_a_quote_that_is_never_closed(tmp_path, text):
    row = 1 + text.count("0,0")
    with pytest.raises(
        DataError, match=rf"t\.csv, row {row}: opens a double quote that is never closed, so that all that follows"
    ):
        read_table(write(tmp_path / "t.csv", text))


def test_tsv_whose_quotes_are_part_of_the_cells(tmp_path):
    table = read_table(write(tmp_path / "t.tsv", 'a\tb\n"hello\tx\ny\t5" pipe\n'))
    assert cells(table) == {"a": ['"hello', "y"], "b": ["x", '5" pipe']}
    assert "never closed" in table.notes[0]


def test_tsv_with_quoted_line_ends(tmp_path):
    table = read_table(write(tmp_path / "t.tsv", 'a\tb\n"two\nlines"\tx\n'))
    assert cells(table) == {"a": ["two\nlines"], "b": ["x"]}


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("extension", ["csv", "jsonl", "json", "parquet"])
def test_every_format_plain_and_gzipped(tmp_path, extension, suffix):
    frame = pd.DataFrame({"名字": ["张三", "李四"], "x": [1.5, 2.0]})
    out = io.BytesIO()
    if extension == "parquet":
        frame.to_parquet(out)
    elif extension == "csv":
        frame.to_csv(out, index=False)
    else:
        frame.to_json(out, orient="records", lines=extension == "jsonl", force_ascii=False)
    content = out.getvalue()
    table = read_table(write(tmp_path / f"t.{extension}{suffix}", gzip.compress(content) if suffix else content))
    assert table.columns.column_names == ["名字", "x"]
    assert [str(x) for x in cells(table)["x"]] == ["1.5", "2.0"]


def test_json_lines_with_gaps_and_mixed_types(tmp_path):
    lines = [{"a": 1, "b": "x"}, {"b": 2, "c": ["u", "v"]}, {"a": 2.5, "b": None}]
    table = read_table(write(tmp_path / "t.jsonl", "\n\n".join(json.dumps(line) for line in lines)))
    assert cells(table) == {"a": [1.0, None, 2.5], "b": ["x", "2", None], "c": [None, ["u", "v"], None]}


def test_blanks_around_names_go_with_a_note(tmp_path):
    table = read_table(write(tmp_path / "t.csv", " a , 标签\n1,2\n"))
    assert table.columns.column_names == ["a", "标签"]
    assert table.notes == ("Blanks around column names, and line ends in them, were removed: 'a', '标签'.",)


def test_names_are_one_line_each(tmp_path):
    """Line ends come from cells of a spreadsheet, other control characters from anywhere."""
    table = read_table(write(tmp_path / "t.csv", '"size\n (cm)","a\x1b[31mb","\u2028x"\n1,2,3\n'))
    assert table.columns.column_names == ["size (cm)", "a [31mb", "x"]


@pytest.mark.parametrize(("first", "is_told"), [("0,no", True), ("0,label", False), ("size,label", False), ("no,yes", False)])
def test_a_first_line_of_cells_among_words(tmp_path, first, is_told):
    """A number, and a word that stands in its column again."""
    rows = "".join(f"{k},{'yes' if k % 2 else 'no'}\n" for k in range(10))
    notes = read_table(write(tmp_path / "t.csv", f"{first}\n{rows}")).notes
    assert any("taken as the names" in note for note in notes) == is_told


def test_a_column_without_name_is_called_by_its_place(tmp_path):
    table = read_table(write(tmp_path / "t.csv", ",a\n0,x\n"))
    assert table.columns.column_names == ["column 1", "a"]
    assert "called by their place" in table.notes[0]


def test_a_file_that_seems_to_lack_names(tmp_path):
    assert "taken as the names" in read_table(write(tmp_path / "t.csv", "5.1,3.5\n4.9,3.0\n")).notes[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", r"t\.csv is empty"),
        ("t.csv", "\n \n", r"t\.csv is empty"),
        ("t.csv", "a,b\n", r"t\.csv holds only the names of its columns"),
        ("t.csv", "a,b", r"t\.csv holds only the names of its columns"),
        ("t.csv", b"\xff\xfe", r"t\.csv is empty"),
        ("t.csv", "x" * 200_000, r"t\.csv: the first line, with the names of the columns, cannot be parsed .* is it a table"),
        ("t.csv", "a,b\n1,2\n\n3\n4,5,6\n", r"t\.csv, row 2: has 1 cell where the first line names 2 columns \(2 such rows\)"),
        ("t.csv", 'a,b\n"x\ny",2\n3,4,5\n', r"t\.csv, row 2: has 3 cells"),
        ("t.csv", "a,b,a\n1,2,3\n", r"t\.csv has 2 columns called 'a' \(columns 1, 3\)"),
        ("t.csv", "a,b\n1,\x002\n", r"t\.csv, line 2: holds a NUL character"),
        ("t.csv", b"\xff\xfea", r"begins with the mark of UTF-16 but is not"),
        ("t.docx", "x", r"t\.docx: a file of this kind cannot be read; Tenon reads \.csv"),
        ("t.zip", "x", r"t\.zip: a file of this kind cannot be read \(unpack it\); Tenon reads \.csv"),
        ("t.csv.gz", b"\x1f\x8bxx", r"t\.csv\.gz is a damaged gzip file"),
        ("t.parquet", "x", r"t\.parquet is not a Parquet file"),
        ("t.jsonl", '{"a": 1}\n{"a"\n', r"t\.jsonl, line 2: not a JSON object"),
        ("t.jsonl", '{"a": 1}\n[1]\n', r"t\.jsonl, line 2: holds a list, not an object"),
        ("t.json", '{"a": 1}', r"t\.json holds an object; a list of objects"),
        ("t.json", "[1]", r"t\.json, row 1: holds a number"),
        ("t.json", "[{}]", r"t\.json holds no columns"),
        ("t.json", "[" * 100_000, r"t\.json is not valid JSON"),
        ("t.jsonl", '{"a": "x"}\n{"a": "\\ud83d"}\n', r"t\.jsonl, column 'a', row 2: holds half a character \(\\ud83d alone\)"),
        ("t.json", '{"a": 1}\n{"a": 2}', r"t\.json is not valid JSON .* call it \.jsonl"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        read_table(write(tmp_path / name, content))


def test_ragged_rows_far_into_a_long_file_keep_their_number(tmp_path):
    """Long enough for Arrow to parse several blocks at once, where it knows no row numbers."""
    rows = ["x" * 100 + ",y"] * 400_000
    rows[345_677] += ",z"
    with pytest.raises(DataError, match=r"row 345,678: has 3 cells"):
        read_table(write(tmp_path / "t.csv", "a,b\n" + "\n".join(rows)))


def test_a_missing_file_is_answered_with_near_names(tmp_path):
    write(tmp_path / "reviews.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"no file '.*reveiws\.csv'; did you mean '.*reviews\.csv'\?"):
        read_table(tmp_path / "reveiws.csv")
    with pytest.raises(DataError, match=r"there is no folder"):
        read_table(tmp_path / "nowhere" / "reviews.csv")


def test_memory_stays_within_a_few_times_the_file(tmp_path):
    import pyarrow as pa

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(50_000, 8)))
    frame.to_csv(tmp_path / "t.csv", index=False)
    size = (tmp_path / "t.csv").stat().st_size
    before = pa.total_allocated_bytes()
    table = read_table(tmp_path / "t.csv")
    # text cells plus 4 bytes of offset for each: under 1.3 times the file at about 19 characters a cell
    assert pa.total_allocated_bytes() - before < 1.3 * size
    assert table.columns.num_rows == 50_000
