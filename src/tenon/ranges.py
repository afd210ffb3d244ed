"""Whether a setting is in its range: a clear SettingsError (a ValueError) names the setting and the range."""

import math
from collections.abc import Iterable
from typing import Any

from tenon.errors import SettingsError, near_names

LARGEST = 2**63 - 1  # of the machine's whole numbers
MOST_THREADS = 1_024  # no machine of today has more cores


def whole(name: str, value: Any, low: int, high: float = math.inf, or_none: bool = False) -> None:
    """Raise SettingsError unless value is a whole number in [low, high], or None where that may be."""
    if value is None and or_none:
        return
    is_whole = hasattr(value, "__index__") and not isinstance(value, bool) and not hasattr(value, "__len__")  # no array
    if not is_whole or not low <= value <= high:
        raise _out_of_range("a whole number", name, value, low, high, ["None"] * or_none)
    if value > LARGEST:
        raise _out_of_range("a whole number", name, value, low, LARGEST, ["None"] * or_none)


def number(
    name: str,
    value: Any,
    low: float,
    high: float = math.inf,
    open_low: bool = False,
    or_none: bool = False,
    words: tuple[str, ...] = (),
) -> None:
    """Raise SettingsError unless value is a finite number in [low, high] (above low, if open_low) or one of the words."""
    if (value is None and or_none) or (isinstance(value, str) and value in words):
        return
    is_number = hasattr(value, "__float__") and not isinstance(value, bool) and not hasattr(value, "__len__")  # no array
    if not is_number or not low <= value <= high or not math.isfinite(value) or (open_low and value == low):
        others = ["None"] * or_none + [repr(word) for word in words]
        raise _out_of_range("a number", name, value, f"above {low:g}" if open_low else low, high, others)


def one_of(name: str, value: Any, known: Iterable[str]) -> None:
    """Raise SettingsError unless value is one of the known words."""
    known = list(known)
    if value not in known:
        near = near_names(str(value), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"{name} takes one of {', '.join(map(repr, known))}; got {value!r}{hint}")


def _out_of_range(kind: str, name: str, value: Any, low: Any, high: float, others: list[str]) -> SettingsError:
    start = low if isinstance(low, str) else f"from {low:g}"
    end = " on" if math.isinf(high) and not isinstance(low, str) else "" if math.isinf(high) else f" to {high:g}"
    besides = ", or " + " or ".join(others) if others else ""
    return SettingsError(f"{name} takes {kind} {start}{end}{besides}; got {value!r}.")
