"""What a file is by its first bytes, where its name promises something else: a workbook called .csv, a web page, a pointer."""

from tenon.errors import DataError

N_BYTES = 512  # that are looked at
WORKBOOKS = (".xlsx", ".xlsm")
ARROW = (".feather", ".arrow")
SIGNS: tuple[tuple[bytes, tuple[str, ...], str, str], ...] = (  # first bytes, endings that they belong to, what it is, what to do
    (b"PK\x03\x04", WORKBOOKS, "a ZIP archive", "call it .xlsx if it is an Excel workbook, unpack it if not"),
    (b"\xd0\xcf\x11\xe0", (), "a workbook in the old form or with a password", "save it as .xlsx, without a password"),
    (b"PAR1", (".parquet",), "a Parquet file", "call it .parquet"),
    (b"ARROW1", ARROW, "a Feather file", "call it .feather"),
    (b"FEA1", ARROW, "a Feather file", "call it .feather"),
    (b"\x1f\x8b", (), "packed twice with gzip", "unpack it once"),
    (b"\x89PNG", (), "an image", "name the folder of all images"),
    (b"\xff\xd8\xff", (), "an image", "name the folder of all images"),
    (b"%PDF-", (), "a PDF", "save the table in it as .csv"),
    (b"SQLite format 3\0", (), "an SQLite data base", "write the table in it to a .csv file"),
    (b"version https://git-lfs", (), "the pointer that Git LFS leaves in the place of a file", "fetch the file: git lfs pull"),
    (b"<!doctype html", (), "a web page", "fetch the file that the page is about"),
    (b"<html", (), "a web page", "fetch the file that the page is about"),
)


def check_signature(head: bytes, extension: str, file: str) -> None:
    """Raise DataError where the first bytes of an unpacked file are those of something that its name does not promise."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:N_BYTES].lower()
    for start, extensions, what, todo in SIGNS:
        if head.startswith(start.lower()) and extension not in extensions:
            raise DataError(f"{file} is {what}; {todo}.")
    if extension in (".csv", ".tsv") and head.startswith((b"[{", b"[[", b'{"')):
        raise DataError(f"{file} holds JSON; call it .json, or .jsonl with one object per line.")
