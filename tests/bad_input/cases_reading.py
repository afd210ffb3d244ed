"""Tables that cannot be read, or not as what their names promise: empty, ragged, in another encoding, no table at all."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
from tests.bad_input.case import Case
from tests.bad_input.given import PIXEL, TABLE, file, files, parquet, says

KINDS = (
    ".csv, .tsv, .jsonl, .ndjson, .json, .txt, .conll, .bio, .parquet, .feather, .arrow, .xlsx, .xlsm (each also with "
    ".gz, .bz2, .xz, .zst) and folders of images."
)
CHINESE = "酒店很好，早餐也不错,no\n" * 100


def linked(path: str, to: str) -> Callable[[Path], list[str]]:
    """Compare a path that is a link."""

    def make(folder: Path) -> list[str]:
        (folder / path).symlink_to(to)
        return ["compare", path, "--target", "label"]

    return make


def pipe(folder: Path) -> list[str]:
    os.mkfifo(folder / "t.csv")
    return ["compare", "t.csv", "--target", "label"]


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
        "a quote among the names that is never closed",
        file("t.csv", 'size,"label\n1,no\n2,yes\n'),
        "t.csv: the line with the names of the columns opens a double quote that is never closed, so that all that follows would "
        'be one cell; close it, or write it twice ("") where it is part of the cell.',
    ),
    says(
        "a quote among the names before a long rest",
        file("t.csv", 'size,"label\n' + "1,no\n2,yes\n" * 20_000),
        "t.csv: the line with the names of the columns opens a double quote that is never closed, so that all that follows would "
        'be one cell; close it, or write it twice ("") where it is part of the cell.',
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
        "t.parquet, column 'label' holds values of the type timestamp[us]; a target must be classes, numbers or lists of texts.",
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

CASES: tuple[Case, ...] = (*FILES, *ENCODINGS, *PACKED, *SIGNATURES, *CELLS)
