"""What a path or a frame holds, as Arrow columns: one table, perhaps a second one of final rows, nothing inferred yet."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenon.data.images import read_image_folder
from tenon.data.tables import clean_names, read_table, table_extension, to_arrow
from tenon.data.wording import listed
from tenon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class Source:
    """Columns as read. `target` and `image_reason` are known only for a folder of images."""

    name: str
    table: "pa.Table"
    how_read: str = ""
    notes: tuple[str, ...] = ()
    final: "pa.Table | None" = None  # the rows of test/ or test.csv
    final_name: str = ""
    root: Path | None = None
    target: str | None = None
    image_reason: str = ""


def open_source(path: "str | Path | pd.DataFrame") -> Source:
    """Return what a file, a folder or a frame holds. Raises DataError where it cannot be read."""
    if not isinstance(path, (str, Path)):
        return _from_frame(path)
    path = Path(path)
    if not path.is_dir():
        table = read_table(path)
        return Source(path.name, table.columns, table.how_read, table.notes, root=path.parent)
    tables = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".") and table_extension(p))
    return _from_tables(path, tables) if tables else _from_images(path.resolve())


def _from_frame(frame: "pd.DataFrame") -> Source:
    import pyarrow as pa

    names, notes = clean_names([str(name) for name in frame.columns], "the frame")
    if not len(frame):
        raise DataError("the frame has no rows.")
    columns = [series_to_arrow(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return Source("data", pa.table(columns, names=names), "", tuple(notes))


def series_to_arrow(series: "pd.Series") -> "pa.ChunkedArray":
    """Return a pandas column as Arrow; a column of mixed objects becomes text."""
    import pyarrow as pa

    try:
        column = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return to_arrow([None if _is_na(cell) else cell for cell in series])
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _is_na(cell: object) -> bool:
    return cell is None or cell != cell  # NaN and NaT alone differ from themselves


def _from_tables(folder: Path, tables: list[Path]) -> Source:
    stems = {path.name.split(".", 1)[0]: path for path in tables}
    if set(stems) != {"train", "test"} or len(tables) != 2:
        raise DataError(
            f"{folder.name} is a folder with the tables {listed(path.name for path in tables)}; name one of them, or leave "
            "just train and test, whose rows are then the final ones."
        )
    train, test = read_table(stems["train"]), read_table(stems["test"])
    name = folder.resolve().name
    notes = (*train.notes, *test.notes)
    return Source(name, train.columns, train.how_read, notes, test.columns, f"{name}/{stems['test'].name}", root=folder)


def _from_images(root: Path) -> Source:
    import pyarrow as pa

    found = read_image_folder(root)
    table = pa.table({"image": found.paths, "label": found.labels})
    final = pa.table({"image": found.final_paths, "label": found.final_labels}) if found.final_paths else None
    return Source(
        root.name, table, found.how_read, found.notes, final, f"{root.name}/test", root, target="label", image_reason=found.about
    )
