"""Files that cannot be read, or not as what their names promise: empty, damaged, ragged, in another encoding, no table at all."""

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from tests.bad_input.case import Case

TABLE = "size,label\n" + "".join(f"{k % 7 + k % 2},{'yes' if k % 2 else 'no'}\n" for k in range(40))
KINDS = (
    ".csv, .tsv, .jsonl, .ndjson, .json, .parquet, .feather, .arrow, .xlsx, .xlsm (each also with .gz, .bz2, .xz, .zst) and "
    "folders of images."
)
PIXEL = io.BytesIO()
Image.new("RGB", (2, 2)).save(PIXEL, "PNG")
CHINESE = "酒店很好，早餐也不错,no\n" * 100


def files(contents: Mapping[str, str | bytes], data: str, *words: str, target: str = "label") -> Callable[[Path], list[str]]:
    """Compare `data` by a target where these files stand."""

    def make(folder: Path) -> list[str]:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["compare", data, *(["--target", target] if target else []), *words]

    return make


def file(name: str, content: str | bytes, *words: str, target: str = "label") -> Callable[[Path], list[str]]:
    return files({name: content}, name, *words, target=target)


def images(*names: str, **more: str | bytes) -> Callable[[Path], list[str]]:
    """Compare a folder `pictures` that holds images of these names; more files by their names, with __ for a slash."""
    contents = {f"pictures/{name}": PIXEL.getvalue() for name in names}
    contents |= {f"pictures/{name.replace('__', '/')}.png": content for name, content in more.items()}

    def make(folder: Path) -> list[str]:
        (folder / "pictures").mkdir()
        return files(contents, "pictures", target="")(folder)

    return make


def workbook(sheets: Mapping[str, list[list[object]]], sheet: str = "") -> Callable[[Path], list[str]]:
    """Compare a workbook, or a sheet of it."""

    def make(folder: Path) -> list[str]:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
        book.save(folder / "book.xlsx")
        return ["compare", "book.xlsx" + sheet, "--target", "label"]

    return make


def parquet(columns: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    pd.DataFrame(columns).to_parquet(out)
    return out.getvalue()


def idx(n_dims: int, *sizes: int, kind: int = 8, n_bytes: int | None = None) -> bytes:
    n = 1
    for size in sizes:
        n *= size
    return struct.pack(f">HBB{n_dims}I", 0, kind, n_dims, *sizes) + bytes(n if n_bytes is None else n_bytes)


def digits(**changed: bytes | None) -> Callable[[Path], list[str]]:
    """Compare a folder in the layout of MNIST, some of whose files are others, or not there."""
    contents = {
        "train-images-idx3-ubyte": idx(3, 4, 2, 2),
        "train-labels-idx1-ubyte": idx(1, 4),
        "t10k-images-idx3-ubyte": idx(3, 2, 2, 2),
        "t10k-labels-idx1-ubyte": idx(1, 2),
    }
    contents |= {name.replace("_", "-"): content for name, content in changed.items()}
    return files({f"digits/{name}": content for name, content in contents.items() if content is not None}, "digits", target="")


def says(name: str, make: Callable[[Path], list[str]], sentence: str) -> Case:
    """A case whose message is this sentence, in which <…> stands for what another library says."""
    return Case(name, make, re.sub(r"<…>", "(?:.|\n)+", re.escape(f"tenon: {sentence}")))


def linked(path: str, to: str) -> Callable[[Path], list[str]]:
    """Compare a path that is a link."""

    def make(folder: Path) -> list[str]:
        (folder / path).symlink_to(to)
        return ["compare", path, "--target", "label"]

    return make


def pipe(folder: Path) -> list[str]:
    os.mkfifo(folder / "t.csv")
    return ["compare", "t.csv", "--target", "label"]


def broken_sheet(folder: Path) -> list[str]:
    """Compare a workbook whose sheet ends in the middle."""
    workbook({"a": [["size", "label"], [1, "yes"]]})(folder)
    with zipfile.ZipFile(folder / "book.xlsx") as whole, zipfile.ZipFile(folder / "cut.xlsx", "w") as cut:
        for name in whole.namelist():
            content = whole.read(name)
            cut.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    return ["compare", "cut.xlsx", "--target", "label"]


def two_labels() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array([1, 2]), pa.array(["a", "b"])], names=["label", "label"]), out)
    return out.getvalue()


