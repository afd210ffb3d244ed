"""From your data to a model you can defend: every fitting method on the same splits, and which differences are real."""

from importlib import import_module
from typing import Any

_MODULE_OF = {
    "Result": "tenon.api",
    "check": "tenon.api",
    "compare": "tenon.api",
    "load": "tenon.api",
    "look": "tenon.api",
    "pretrain": "tenon.api",
    "read": "tenon.api",
    "verdict": "tenon.api",
}
__all__ = sorted([*_MODULE_OF, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("tenon")
    if name in _MODULE_OF:
        return getattr(import_module(_MODULE_OF[name]), name)
    raise AttributeError(f"module 'tenon' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
