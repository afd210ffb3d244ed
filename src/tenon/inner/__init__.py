"""What may be done inside the train rows of one trial, around any method: tune, balance, calibrate, weigh mistakes."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenon.inner.adjusted import AdjustedModel, adjusted_or_plain
    from tenon.inner.curve import shrunk
    from tenon.inner.fit import Fitted, fit_inside
    from tenon.inner.settings import Cost, Inner, parse_cost, split_settings

_WHERE = {
    "AdjustedModel": "adjusted",
    "adjusted_or_plain": "adjusted",
    "shrunk": "curve",
    "Fitted": "fit",
    "fit_inside": "fit",
    "Cost": "settings",
    "Inner": "settings",
    "parse_cost": "settings",
    "split_settings": "settings",
}
__all__ = [
    "AdjustedModel",
    "Cost",
    "Fitted",
    "Inner",
    "adjusted_or_plain",
    "fit_inside",
    "parse_cost",
    "shrunk",
    "split_settings",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