FILES = (
    says(
        "a name that is nearly there", files({"table.csv": TABLE}, "tabel.csv"), "no file 'tabel.csv'; did you mean 'table.csv'?"
    ),
    says(
        "a folder that is not there", files({}, "data/table.csv"), "no file 'data/table.csv': there is no folder 'data' either."
    ),
    says("no name like it", files({}, "table.csv"), "no file 'table.csv'."),
    says(
        "a link to nothing",
        linked("t.csv", "elsewhere.csv"),
        "t.csv is a link to 'elsewhere.csv', which leads to no file; name the file itself.",
    ),
    says(
        "a link to itself", linked("t.csv", "t.csv"), "t.csv is a link to 't.csv', which leads to no file; name the file itself."
    ),
    says("a pipe", pipe, "t.csv is no file but a folder, a device or a pipe; write what it holds into a file first."),
    says("an empty file", file("t.csv", ""), "t.csv is empty."),
    says("nothing but empty lines", file("t.csv", "\n \n\n"), "t.csv is empty."),
    says("nothing but a byte order mark", file("t.csv", b"\xef\xbb\xbf"), "t.csv is empty."),
    says("header only", file("t.csv", "size,label\n"), "t.csv holds only the names of its columns; there are no rows."),
    says("header only, not ended", file("t.csv", "size,label"), "t.csv holds only the names of its columns; there are no rows."),
    says(
        "a row with too many cells",
        file("t.csv", TABLE + "1,yes,x\n"),
        "t.csv, row 41: has 3 cells where the first line names 2 columns; put cells that hold the delimiter in double quotes.",
    ),
    says(
        "rows with too few cells",
        file("t.csv", "size,label\n1,no\n2\n3\n4,yes\n"),
        "t.csv, row 2: has 1 cell where the first line names 2 columns (2 such rows); put cells that hold the delimiter in "
        "double quotes.",
    ),
    says(
        "a quote that is never closed",
        file("t.csv", 'size,label\n1,no\n2,"yes\n3,no\n'),
        "t.csv, row 2: opens a double quote that is never closed, so that all that follows would be one cell; close it, or write "
        'it twice ("") where it is part of the cell.',
    ),
    says(
        "no table at all",
        file("t.csv", "x" * 200_000),
        "t.csv: the first line, with the names of the columns, cannot be parsed (field larger than field limit (131072)); is it "
        "a table at all?",
    ),
    says(
        "a column name that stands twice",
        file("t.csv", "size,label,size\n1,no,2\n"),
        "t.csv has 2 columns called 'size' (columns 1, 3); give each a name of its own.",
    ),
    says(
        "cells for names",
        file("t.csv", "1,1,no\n" + "1,2,yes\n" * 9, target="no"),
        "t.csv has 2 columns called '1' (columns 1, 2); give each a name of its own (or, if the first line holds cells already, "
        "put a line of names on top).",
    ),
    says(
        "names of several lines",
        file("t.csv", '"size\n(cm)","the\nlabel"\n1,no\n', target="label"),
        "t.csv has no column 'label'; did you mean 'the label'? Columns: size (cm), the label.",
    ),
    says(
        "a kind of file that is not read", file("t.docx", "x"), f"t.docx: a file of this kind cannot be read; Tenon reads {KINDS}"
    ),
    says(
        "an old workbook",
        file("t.xls", "x"),
        f"t.xls: a file of this kind cannot be read (save it as .xlsx); Tenon reads {KINDS}",
    ),
    says("an archive", file("t.zip", "x"), f"t.zip: a file of this kind cannot be read (unpack it); Tenon reads {KINDS}"),
)

