"""What may be done inside the train rows of one trial, around any method: tune, balance, calibrate, weigh mistakes."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

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
__getattr__, __dir__ = exports(__name__, _WHERE)
