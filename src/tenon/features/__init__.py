"""Columns into matrices, by kind; everything is fitted on train rows only."""

from importlib import import_module
from typing import Any

_WHERE = {"scaled": "recipes", "counted": "recipes", "nothing": "recipes"}
__all__ = ["counted", "nothing", "scaled"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
