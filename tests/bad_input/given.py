"""Files that the cases on reading write, and the comparison that then reads them."""

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from PIL import Image
from tests.bad_input.case import Case
from tests.workbooks import write_workbook

TABLE = "size,label\n" + "".join(f"{k % 7 + k % 2},{'yes' if k % 2 else 'no'}\n" for k in range(40))
PIXEL = io.BytesIO()
Image.new("RGB", (2, 2)).save(PIXEL, "PNG")


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


def workbook(sheets: Mapping[str, list[list[object]]], sheet: str = "") -> Callable[[Path], list[str]]:
    """Compare a workbook, or a sheet of it."""

    def make(folder: Path) -> list[str]:
        write_workbook(folder / "book.xlsx", **sheets)
        return ["compare", "book.xlsx" + sheet, "--target", "label"]

    return make


def parquet(columns: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    pd.DataFrame(columns).to_parquet(out)
    return out.getvalue()


def says(name: str, make: Callable[[Path], list[str]], sentence: str) -> Case:
    """A case whose message is this sentence, in which <…> stands for what another library says."""
    return Case(name, make, re.sub(r"<…>", "(?:.|\n)+", re.escape(f"tenon: {sentence}")))
