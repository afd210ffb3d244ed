"""What a caller of the Python functions hands in, made plain; and the caller's own state, left as it was."""

import math
import numbers
import random
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tenon.errors import SettingsError

MOST_DIGITS = 9  # of a number of folds, seconds or configurations that is typed as part of a word


@contextmanager
def untouched() -> Iterator[None]:
    """Give back the filters of warnings, which packages add to when they are imported, and the global random states."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    with warnings.catch_warnings():
        try:
            yield
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)


def text(name: str, value: Any) -> str:
    """Return the value of an argument that takes text. Raises SettingsError for anything else."""
    if not isinstance(value, str):
        raise SettingsError(f"{name} takes a text; got {value!r}.")
    return str(value)


def texts(name: str, value: Any) -> tuple[str, ...]:
    """Return the value of an argument that takes one text or several. Raises SettingsError for anything else."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence):
        raise SettingsError(f"{name} takes a list of texts; got {value!r}.")
    return tuple(text(name, one) for one in value)


def whole(name: str, value: Any) -> int:
    """Return the value of an argument that takes a whole number, NumPy's included. Raises SettingsError for anything else."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise SettingsError(f"{name} takes a whole number; got {value!r}.")
    return int(value)


def typed_whole(value: str) -> int | None:
    """Return the whole number from 0 on that a text spells; None where it spells none, or one of more than MOST_DIGITS."""
    return int(value) if value.isdecimal() and len(value) <= MOST_DIGITS else None


def number(name: str, value: Any) -> float:
    """Return the value of an argument that takes a number, NumPy's included. Raises SettingsError for anything else."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise SettingsError(f"{name} takes a number; got {value!r}.")
    try:
        return float(value)
    except OverflowError:
        raise SettingsError(
            f"{name} takes a number that float64 holds; got a whole number beyond {sys.float_info.max:g}."
        ) from None


def column(name: str, value: Any) -> str | None:
    """Return the name of a column as text, as every column is named once it is read; None stays.

    Raises SettingsError for cells in the place of a name. A tuple is one: that of a column in a frame of several levels.
    """
    if isinstance(value, Sized) and not isinstance(value, str | tuple):
        raise SettingsError(f"{name} takes the name of a column; got a {type(value).__name__}.")
    return None if value is None else str(value)


def path(name: str, value: Any) -> Path:
    """Return the value of an argument that takes a path. Raises SettingsError for anything else."""
    if not isinstance(value, str | Path):
        raise SettingsError(f"{name} takes a path; got {value!r}.")
    return Path(value)


def settings(given: Any) -> dict[str, dict[str, Any]]:
    """Return {method: {setting: plain value}}. Raises SettingsError for another form, and for values that no file can hold."""
    if not isinstance(given, Mapping) or not all(isinstance(of_method, Mapping) for of_method in given.values()):
        raise SettingsError(f"settings takes {{method: {{setting: value}}}}, such as {{'knn': {{'k': 7}}}}; got {given!r}.")
    return {
        str(method): {str(name): _plain(f"{method}.{name}", value) for name, value in of_method.items()}
        for method, of_method in given.items()
    }


def _plain(name: str, value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple):
        return [_plain(name, one) for one in value]
    raise SettingsError(f"{name} takes a text, a finite number, True, False or None; got {value!r}.")
