"""What a path or a frame holds, as Arrow columns: one table, perhaps a second one of final rows, nothing inferred yet."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.data.idx import is_idx, read_idx_folder
from tenon.data.images import list_images, read_image_folder
from tenon.data.json_rows import to_arrow
from tenon.data.lines import EXTENSIONS as LINES
from tenon.data.lines import TAGS, TOKENS
from tenon.data.parts import open_files
from tenon.data.tables import OpenTable, clean_names, table_extension
from tenon.data.wording import listed
from tenon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    Given = str | Path | Sequence[str | Path] | pd.DataFrame


PARTS = ("train", "test")  # stems of tables that are data and final rows


@dataclass(frozen=True)
class Source:
    """Columns as read. `target` is known only for images and tagged sentences, `image_reason` for images.

    Who converts the columns takes them out one by one, so that text and values need not both be held.
    """

    name: str
    columns: "dict[str, pa.ChunkedArray]"
    how_read: str = ""
    notes: tuple[str, ...] = ()
    final: "dict[str, pa.ChunkedArray] | None" = None  # the rows of test/ or test.csv
    final_name: str = ""
    root: Path | None = None
    target: str | None = None
    image_reason: str = ""
    hint: str = ""  # what to say where a column is not there or empty: other sheets, formulas without values

    @property
    def table(self) -> "pa.Table":
        import pyarrow as pa

        return pa.table(self.columns)


def open_source(given: "Given", quoting: bool = True) -> Source:
    """Return what a file, several files, a folder or a frame holds. Raises DataError where it cannot be read.

    quoting : False: quotes in CSV and TSV are characters like any other.
    """
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        return _from_frame(given)
    if isinstance(given, list | tuple):
        files = [Path(path) for path in given if isinstance(path, str | Path)]
        if not files or len(files) < len(given):
            raise DataError("a list of data must be a list of paths, with one at least.")
        return _from_files(files, quoting)
    if not isinstance(given, str | Path):
        raise DataError(f"data must be a path, a list of paths or a pandas DataFrame; got {type(given).__name__}.")
    path = Path(given)
    return _from_folder(path, quoting) if path.is_dir() else _from_files(_files_of(path), quoting)


def open_rows(path: Path) -> tuple[str, OpenTable, Path]:
    """Return what to call a table in a file, in several, or in a folder, its rows, and the folder that it lies in.

    Of tables that are data and final rows it is the first. Raises DataError as `open_source` does.
    """
    if not path.is_dir():
        files = _files_of(path)
        return (*open_files(files), files[0].parent)
    tables = _tables_in(path)
    name = path.resolve().name
    if not tables:
        raise DataError(f"{name} is a folder of text files; name the one to predict.")
    return (*open_files(tables[-1:] if _are_train_and_test(tables) else tables, name), path)


def _files_of(path: Path) -> list[Path]:
    return _matching(path) if _is_pattern(path) else [path]


def _from_frame(frame: "pd.DataFrame") -> Source:
    names, notes = clean_names(["" if _is_na(name) else str(name) for name in frame.columns], "the frame", may_be_cells=False)
    if not len(frame):
        raise DataError("the frame has no rows.")
    if not names:
        raise DataError("the frame has no columns.")
    columns = {name: series_to_arrow(frame.iloc[:, i]) for i, name in enumerate(names)}
    return Source("data", columns, "", tuple(notes))


def series_to_arrow(series: "pd.Series") -> "pa.ChunkedArray":
    """Return a pandas column as Arrow; a column of mixed objects, or of a kind that Arrow lacks, becomes text."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(series.dtype, pd.CategoricalDtype) and not all(isinstance(c, str | Number) for c in series.cat.categories):
        series = series.astype(object)
    try:
        column = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return to_arrow([None if _is_na(cell) else cell for cell in series], f"the frame, column {str(series.name)!r}")
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _is_na(cell: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


def _is_pattern(path: Path) -> bool:
    return glob.has_magic(path.name) and not path.exists()


def _matching(pattern: Path) -> list[Path]:
    """Return the files that a pattern such as part-*.csv stands for, sorted by name."""
    files = sorted(path for path in pattern.parent.glob(pattern.name) if path.is_file())
    if not files:
        raise DataError(f"no file matches {str(pattern)!r}.")
    return files


def _from_files(files: list[Path], quoting: bool, name: str = "") -> Source:
    """Return one table of all files; `name` is what to call it where they are several."""
    called, opened = open_files(files, name, quoting)
    table = opened.read(called)
    columns = dict(zip(table.columns.column_names, table.columns.columns, strict=True))
    target = TAGS if list(columns) == [TOKENS, TAGS] else None
    return Source(called, columns, table.how_read, table.notes, root=files[0].parent, target=target, hint=table.hint)


def _from_folder(folder: Path, quoting: bool) -> Source:
    name = folder.resolve().name
    if any(is_idx(path) for path in _files_in(folder)):
        return _from_idx(folder, name)
    tables = _tables_in(folder)
    if not tables:
        return _from_images(folder.resolve())
    if _are_train_and_test(tables):
        return _train_and_test(folder, name, tables[1], tables[0], quoting)
    return _from_files(tables, quoting, name)


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _tables_in(folder: Path) -> list[Path]:
    """Return the tables of a folder. Raises DataError where there are images, too, or train or test among others."""
    name, files = folder.resolve().name, _files_in(folder)
    tables = [path for path in files if table_extension(path) not in ("", *LINES) or path.name.split(".", 1)[0] in PARTS]
    if tables and (images := list_images(folder)[0]):
        raise DataError(
            f"{name} is a folder with tables ({listed(path.name for path in tables)}) and images ({listed(images, most=1)}); "
            "name the table, or a folder with nothing but images."
        )
    if len(tables) > 1 and set(PARTS) & set(_stems(tables)) and not _are_train_and_test(tables):
        raise DataError(
            f"{name} is a folder with the tables {listed(path.name for path in tables)}; name one of them, or leave "
            "just train and test, whose rows are then the final ones."
        )
    return tables


def _stems(tables: list[Path]) -> list[str]:
    return [path.name.split(".", 1)[0] for path in tables]


def _are_train_and_test(tables: list[Path]) -> bool:
    return sorted(_stems(tables)) == sorted(PARTS)


def _train_and_test(folder: Path, name: str, train: Path, test: Path, quoting: bool) -> Source:
    first, last = (_from_files([path], quoting) for path in (train, test))
    notes = (*first.notes, *last.notes)
    return replace(first, name=name, notes=notes, final=last.columns, final_name=f"{name}/{test.name}")


def _from_idx(folder: Path, name: str) -> Source:
    found = read_idx_folder(folder)
    columns = _labelled(found.images, found.labels)
    final = _labelled(found.final_images, found.final_labels) if found.final_images else None
    return Source(name, columns, "idx", (), final, f"{name}/t10k", target="label", image_reason=found.about)


def _from_images(root: Path) -> Source:
    found = read_image_folder(root)
    columns = _labelled(found.paths, found.labels)
    final = _labelled(found.final_paths, found.final_labels) if found.final_paths else None
    return Source(root.name, columns, found.how_read, found.notes, final, f"{root.name}/test", root, "label", found.about)


def _labelled(images: Sequence[str | bytes], labels: list[str]) -> "dict[str, pa.ChunkedArray]":
    import pyarrow as pa

    kind = pa.large_binary() if isinstance(images[0], bytes) else pa.string()
    return {"image": pa.chunked_array([pa.array(images, kind)]), "label": pa.chunked_array([pa.array(labels, pa.string())])}