ENCODINGS = (
    says(
        "a NUL character",
        file("t.csv", "size,label\n1,no\n2,\0yes\n"),
        "t.csv, line 3: holds a NUL character, so it is no plain text; save it as UTF-8 (or, if it is UTF-16, with a byte order "
        "mark).",
    ),
    says("a mark that lies", file("t.csv", b"\xff\xfea"), "t.csv begins with the mark of UTF-16 but is not; save it as UTF-8."),
    says(
        "one byte that is not UTF-8",
        file("t.csv", f"text,label\n{CHINESE}".encode() + b"caf\xe9,yes\n"),
        "t.csv, line 102: the byte 0xE9 is not UTF-8, but the rest of the text is; correct the line, or save the file anew as "
        "UTF-8.",
    ),
    says(
        "two bytes that are not UTF-8",
        file("t.csv", f"text,label\n{CHINESE}".encode() + b"caf\xe9,yes\nd\xe9j,no\n"),
        "t.csv, line 102: the byte 0xE9 is not UTF-8, but the rest of the text is (2 such bytes); correct the line, or save the "
        "file anew as UTF-8.",
    ),
    says(
        "one byte that is not GB18030",
        file("t.csv", f"text,label\n{CHINESE}".encode("gb18030") + b"x\xff,yes\n"),
        "t.csv, line 102: the byte 0xFF is not GB18030, but the rest of the text is; correct the line, or save the file anew as "
        "UTF-8.",
    ),
    says(
        "Russian in a code page",
        file("t.csv", "text,label\nПривет,no\n".encode("cp1251")),
        "t.csv, line 2: the byte 0xCF is not UTF-8, and the text reads neither as GB18030 nor as Windows-1252; save it as UTF-8.",
    ),
)

PACKED = (
    *(
        says(
            f"a damaged {name} file",
            file(f"t.csv{ending}", pack(TABLE.encode())[:-9]),
            f"t.csv{ending} is a damaged {name} file (<…>); fetch or write it again.",
        )
        for ending, name, pack in (
            (".gz", "gzip", gzip.compress),
            (".bz2", "bzip2", bz2.compress),
            (".xz", "xz", lzma.compress),
            (".zst", "Zstandard", lambda content: pa.compress(content, codec="zstd", asbytes=True)),
        )
    ),
    says(
        "packed by its name alone",
        file("t.csv.gz", b"\x00\x01\xff junk" * 9),
        "t.csv.gz is no gzip file, though its name says so; fetch or write it again.",
    ),
)

