"""Columns into matrices, by kind; everything is fitted on train rows only."""

from tenon.lazy import exports

_WHERE = {"scaled": "recipes", "counted": "recipes", "nothing": "recipes"}
__all__ = ["counted", "nothing", "scaled"]
__getattr__, __dir__ = exports(__name__, _WHERE)
