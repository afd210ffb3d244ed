"""Files into rows with a schema, and splits of these rows; `tenon.read` reads."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.data.dataset import Column, Dataset, Schema

_WHERE = {"Column": "dataset", "Dataset": "dataset", "Schema": "dataset"}
__all__ = ["Column", "Dataset", "Schema"]
__getattr__, __dir__ = exports(__name__, _WHERE)
