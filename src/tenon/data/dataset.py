"""Rows and what their columns are: the one form in which data travels through Tenon.

Whatever the rows are (table, texts, a folder of images), they are a pandas frame whose index is a stable row id, and a
schema that gives each column a kind and a role. So splitting, grouping and fingerprinting are written once.

| kind     | dtype in the frame                                           |
|----------|--------------------------------------------------------------|
| number   | float64, NaN where missing                                   |
| category | str (Arrow), NA where missing                                |
| date     | datetime64[us], NaT where missing                            |
| text     | str (Arrow), NA where missing                                |
| tokens   | object, each cell a list of str                              |
| image    | str, a path relative to `Dataset.root`, or object of bytes   |
| ignore   | as read; no method ever sees it                              |

A target of classes keeps its own values (str, int64 or bool), so labels in = labels out; a number target is float64; tags are
tokens, a translation is text, answers are lists of objects (`data.questions`), the labels of a row a tuple (`data.label_cells`).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("number", "category", "date", "text", "tokens", "image", "ignore")
OF_TARGET = ("answers", "labels")  # kinds that a target alone may have
MOST_SHOWN = 10  # columns that a schema shows of itself
PIECE = 100_000  # cells hashed at a time, as Python objects
MOST_LOOSE = 1000  # columns of a frame kept as they were made; of more, pandas makes blocks, which costs a copy
GIVEN = "given by --kind"  # the reason of a column's kind that was not guessed
ROLES = ("feature", "target", "group", "time", "weight", "id")


@dataclass(frozen=True)
class Column:
    """What one column is, and why we think so."""

    name: str
    kind: str  # one of KINDS, or OF_TARGET
    role: str = "feature"  # one of ROLES
    reason: str = ""  # why this kind, in words for the user: "30 different values", or GIVEN
    missing: tuple[str, ...] = ()  # cells that count as missing here, beside the usual ones (cells.MISSING)
    has_thousands: bool = False  # its numbers are written with commas between thousands: 43,875
    long_share: float = 0.0  # of texts, sentences: share of those that an encoder does not read at once (data.long_texts)


@dataclass(frozen=True)
class Schema:
    """The columns of a data set, in the order of the file, and how many rows they describe."""

    columns: tuple[Column, ...]
    n_rows: int

    def __repr__(self) -> str:
        """Return "Schema(7,765 rows; text: text, label: category, target)"."""
        words = [f"{c.name}: {c.kind}{'' if c.role == 'feature' else ', ' + c.role}" for c in self.columns[:MOST_SHOWN]]
        more = [f"… {len(self.columns) - MOST_SHOWN} more"] if len(self.columns) > MOST_SHOWN else []
        return f"Schema({self.n_rows:,} rows; {'; '.join(words + more)})"

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def with_role(self, role: str) -> Column | None:
        """Return the column of this role, which at most one column has (features apart)."""
        return next((column for column in self.columns if column.role == role), None)

    @property
    def is_of_questions(self) -> bool:
        """Whether rows are questions on contexts; see `data.questions`."""
        target = self.with_role("target")
        return target is not None and target.kind == "answers"

    def features(self, *kinds: str) -> list[str]:
        """Names of the feature columns of these kinds (of every kind but `ignore` when none is named)."""
        wanted = kinds or tuple(kind for kind in KINDS if kind != "ignore")
        return [c.name for c in self.columns if c.role == "feature" and c.kind in wanted]

    def to_json(self) -> dict[str, Any]:
        return {"columns": [asdict(column) for column in self.columns], "n_rows": self.n_rows}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Schema":
        columns = (Column(**{**column, "missing": tuple(column.get("missing", ()))}) for column in raw["columns"])
        return cls(tuple(columns), raw["n_rows"])


@dataclass(frozen=True)
class Dataset:
    """Rows with a schema. Never changed in place: every method returns a new one that shares memory."""

    frame: "pd.DataFrame"  # index: int64 row ids, unique, in the order of the file
    schema: Schema
    name: str = "data"  # for the user: the file's name
    root: Path | None = None  # folder that image paths start from
    final_ids: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))  # rows the user set aside as final
    notes: tuple[str, ...] = ()  # what was done or found while reading, one sentence each
    how_read: str = ""  # for the user: "UTF-8 (BOM removed)"
    source: str = ""  # the path as it was given, to write the line that makes a run again; "" for a frame
    final_source: str = ""  # likewise of the final rows, where they came from a file of their own
    task: str = ""  # as it was given when the rows were read
    quoting: bool = True  # False: quotes were read as characters like any other
    unlabelled: "Dataset | None" = None  # rows of the file without a target, features only; nothing is ever fitted to them
    copies: "pd.Series | None" = None  # int64 of every row id, and of others: copies share a number (duplicates.near_groups)
    made_of: "pd.Series | None" = None  # int64 of every row id: the row that it was made of by changing texts, or itself
    final_start: int = 0  # row id that the first of the final rows has, or would have with a target, in a file of their own

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        """Return "reviews.csv: 7,765 rows, 2 columns, target label"."""
        n_columns, target = len(self.schema.columns), self.schema.with_role("target")
        words = [f"{self.name}: {len(self):,} rows", f"{n_columns:,} column{'' if n_columns == 1 else 's'}"]
        if len(self.final_ids):
            words.insert(1, f"{len(self.final_ids):,} of them final")
        return ", ".join([*words, f"target {target.name}"] if target else words)

    @property
    def row_ids(self) -> np.ndarray:
        """(n,) int64."""
        return self.frame.index.to_numpy()

    @property
    def is_made(self) -> np.ndarray:
        """(n,) bool: rows that were made of other train rows (inner/augment.py)."""
        return np.zeros(len(self), bool) if self.made_of is None else self.made_of.loc[self.row_ids].to_numpy() != self.row_ids

    @property
    def target(self) -> "pd.Series | None":
        """The target column, or None where no column has that role (new rows to predict)."""
        column = self.schema.with_role("target")
        return self.frame[column.name] if column and column.name in self.frame else None

    def rows(self, ids: np.ndarray) -> "Dataset":
        """Return the rows with these ids, in the order of `ids`."""
        frame = self.frame.loc[ids]
        return replace(self, frame=frame, schema=replace(self.schema, n_rows=len(frame)), unlabelled=None)

    def without_target(self) -> "Dataset":
        """Return the same rows with no target, group or weight column: what a model may see when it predicts."""
        keep = [c for c in self.schema.columns if c.role == "feature"]
        schema = replace(self.schema, columns=tuple(keep))
        return replace(self, frame=self.frame[[c.name for c in keep]], schema=schema, unlabelled=None)

    @classmethod
    def of_parts(cls, parts: "Sequence[Dataset]") -> "Dataset":
        """Return the rows of data sets of one schema, one after the other, counted anew from 0."""
        import pandas as pd

        frame = pd.concat([part.frame for part in parts], ignore_index=True).rename_axis("row")
        return replace(parts[0], frame=frame, schema=replace(parts[0].schema, n_rows=len(frame)), copies=None, made_of=None)

    def fingerprint(self) -> str:
        """SHA-256 of names, kinds, roles and cells (images: their file content), as 64 hex digits; row order counts."""
        import pandas as pd

        digest = hashlib.sha256()
        for column in self.schema.columns:
            digest.update(json.dumps([column.name, column.kind, column.role]).encode())
            cells = self.frame[column.name]
            if column.kind == "image" and self.root is not None:
                for path in cells:
                    digest.update((self.root / path).read_bytes())
            if cells.dtype == object:
                cells = cells.map(lambda cell: cell if isinstance(cell, bytes) else json.dumps(cell, default=str))
            for start in range(0, len(cells), PIECE):
                digest.update(pd.util.hash_pandas_object(cells.iloc[start : start + PIECE], index=False).to_numpy().tobytes())
        digest.update(np.sort(self.final_ids).tobytes())
        if self.unlabelled is not None:
            digest.update(self.unlabelled.fingerprint().encode())
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write the data set to a folder, for workers: rows.feather and schema.json. Rows without a target stay behind."""
        import pyarrow as pa
        import pyarrow.feather

        folder.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pandas(self.frame, preserve_index=True)
        pa.feather.write_feather(table, str(folder / "rows.feather"), compression="uncompressed")
        about = {
            "schema": self.schema.to_json(),
            "name": self.name,
            "root": str(self.root) if self.root else None,
            "final_ids": self.final_ids.tolist(),
            "final_start": self.final_start,
        }
        if self.copies is not None:
            np.save(folder / "copies.npy", self.copies.loc[self.frame.index].to_numpy())
        (folder / "schema.json").write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Dataset":
        """Read what `save` wrote."""
        import pandas as pd
        import pyarrow.feather

        about = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
        table = pyarrow.feather.read_table(str(folder / "rows.feather"), memory_map=True)
        frame = table.to_pandas(split_blocks=table.num_columns <= MOST_LOOSE)  # most columns then stay in the file's pages
        schema = Schema.from_json(about["schema"])
        cells = {"tokens": list, "answers": list, "labels": tuple}
        for column in schema.columns:
            if column.kind in cells:
                frame[column.name] = frame[column.name].map(cells[column.kind])  # Arrow gives arrays
        copies = folder / "copies.npy"
        return cls(
            frame=frame,
            schema=schema,
            name=about["name"],
            root=Path(about["root"]) if about["root"] else None,
            final_ids=np.array(about["final_ids"], np.int64),
            copies=pd.Series(np.load(copies), frame.index) if copies.exists() else None,
            final_start=about["final_start"],
        )
