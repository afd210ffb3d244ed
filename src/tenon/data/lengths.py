"""Texts to be foretold by a language model: the rows' target is how long each is, in units that every method counts alike."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.language import script_of
from tenon.data.wording import listed
from tenon.errors import DataError

if TYPE_CHECKING:
    from tenon.data.sources import Source

LENGTH = "length"  # the column


def n_units(text: str, script: str) -> int:
    """Return how many words between blanks a text has, in Chinese characters other than blanks, and 1 for its end.

    >>> n_units("to be or not", "other"), n_units("你好 吗", "chinese")
    (5, 4)
    """
    return 1 + len(units(text, script))


def units(text: str, script: str) -> list[str]:
    """Return the words of a text, or its characters, as `n_units` counts them."""
    return [character for character in text if not character.isspace()] if script == "chinese" else text.split()


def with_lengths(source: "Source", text: str | None) -> "Source":
    """Return the texts of a source with their lengths, which are the target. Rows without a text are left out, and told.

    text : name of the column, None for the only one. Raises DataError where there is no such column.
    """
    import pyarrow as pa

    names = list(source.columns)
    if text is None and len(names) > 1:
        raise DataError(f"{source.name}: name the column of texts with --target. Columns: {listed(names)}.")
    name = text or names[0]
    if name not in source.columns:
        raise DataError(f"{source.name} has no column {name!r}. Columns: {listed(names)}.")
    script = script_of(source.columns[name].to_pylist())
    what = "characters" if script == "chinese" else "words"
    notes = [f"{source.name}: {LENGTH} counts the {what} of each text and its end; perplexity is of one of them."]
    if others := [other for other in names if other != name]:
        notes.append(f"{source.name}: the columns {listed(others)} were not read; a language model reads texts alone.")

    def lengthened(columns: "dict[str, pa.ChunkedArray]", file: str) -> "dict[str, pa.ChunkedArray]":
        texts = [str(cell) for cell in columns[name].to_pylist() if cell is not None]
        if n_left_out := len(columns[name]) - len(texts):
            rows = "row without a text was" if n_left_out == 1 else "rows without a text were"
            notes.append(f"{file}: {n_left_out:,} {rows} left out.")
        lengths = np.array([n_units(one, script) for one in texts], np.float64)
        return {name: pa.chunked_array([pa.array(texts, pa.large_string())]), LENGTH: pa.chunked_array([pa.array(lengths)])}

    columns = lengthened(source.columns, source.name)
    final = None if source.final is None else lengthened(source.final, source.final_name)
    return replace(source, columns=columns, final=final, notes=(*source.notes, *notes), target=LENGTH)
