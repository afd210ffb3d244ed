"""What a caller of the Python functions hands in, made plain; and the caller's own state, left as it was."""

import math
import numbers
import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from tenon.errors import SettingsError


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


def whole(name: str, value: Any) -> int:
    """Return the value of an argument that takes a whole number, NumPy's included. Raises SettingsError for anything else."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise SettingsError(f"{name} takes a whole number; got {value!r}.")
    return int(value)


def number(name: str, value: Any) -> float:
    """Return the value of an argument that takes a number, NumPy's included. Raises SettingsError for anything else."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise SettingsError(f"{name} takes a number; got {value!r}.")
    return float(value)


def column(value: Any) -> str | None:
    """Return the name of a column as text, as every column is named once it is read; None stays."""
    return None if value is None else str(value)


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
