"""Data sets that `tenon sample` writes: real ones that every installation brings, and generated ones."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.data.samples.table import SAMPLES, Sample, write_sample

_WHERE = {"SAMPLES": "table", "Sample": "table", "write_sample": "table"}
__all__ = ["SAMPLES", "Sample", "write_sample"]
__getattr__, __dir__ = exports(__name__, _WHERE)
