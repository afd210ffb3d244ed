"""What a model has seen: how the columns of its rows lie, kept beside it, and whether new rows lie likewise.

No cell of free text is kept: of numbers and lengths 101 quantiles, of categories and scripts how often the common values occur.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tenon.checks.drift import looked_at
from tenon.checks.margins import FEWEST, Margins, Numbers, Shift, Values, margins, shifts, told
from tenon.checks.subject import MOST_CELLS, MOST_COLUMNS, SAMPLE
from tenon.checks.wording import quoted
from tenon.data.dataset import Column, Dataset
from tenon.errors import ModelFileError
from tenon.files import seal, write_text

FILE = "seen.json"  # beside a model
SEED = 0  # of the new rows that are looked at
MOST_BYTES = 1 << 26  # of the sample of them; of long texts there are fewer, but not below
LEAST_ROWS = 1_000
MOST_TOLD = 3  # respects in a sentence


def keep_seen(train: Dataset, folder: Path) -> None:
    """Write down, beside a model, how the columns of the rows lie that it has learnt from."""
    columns = _columns(train)
    rows = looked_at(train, len(columns))
    found = {column.name: margins(column.kind, rows.frame[column.name], rows.root) for column in columns}
    kept = {name: {respect: _to_json(one) for respect, one in of_column.items()} for name, of_column in found.items()}
    write_text(folder / FILE, json.dumps({"n_rows": len(train), "columns": kept}, ensure_ascii=False, allow_nan=False) + "\n")
    seal(folder, [FILE])


def seen_by(folder: Path) -> "dict[str, Margins] | None":
    """Return what was kept of each column; None for a model of an earlier Tenon. Raises ModelFileError for a damaged file."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["columns"]
        return {name: {respect: _from_json(one) for respect, one in of_column.items()} for name, of_column in kept.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged; remove it, and nothing is told of rows unlike those learnt from.") from error


@dataclass
class NewSample:
    """Some of the new rows at random but always the same, however they come in chunks: those with the smallest draws."""

    rows: Dataset | None = None
    n_most: int = SAMPLE
    draws: np.ndarray = field(default_factory=lambda: np.empty(0))
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    def add(self, chunk: Dataset) -> None:
        """Take in rows."""
        if self.rows is None:
            n_fitting = MOST_BYTES * len(chunk) // max(1, int(chunk.frame.memory_usage(deep=True).sum()))
            self.n_most = max(LEAST_ROWS, min(SAMPLE, MOST_CELLS // max(1, chunk.frame.shape[1]), n_fitting))
        draws = np.concatenate([self.draws, self._rng.random(len(chunk))])
        kept = np.sort(np.argsort(draws, kind="stable")[: self.n_most])
        n_old = len(self.draws)
        parts = [chunk.rows(chunk.row_ids[kept[kept >= n_old] - n_old])]
        if self.rows is not None:
            parts.insert(0, self.rows.rows(self.rows.row_ids[kept[kept < n_old]]))
        self.rows, self.draws = Dataset.of_parts(parts), draws[kept]


def differing(seen: Mapping[str, Margins], rows: Dataset) -> list[Shift]:
    """Return in which respects rows differ from those that a model has learnt from, the largest first; of few rows in none."""
    if len(rows) < FEWEST:
        return []
    columns = [column for column in _columns(rows) if column.name in seen]
    lie = {column.name: margins(column.kind, rows.frame[column.name], rows.root) for column in columns}
    return told([shift for name, of_column in lie.items() for shift in shifts(name, seen[name], of_column)])


def warning(found: list[Shift]) -> str:
    """Return what to tell of such rows, and what to do."""
    most = "; ".join(f"{quoted(shift.name)} {shift.words} (gap {f'{shift.gap:.2f}'.lstrip('0')})" for shift in found[:MOST_TOLD])
    more = f"; and {len(found) - MOST_TOLD:,} more" if len(found) > MOST_TOLD else ""
    return (
        f"new rows differ from those learnt from: {most}{more}. Look whether these columns are filled as they were; if they are, "
        "the scores of the run may not hold for these rows, and a model of rows like them would do better."
    )


def _columns(rows: Dataset) -> list[Column]:
    features = set(rows.schema.features()[:MOST_COLUMNS])
    return [column for column in rows.schema.columns if column.name in features and column.kind != "date"]


def _to_json(one: Numbers | Values) -> dict[str, Any]:
    if isinstance(one, Values):
        short = one.summary()
        return {"counts": list(short.counts.items()), "n_rarer": short.n_rarer}
    return {"n": one.n, "quantiles": one.summary().sorted.tolist() if one.n else []}


def _from_json(kept: Mapping[str, Any]) -> Numbers | Values:
    if "counts" in kept:
        return Values({value: int(n) for value, n in kept["counts"]}, int(kept["n_rarer"]))
    return Numbers(int(kept["n"]), np.array(kept["quantiles"], np.float64), are_quantiles=True)