SIGNATURES = tuple(
    says(f"{name} that is {what}", file(name, content), f"{name} is {what}; {todo}.")
    for name, content, what, todo in (
        ("t.csv", b"PK\x03\x04\x14", "a ZIP archive", "call it .xlsx if it is an Excel workbook, unpack it if not"),
        ("t.csv", parquet({"label": [1]}), "a Parquet file", "call it .parquet"),
        ("t.parquet", b"ARROW1\0\0", "a Feather file", "call it .feather"),
        ("t.csv.gz", gzip.compress(gzip.compress(TABLE.encode())), "packed twice with gzip", "unpack it once"),
        ("t.csv", PIXEL.getvalue(), "an image", "name the folder of all images"),
        ("t.tsv", b"%PDF-1.7\n", "a PDF", "save the table in it as .csv"),
        ("t.csv", b"SQLite format 3\0", "an SQLite data base", "write the table in it to a .csv file"),
        ("t.csv", "\n<!DOCTYPE html>\n<html>", "a web page", "fetch the file that the page is about"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0", "a workbook in the old form or with a password", "save it as .xlsx, without a password"),
        (
            "t.parquet",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
            "the pointer that Git LFS leaves in the place of a file",
            "fetch the file: git lfs pull",
        ),
    )
)

OTHER_FORMATS = (
    says(
        "JSON called CSV", file("t.csv", '[{"label": 1}]'), "t.csv holds JSON; call it .json, or .jsonl with one object per line."
    ),
    says(
        "Parquet with a name that stands twice",
        file("t.parquet", two_labels()),
        "t.parquet has 2 columns called 'label' (columns 1, 2); give each a name of its own.",
    ),
    says("a workbook cut short", broken_sheet, "cut.xlsx is no Excel workbook that can be read (<…>); save it anew as .xlsx."),
    says(
        "a title above the names",
        workbook({"a": [["Sales of 2024"], ["size", "label"], [1, "yes"]]}),
        "book.xlsx has no column 'label'. Columns: Sales of 2024, column 2. The first row of book.xlsx holds 'Sales of 2024' "
        "alone; if it is a title, delete what stands above the columns' names.",
    ),
    says("a line that is no JSON", file("t.jsonl", '{"a": 1}\n{"a"\n'), "t.jsonl, line 2: not a JSON object (<…>)."),
    says(
        "a line that is no object",
        file("t.jsonl", "[1]\n"),
        "t.jsonl, line 1: holds a list, not an object with a value per column.",
    ),
    says(
        "half a character",
        file("t.jsonl", '{"a": "\\ud83d"}\n'),
        "t.jsonl, column 'a', row 1: holds half a character (\\ud83d alone); take it out.",
    ),
    says(
        "JSON that is no list", file("t.json", '{"a": 1}'), "t.json holds an object; a list of objects, one per row, is needed."
    ),
    says(
        "JSON lines called JSON",
        file("t.json", '{"a": 1}\n{"a": 2}'),
        "t.json is not valid JSON (<…>); with one object per line call it .jsonl.",
    ),
    says(
        "a JSON row that is no object",
        file("t.json", "[1]"),
        "t.json, row 1: holds a number, not an object with a value per column.",
    ),
    says("JSON without columns", file("t.json", "[{}, {}]"), "t.json holds no columns."),
    says("no Parquet file", file("t.parquet", "junk"), "t.parquet is not a Parquet file, or a damaged one (<…>)."),
    says("no Feather file", file("t.feather", "junk"), "t.feather is not a Feather or Arrow file, or a damaged one (<…>)."),
    says(
        "no workbook",
        file("t.xlsx", "junk"),
        "t.xlsx is no Excel workbook that can be read (File is not a zip file); save it anew as .xlsx.",
    ),
    says("an empty workbook", workbook({"a": [], "b": []}), "book.xlsx is empty."),
    says("an empty sheet", workbook({"a": [["label"], [1]], "b": []}, "#b"), "book.xlsx, sheet 'b', is empty."),
    says(
        "a sheet that is not there",
        workbook({"sales": [["label"], [1]], "costs": []}, "#sale"),
        "book.xlsx has no sheet 'sale'; did you mean 'sales'? Sheets: sales, costs.",
    ),
    says(
        "a target on another sheet",
        workbook({"about": [["made by"], ["x"]], "data": [["size", "label"], [1, "yes"]]}),
        "book.xlsx has no column 'label'. Columns: made by. book.xlsx has 2 sheets; 'about' was read. Another one: "
        "book.xlsx#data ('data').",
    ),
    says("a sheet of names", workbook({"a": [["label"]]}), "book.xlsx holds only the names of its columns; there are no rows."),
)

SEVERAL = (
    says("no file of that pattern", files({}, "part-*.csv"), "no file matches 'part-*.csv'."),
    says(
        "parts of different tables",
        files({"part-1.csv": TABLE, "part-2.csv": TABLE.replace("size", "sise")}, "part-*.csv"),
        "part-2.csv and part-1.csv are no parts of one table: part-2.csv lacks 'size' and has 'sise' besides; name one of them, "
        "or give both the same columns.",
    ),
    says(
        "a cell of the second part",
        files({"d/1.csv": "size,label\n" + "1.5,1.5\n2,2.5\n" * 20, "d/2.csv": "size,label\n4,7\n3,soon\n"}, "d"),
        "2.csv, row 2, column 'label': 'soon' is not a number.\n"
        "  Treat it as missing: --missing soon      Predict classes instead: --task multiclass",
    ),
    says(
        "train beside other tables",
        files({"d/train.csv": TABLE, "d/test.csv": TABLE, "d/dev.csv": TABLE}, "d"),
        "d is a folder with the tables 'dev.csv', 'test.csv', 'train.csv'; name one of them, or leave just train and test, whose "
        "rows are then the final ones.",
    ),
    says(
        "tables and images",
        files({"d/labels.csv": TABLE, "d/cats/1.png": PIXEL.getvalue()}, "d"),
        "d is a folder with tables ('labels.csv') and images ('cats/1.png'); name the table, or a folder with nothing but "
        "images.",
    ),
)

IMAGES = (
    says(
        "an empty folder",
        images(),
        "pictures holds no images (.jpg, .jpeg, .png, .bmp, .gif, .webp, .tif, .tiff) and no table that can be read.",
    ),
    says(
        "images without classes",
        images("1.png", "2.png"),
        "pictures holds images but no subfolders; put the images of each class into a folder of its name.",
    ),
    says(
        "images beside classes",
        images("1.png", "cats/2.png"),
        "pictures holds images beside its class folders ('1.png'); move them into their class.",
    ),
    says(
        "three parts",
        images("train/a/1.png", "test/a/2.png", "val/a/3.png"),
        "pictures holds train, test and val; put the images of val into train.",
    ),
    says(
        "a class of the final images only",
        images("train/a/1.png", "train/b/2.png", "test/c/3.png"),
        "pictures: test holds classes that train does not: 'c'.",
    ),
    says(
        "one class",
        images("cats/1.png", "cats/2.png"),
        "pictures holds one class only, 'cats'; put the images of each class into a folder of its name.",
    ),
    says(
        "a broken image",
        images("a/1.png", "b/2.png", a__3=PIXEL.getvalue()[:-20]),
        "pictures: 1 image file cannot be read (empty, damaged or too large): 'a/3.png'.",
    ),
    says(
        "broken images",
        images("a/1.png", "b/2.png", a__3=b"", b__4=b"junk"),
        "pictures: 2 image files cannot be read (empty, damaged or too large): 'a/3.png', 'b/4.png'.",
    ),
    says(
        "images of a table that are not there",
        files({"t.csv": "file,label\n1.png,yes\n2.png,no\n", "1.png": PIXEL.getvalue()}, "t.csv", "--kind", "file=image"),
        "t.csv, row 2, column 'file': there is no image '2.png'.",
    ),
    says(
        "broken images in a table",
        file("t.parquet", parquet({"i": [PIXEL.getvalue(), b"\x89PNG", b"BM", None], "label": ["a", "b", "a", "b"]})),
        "t.parquet, row 2, column 'i': the image cannot be read (empty, damaged or too large) (2 such cells, rows 2, 3).",
    ),
    says("idx without labels", digits(train_labels_idx1_ubyte=None), "digits holds idx files, but no train-labels-idx1-ubyte."),
    says(
        "an idx file cut short",
        digits(train_images_idx3_ubyte=idx(3, 4, 2, 2, n_bytes=15)),
        "train-images-idx3-ubyte promises 4 × 2 × 2 bytes and holds 15; fetch it again.",
    ),
    says(
        "an idx file of other numbers",
        digits(train_images_idx3_ubyte=idx(3, 4, 2, 2, kind=13)),
        "train-images-idx3-ubyte is no idx file of bytes in 3 dimensions.",
    ),
    says(
        "fewer labels than images",
        digits(t10k_labels_idx1_ubyte=idx(1, 1)),
        "t10k-images-idx3-ubyte holds 2 images, but t10k-labels-idx1-ubyte 1 labels.",
    ),
    says(
        "idx images of two sizes",
        digits(t10k_images_idx3_ubyte=idx(3, 2, 3, 2)),
        "digits: the images of train and test differ in size ((2, 2) and (3, 2)).",
    ),
)

CELLS = (
    says(
        "an infinite number",
        file("t.parquet", parquet({"x": [1.5, float("inf"), 2.5], "label": ["a", "b", "a"]})),
        "t.parquet, row 2, column 'x': inf is not a finite number; leave such cells empty, or write a number.",
    ),
    says(
        "an infinite target",
        file("t.parquet", parquet({"x": [1, 2, 5], "label": [0.5, 1.5, float("-inf")]})),
        "t.parquet, row 3, column 'label': -inf is not a finite number; leave such cells empty, or write a number.",
    ),
    says(
        "a target of dates",
        file("t.parquet", parquet({"x": [1, 2, 5], "label": pd.to_datetime(["2024-01-01"] * 3)})),
        "t.parquet, column 'label' holds values of the type timestamp[us]; a target must be classes or numbers.",
    ),
    says(
        "a target whose values all differ",
        file("t.csv", "size,label\n" + "".join(f"{k % 7},name {k}\n" for k in range(40))),
        "t.csv: column 'label', the target, has 40 different values in 40 rows, too few of each to learn from; name another "
        "column with --target, or write rare values as one.",
    ),
    says(
        "a class in every row",
        file("t.csv", "size,label\n" + "".join(f"{k % 5},name {k}\n" for k in range(12))),
        "t.csv: column 'label', the target, has 12 different values in 12 rows, too few of each to learn from; name another "
        "column with --target, or write rare values as one.",
    ),
    says(
        "a target with decimal commas",
        file("t.csv", "size;label\n" + "".join(f"{k % 7};{k},25\n" for k in range(40))),
        "t.csv: column 'label', the target, has 40 different values in 40 rows, too few of each to learn from; name another "
        "column with --target, or write rare values as one. Column 'label' seems to hold numbers with a comma, such as '0,25', "
        "but is read as a category; write them as 1234.5 to use them so.",
    ),
    says(
        "a cell too long to be typed again",
        file("t.csv", "size,label\n" + "".join(f"{k % 7},{k}.5\n" for k in range(40)) + f"1,{'x' * 1_000_000}\n"),
        f"t.csv, row 41, column 'label': '{'x' * 40}…' is not a number.\n  Predict classes instead: --task multiclass",
    ),
    says(
        "thousands of classes",
        file("t.csv", "size,label\n" + "".join(f"{k % 7},name {k % 1200}\n" for k in range(6000))),
        "t.csv: column 'label', the target, has 1,200 different values in 6,000 rows, too few of each to learn from; name "
        "another column with --target, or write rare values as one.",
    ),
    says(
        "a kind that no cell is of",
        file("t.csv", "size,label\nbig,yes\nsmall,no\n", "--kind", "size=number"),
        "t.csv, column 'size' holds no number in any row; row 1 is 'big'.",
    ),
    says(
        "nothing to learn from",
        file("t.csv", "size,label\n1,yes\n1,no\n"),
        "t.csv has no column to learn from ('size' the same value in every row: '1'); --kind NAME=category reads a column all "
        "the same.",
    ),
    says(
        "a table of one column",
        file("t.csv", "label\nyes\nno\n"),
        "t.csv has no column to learn from (the target is the only one); --kind NAME=category reads a column all the same.",
    ),
    says(
        "a row without its group",
        file("t.csv", "size,who,label\n1,a,yes\n2,,no\n3,?,no\n", "--group", "who"),
        "t.csv, row 2, column 'who': '', but every row needs its group (2 such cells, rows 2, 3).",
    ),
)

CASES: tuple[Case, ...] = (*FILES, *ENCODINGS, *PACKED, *SIGNATURES, *OTHER_FORMATS, *SEVERAL, *IMAGES, *CELLS)
