"""Data sets that `tenon sample` writes: real ones that every installation brings, and generated ones."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenon.data.samples.table import SAMPLES, Sample, write_sample

_WHERE = {"SAMPLES": "table", "Sample": "table", "write_sample": "table"}
__all__ = ["SAMPLES", "Sample", "write_sample"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
