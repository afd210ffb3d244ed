"""Files into a Dataset in one call: columns get a kind with a reason, roles are given, final rows set apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.dataset import KINDS, Column, Dataset, Schema
from tenon.data.images import check_images
from tenon.data.sources import Source, open_source
from tenon.data.wording import listed, no_column, row_numbers
from tenon.errors import DataError, SettingsError, near_names, unknown

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from tenon.data.infer import Reading
    from tenon.data.target import Target


def read(
    path: "str | Path | pd.DataFrame",
    target: str | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    task: str = "",
    missing: Sequence[str] = (),
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    final: "str | Path | pd.DataFrame | None" = None,
) -> Dataset:
    """Return the rows of a table file, a folder or a frame, each column with its kind, role and the reason for it.

    A folder holds images by class, or train.csv and test.csv (train/ and test/), whose rows are then the final ones.
    kinds overrides guesses ({"zip": "category"}) and may say "weight" or "id"; missing names further cells that count as
    missing; task ("binary", "multiclass", "regression") decides whether the target is read as classes or numbers; final is
    a second file with the same columns. Row ids count the rows of the file from 0, those of the final file go on from
    there; rows without target are left out. Raises DataError in words for the user.
    """
    source = open_source(path)
    if final is not None:
        source = _with_final(source, open_source(final))
    kinds, others = _roles_among(kinds or {}, weight)
    given = {"target": target or source.target, "group": group, "time": time, **others}
    roles = {name: role for role, name in given.items() if name}
    _check_names(source, roles, given, kinds)
    dataset = _Reader(source, roles, kinds, task, tuple(missing)).dataset()
    return replace(dataset, source=_as_given(path), final_source=_as_given(final))


def _counted(column: Column, cells: "pd.Series") -> Column:
    """Return the column of a category with the values counted as they are, without rows that were left out."""
    from tenon.data.infer import count_words

    is_plain = column.kind == "category" and "different value" in column.reason
    return replace(column, reason=count_words(cells.nunique())) if is_plain else column


def _as_given(path: "str | Path | pd.DataFrame | None") -> str:
    return str(path) if isinstance(path, str | Path) else ""


def _roles_among(kinds: Mapping[str, str], weight: str | None) -> tuple[dict[str, str], dict[str, str | None]]:
    """Tell kinds from roles that are given like kinds: "weight", how much a row counts, and "id", what tells rows apart."""
    roles: dict[str, str | None] = {"weight": weight, "id": None}
    for name, kind in kinds.items():
        if kind in roles:
            if roles[kind] not in (None, name):
                raise SettingsError(f"only one column can be the {kind}; got {roles[kind]!r} and {name!r}.")
            roles[kind] = name
    return {name: kind for name, kind in kinds.items() if kind not in roles}, roles


def _with_final(source: Source, final: Source) -> Source:
    if source.final is not None:
        raise SettingsError(f"{source.name} brings its own final rows ({source.final_name}); --final cannot add others.")
    if source.image_reason or final.image_reason:
        raise SettingsError("final images belong into a folder test beside train, both by class; --final takes tables.")
    name = "the final frame" if final.name == "data" else final.name
    return replace(source, final=final.table, final_name=name, notes=(*source.notes, *final.notes))


def _check_names(source: Source, roles: dict[str, str], given: Mapping[str, str | None], kinds: Mapping[str, str]) -> None:
    names = source.table.column_names
    for name in [name for name in given.values() if name] + list(kinds):
        if name not in names:
            raise no_column(source.name, name, names)
    asked = [name for name in given.values() if name]
    for name in asked:
        if asked.count(name) > 1:
            twice = " and ".join(role for role, other in given.items() if other == name)
            raise SettingsError(f"column {name!r} cannot be {twice} at once.")
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise unknown("kind", kind, (*KINDS, "weight", "id"))
        if name in roles:
            raise SettingsError(
                f"column {name!r} is the {roles[name]}, so its kind cannot be given (--task says classes or numbers)."
            )
    if source.final is not None:
        _check_same_columns(source.final_name, source.final.column_names, names, given["target"])


def _check_same_columns(final: str, found: list[str], wanted: list[str], target: str | None) -> None:
    if target and target not in found and set(wanted) - set(found) == {target}:
        raise DataError(
            f"{final} has no column {target!r}, so its rows cannot be final ones; compare without it, then `tenon predict` it."
        )
    if lacks := [name for name in wanted if name not in found]:
        near = [other for name in lacks for other in near_names(name, [n for n in found if n not in wanted], n=1)]
        hint = f" Columns that look alike: {listed(dict.fromkeys(near))}." if near else ""
        raise DataError(f"{final}, the final rows, lacks {len(lacks)} of the {len(wanted)} columns: {listed(lacks)}.{hint}")
    if extra := [name for name in found if name not in wanted]:
        raise DataError(f"{final}, the final rows, has columns that the other rows do not have: {listed(extra)}.")


class _Reader:
    """One reading: a source, what was asked, and the notes that gather on the way."""

    def __init__(self, source: Source, roles: dict[str, str], kinds: dict[str, str], task: str, missing: tuple[str, ...]):
        self.source, self.roles, self.kinds, self.task, self.missing = source, roles, kinds, task, missing
        if source.image_reason:
            self.kinds = {"image": "image"} | kinds
        self.notes = list(source.notes)

    def dataset(self) -> Dataset:
        """Read all columns of both tables and put them together."""
        import pandas as pd

        table, final = self.source.table, self.source.final
        readings = self._readings(table)
        target = self._target(table, self.source.name)
        frame = self._rows(table, self.source.name, {name: r.values for name, r in readings.items()}, target, 0)
        final_ids = np.empty(0, np.int64)
        if final is not None:
            values = {name: self._like(final[name], reading) for name, reading in readings.items()}
            final_target = self._target(final, self.source.final_name, like=target)
            final_frame = self._rows(final, self.source.final_name, values, final_target, table.num_rows)
            final_ids = final_frame.index.to_numpy()
            frame = pd.concat([frame, final_frame])
        columns = self._columns(table.column_names, readings, target)
        schema = Schema(tuple(_counted(column, frame[column.name]) for column in columns), len(frame))
        self._check(schema, frame)
        has_images = any(column.kind == "image" for column in schema.columns)
        root = self.source.root if has_images else None
        return Dataset(frame, schema, self.source.name, root, final_ids, tuple(self.notes), self.source.how_read)

    def _readings(self, table: "pa.Table") -> "dict[str, Reading]":
        from tenon.data.infer import read_features
        from tenon.data.roles import read_role

        features = [name for name in table.column_names if name not in self.roles]
        found = {r.column.name: r for r in read_features(self.source.name, table.select(features), self.kinds, self.missing)}
        others = {name: role for name, role in self.roles.items() if role != "target"}
        found |= {name: read_role(name, table[name], role, self.missing) for name, role in others.items()}
        self.notes += [note for reading in found.values() for note in reading.notes]
        return found

    def _target(self, table: "pa.Table", file: str, like: "Target | None" = None) -> "Target | None":
        from tenon.data.target import convert_like, convert_target

        name = next((name for name, role in self.roles.items() if role == "target"), None)
        if name is None:
            return None
        if like is not None:
            return convert_like(file, table[name], name, like=like, missing=self.missing)
        target = convert_target(file, table[name], name, task=self.task, missing=self.missing)
        self.notes += target.notes
        return target

    def _rows(
        self, table: "pa.Table", file: str, values: "dict[str, pd.Series]", target: "Target | None", start: int
    ) -> "pd.DataFrame":
        """Return the rows that have a target, in file order; their ids count from `start`."""
        import pandas as pd

        from tenon.data.roles import check_role

        frame = pd.DataFrame(values, index=pd.RangeIndex(table.num_rows))
        if target is not None:
            if not len(target.values):
                raise DataError(f"{file}, column {target.values.name!r}, the target, is empty in every row.")
            if n_left_out := table.num_rows - len(target.values):
                rows = "row has no target and was" if n_left_out == 1 else "rows have no target and were"
                self.notes.append(f"{file}: {n_left_out:,} {rows} left out (column {target.values.name!r}).")
            frame = frame.loc[target.values.index]
            frame = pd.concat([frame, target.values], axis=1)
        for name, role in self.roles.items():
            check_role(file, table[name], frame[name], role)
        frame.index = pd.Index(frame.index.to_numpy(np.int64) + start, name="row")
        return frame[self.source.table.column_names]

    def _like(self, cells: "pa.ChunkedArray", reading: "Reading") -> "pd.Series":
        """Read a column of the final rows as the same column of the others."""
        from tenon.data.cells import convert

        name, kind = reading.column.name, reading.column.kind
        column = reading.column
        converted = convert(cells, kind, missing=column.missing, has_thousands=column.has_thousands)
        if len(converted.strange) and reading.column.role == "feature":
            where = row_numbers(converted.strange)
            self.notes.append(
                f"{self.source.final_name}, column {name!r}: {len(converted.strange):,} cells are no {kind}s and count as "
                f"missing (row {where})."
            )
        return converted.values

    def _columns(self, names: list[str], readings: "dict[str, Reading]", target: "Target | None") -> list[Column]:
        columns = []
        for name in names:
            if name not in readings:
                assert target is not None  # the one column that is no reading
                columns.append(Column(name, target.kind, "target", missing=self.missing, has_thousands=target.has_thousands))
            elif readings[name].column.kind == "image" and self.source.image_reason:
                columns.append(replace(readings[name].column, reason=self.source.image_reason))
            else:
                columns.append(readings[name].column)
        return columns

    def _check(self, schema: Schema, frame: "pd.DataFrame") -> None:
        """Refuse rows with nothing to learn from, and image columns of a table whose files are not there."""
        if schema.with_role("target") and not schema.features():
            why = "; ".join(f"{c.name!r} {c.reason}" for c in schema.columns if c.kind == "ignore")
            raise DataError(
                f"{self.source.name} has no column to learn from ({why or 'the target is the only one'}); "
                "--kind NAME=category reads a column all the same."
            )
        if not self.source.image_reason:
            for name in schema.features("image"):
                paths = [path for path in frame[name] if isinstance(path, str)]
                check_images(self.source.root or Path(), paths)
