"""Data sets that `tenon sample` writes: real ones that every installation brings, and generated ones."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.data.samples.planted import Planted, planted_documents
    from tenon.data.samples.table import SAMPLES, Sample, write_sample

_WHERE = {
    "SAMPLES": "table", "Planted": "planted", "Sample": "table", "planted_documents": "planted", "write_sample": "table"
}  # fmt: skip
__all__ = ["SAMPLES", "Planted", "Sample", "planted_documents", "write_sample"]
__getattr__, __dir__ = exports(__name__, _WHERE)
