"""Files into a Dataset in one call: columns get a kind with a reason, roles are given, final rows set apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.caller import column
from tenon.data.dataset import KINDS, MOST_LOOSE, Column, Dataset, Schema
from tenon.data.images import check_image_cells
from tenon.data.lengths import LENGTH, with_lengths
from tenon.data.questions import PASSAGE, are_questions, kinds_of, with_places
from tenon.data.sources import Source, open_source
from tenon.data.wording import MOST_NAMES, listed, no_column, row_numbers
from tenon.errors import DataError, SettingsError, near_names, unknown

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from tenon.data.infer import Reading
    from tenon.data.sources import Given
    from tenon.data.target import Target


def read(
    path: "Given",
    target: str | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    task: str = "",
    missing: Sequence[str] = (),
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    final: "Given | None" = None,
    quoting: bool = True,
) -> Dataset:
    """Return the rows of a table file, several, a folder or a frame, each column with its kind, role and the reason for it.

    Several files that are one table come as a list, as a pattern such as "part-*.csv" or as a folder; sales.xlsx#2024 is one
    sheet. A folder may also hold images by class or in idx files. Of train.csv and test.csv (train/ and test/, train-* and
    t10k-*) the second holds the final rows. Columns of a frame go by their names as text.

    kinds overrides guesses ({"zip": "category"}) and may say "weight" or "id"; missing names further cells that count as
    missing; task (see `tasks.PRIMARY`) decides how the target is read, and of "language" it is the length of the text; questions
    on one context are a group unless another is named; final is a second file with the same columns; quoting=False reads quotes
    in CSV and TSV as characters like any other. Row ids count the rows of the file from 0, those of the final file go on from
    there; rows without target stand in `unlabelled`. Raises DataError in words for the user.
    """
    source = open_source(path, quoting)
    if final is not None:
        source = _with_final(source, open_source(final, quoting))
    own: dict[str, str] = {}
    if task == "language":
        source, target = with_lengths(source, target), LENGTH
        own = kinds = {next(iter(source.columns)): "text"}
    read_as = task or ("answer" if are_questions(source, target) else "")
    if read_as == "answer":
        has_groups = group not in (None, PASSAGE)
        source, group = with_places(source, target, has_groups), group if has_groups else PASSAGE
        target = source.target
        own = kinds_of(source)
        kinds = own | dict(kinds or {})
    kinds, others = _roles_among({str(name): kind for name, kind in (kinds or {}).items()}, weight)
    asked = {"target": target, "group": group, "time": time, **others}
    given = {role: column(role, name) or None for role, name in asked.items()}
    given["target"] = given["target"] or source.target
    roles = {name: role for role, name in given.items() if name}
    _check_names(source, roles, given, kinds)
    dataset = _Reader(source, roles, kinds, read_as, tuple(missing)).dataset()
    dataset = replace(dataset, schema=_not_given(dataset.schema, own))
    return replace(dataset, source=_as_given(path), final_source=_as_given(final), task=task, quoting=quoting)


def _not_given(schema: Schema, names: Mapping[str, str]) -> Schema:
    """Return the schema without a reason of these columns, whose kind nobody asked for."""
    return replace(schema, columns=tuple(replace(c, reason="") if c.name in names else c for c in schema.columns))


def _counted(column: Column, cells: "pd.Series") -> Column:
    """Return the column with what is counted over its cells as they are, without rows that were left out.

    Of a category that is the values, of a feature of texts, or of sentences of tokens, the long ones.
    """
    import pyarrow as pa

    from tenon.data.infer import count_words
    from tenon.data.long_texts import long_share
    from tenon.data.text_cells import count_different

    if column.kind in ("text", "tokens") and column.role == "feature":
        texts = cells.map(" ".join, na_action="ignore") if column.kind == "tokens" else cells
        return replace(column, long_share=long_share(texts))
    if column.kind != "category" or "different value" not in column.reason:
        return column
    return replace(column, reason=count_words(count_different(pa.chunked_array(pa.array(cells)))))


def _as_given(path: "Given | None") -> str:
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
    return replace(source, final=final.columns, final_name=name, notes=(*source.notes, *final.notes))


def _check_names(source: Source, roles: dict[str, str], given: Mapping[str, str | None], kinds: Mapping[str, str]) -> None:
    names = list(source.columns)
    for name in [name for name in given.values() if name] + list(kinds):
        if name not in names:
            raise DataError(f"{no_column(source.name, name, names)} {source.hint}".rstrip())
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
        _check_same_columns(source.final_name, list(source.final), names, given["target"])


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
        self.notes, self.names = list(source.notes), list(source.columns)

    def dataset(self) -> Dataset:
        """Read all columns of both tables and put them together."""
        import pandas as pd

        from tenon.data.target import unlabelled_rows

        cells, final = self.source.columns, self.source.final
        n_rows = len(next(iter(cells.values())))
        readings = self._readings(cells)
        has_tokens = any(reading.column.kind == "tokens" for reading in readings.values())
        target = self._target(cells, self.source.name, has_tokens=has_tokens)
        frame = self._rows(cells, self.source.name, {name: r.values for name, r in readings.items()}, target, 0)
        final_ids = np.empty(0, np.int64)
        if final is not None:
            values = {name: self._like(final, reading) for name, reading in readings.items()}
            final_target = self._target(final, self.source.final_name, like=target)
            final_frame = self._rows(final, self.source.final_name, values, final_target, n_rows)
            final_ids = final_frame.index.to_numpy()
            frame = pd.concat([frame, final_frame])
        columns = self._columns(self.names, readings, target)
        schema = Schema(tuple(_counted(column, frame[column.name]) for column in columns), len(frame))
        self._check(schema, frame)
        has_images = any(column.kind == "image" for column in schema.columns)
        root = self.source.root if has_images else None
        dataset = Dataset(frame, schema, str(self.source.name), root, final_ids, tuple(self.notes), self.source.how_read)
        unlabelled = None if target is None else unlabelled_rows(dataset, readings, target)
        return replace(dataset, unlabelled=unlabelled, final_start=n_rows)

    def _readings(self, cells: "dict[str, pa.ChunkedArray]") -> "dict[str, Reading]":
        """Take the features out of the cells and return every column but the target in its kind."""
        from tenon.data.infer import read_features
        from tenon.data.roles import read_role

        features = {name: cells.pop(name) for name in list(cells) if name not in self.roles}
        found = {r.column.name: r for r in read_features(self.source.name, features, self.kinds, self.missing)}
        others = {name: role for name, role in self.roles.items() if role != "target"}
        found |= {name: read_role(name, cells[name], role, self.missing) for name, role in others.items()}
        self.notes += [note for reading in found.values() for note in reading.notes]
        return found

    def _target(
        self, cells: "dict[str, pa.ChunkedArray]", file: str, *, like: "Target | None" = None, has_tokens: bool = False
    ) -> "Target | None":
        """has_tokens : lists of texts are tags, else label sets."""
        from tenon.data.cells import is_list_of_text
        from tenon.data.target import check_classes, convert_like, convert_target, names_of_classes

        name = next((name for name, role in self.roles.items() if role == "target"), None)
        if name is None:
            return None
        if like is not None:
            return convert_like(file, cells[name], name, like=like, missing=self.missing)
        are_labels = not self.task and not has_tokens and is_list_of_text(cells[name].type)
        task = "multilabel" if are_labels else self.task
        target = convert_target(file, cells[name], name, task=task, missing=self.missing)
        if self.source.image_reason and target.kind == "number" and not self.task:
            target = names_of_classes(cells[name], name)
        check_classes(file, target)
        self.notes += target.notes
        return target

    def _rows(
        self, cells: "dict[str, pa.ChunkedArray]", file: str, values: "dict[str, pd.Series]", target: "Target | None", start: int
    ) -> "pd.DataFrame":
        """Return the rows that have a target, in file order; their ids count from `start`."""
        import pandas as pd

        from tenon.data.roles import check_role

        n_rows = len(next(iter(cells.values()), next(iter(values.values()), ())))
        index: pd.Index = pd.RangeIndex(n_rows)
        if target is not None:
            index = target.values.index
            if not len(index):
                hint = self.source.hint
                raise DataError(f"{file}, column {target.values.name!r}, the target, is empty in every row. {hint}".rstrip())
            if n_left_out := n_rows - len(index):
                rows = "row has no target and was" if n_left_out == 1 else "rows have no target and were"
                self.notes.append(f"{file}: {n_left_out:,} {rows} left out (column {target.values.name!r}).")
                values = {name: of_all.iloc[index] for name, of_all in values.items()}
            values = {**values, str(target.values.name): target.values}
        arrays = {name: values[name].array for name in self.names}  # without an index there is nothing to align
        frame = pd.DataFrame(arrays, index, copy=len(arrays) > MOST_LOOSE)
        for name, role in self.roles.items():
            check_role(file, cells[name], frame[name], role)
        frame.index = pd.Index(index.to_numpy(np.int64) + start, name="row")
        return frame

    def _like(self, final: "dict[str, pa.ChunkedArray]", reading: "Reading") -> "pd.Series":
        """Read a column of the final rows as the same column of the others; a feature is taken out of them."""
        from tenon.data.cells import convert

        name, kind = reading.column.name, reading.column.kind
        column = reading.column
        cells = final.pop(name) if column.role == "feature" else final[name]
        converted = convert(cells, kind, missing=column.missing, has_thousands=column.has_thousands)
        if len(converted.strange) and column.role == "feature":
            where = row_numbers(converted.strange, self.source.final_name)
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
            ignored = [f"{c.name!r} {c.reason}" for c in schema.columns if c.kind == "ignore"]
            more = [f"and {len(ignored) - MOST_NAMES:,} more"] if len(ignored) > MOST_NAMES else []
            why = "; ".join(ignored[:MOST_NAMES] + more)
            kind = "text" if self.task == "translation" else "category"
            raise DataError(
                f"{self.source.name} has no column to learn from ({why or 'the target is the only one'}); "
                f"--kind NAME={kind} reads a column all the same."
            )
        from tenon.data.cells import check_tokens
        from tenon.data.target import check_aligned

        target, tokens = schema.with_role("target"), schema.features("tokens")
        for name in [one.name for one in schema.columns if one.kind == "tokens"]:
            check_tokens(self.source.name, name, frame[name])
        if target is not None and target.kind == "tokens" and len(tokens) == 1:
            check_aligned(self.source.name, frame[tokens[0]].tolist(), frame[target.name].tolist())
        if not self.source.image_reason:
            for name in schema.features("image"):
                check_image_cells(self.source.name, name, frame[name], self.source.root or Path())
