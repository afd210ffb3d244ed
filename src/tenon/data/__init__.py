"""Files into rows with a schema, and splits of these rows; `tenon.read` reads."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenon.data.dataset import Column, Dataset, Schema

_WHERE = {"Column": "dataset", "Dataset": "dataset", "Schema": "dataset"}
__all__ = ["Column", "Dataset", "Schema"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
