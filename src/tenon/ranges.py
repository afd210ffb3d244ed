"""Whether a setting is in its range: a clear SettingsError (a ValueError) names the setting and the range."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tenon.errors import SettingsError, near_names

if TYPE_CHECKING:
    from numpy.random import RandomState

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


def generator_of(random_state: Any) -> "RandomState":
    """Return the generator that scikit-learn makes of a random_state. Raises SettingsError for what is none."""
    from sklearn.utils import check_random_state

    try:
        return check_random_state(random_state)
    except ValueError as error:
        raise SettingsError(
            f"random_state takes a whole number from 0 to {2**32 - 1}, None or a numpy RandomState; got {random_state!r}."
        ) from error


def seed_of(random_state: Any) -> int:
    """Return a seed from 0 to 2**31 - 2, drawn from the generator of a random_state. Raises SettingsError for what is none."""
    return int(generator_of(random_state).randint(2**31 - 1))


def _out_of_range(kind: str, name: str, value: Any, low: Any, high: float, others: list[str]) -> SettingsError:
    start = low if isinstance(low, str) else f"from {low:g}"
    end = " on" if math.isinf(high) and not isinstance(low, str) else "" if math.isinf(high) else f" to {high:g}"
    besides = ", or " + " or ".join(others) if others else ""
    return SettingsError(f"{name} takes {kind} {start}{end}{besides}; got {value!r}.")
