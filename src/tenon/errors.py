"""Every error a user can cause, in one tree; the command line prints its message and exits with code 2.

TenonError            base of all: catch this one
├── DataError         the data cannot be used as given
│   └── MethodError   what a method predicts is no prediction: a wrong shape, no probabilities
├── SettingsError     an option, name or setting is unknown or out of range
├── NeedsExtra        an optional package is missing; the message names the extra
├── RunFolderError    a run folder cannot be used for what was asked
├── ModelFileError    a model folder is damaged, of another version, or not ours
└── OutputError       something cannot be written: no space, no permission
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb

MOST_KNOWN = 20  # names that are listed where there is a command for it
LONGEST_REASON = 200  # characters of what an exception says on the board; the trial's folder keeps all of it


class TenonError(Exception):
    """Base of every error that a user can cause."""


class DataError(TenonError, ValueError):
    """The data cannot be used as given."""


class MethodError(DataError):
    """What a method predicts is no prediction."""


class SettingsError(TenonError, ValueError):
    """An option, a name or a setting is unknown or out of range."""


class NeedsExtra(TenonError, ImportError):
    """An optional package is missing."""


class RunFolderError(TenonError):
    """A run folder cannot be used for what was asked."""


class ModelFileError(TenonError):
    """A model folder is damaged, of another version, or not ours."""


class OutputError(TenonError):
    """Something cannot be written: no space, no permission."""


def near_names(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Return up to n of the known names that look like name, nearest first, then those that hold it; case is no difference."""
    by_folded = {k.casefold(): k for k in known}
    holding = [k for k in by_folded if len(name) > 1 and name.casefold() in k]
    close = get_close_matches(name.casefold(), by_folded, n=n, cutoff=0.6)
    return [by_folded[k] for k in dict.fromkeys([*close, *holding])][:n]


def unknown(kind: str, name: str, known: Iterable[str], of: str = "", lists: str = "") -> SettingsError:
    """Return the error "no method 'bret'; did you mean 'bert'? Known: bert, lstm."; of: " for a binary task".

    lists : the command that lists them all, which stands in the place of more than MOST_KNOWN names.
    """
    known = list(known)
    is_long = bool(lists) and len(known) > MOST_KNOWN
    near = near_names(name, known, n=3 if is_long else 1)
    hint = f"; did you mean {', '.join(map(repr, near))}?" if near else "."
    rest = f"{lists} lists all." if is_long else f"Known: {', '.join(known)}."
    return SettingsError(f"no {kind} {name!r}{of}{hint} {rest}")


def failure_reason(error: BaseException) -> str:
    """Return the first line of what an exception says, cut where it is long.

    Before it stands its type, and after it its place, where it is none of Tenon's own.
    """
    said = str(error).encode("utf-8", "backslashreplace").decode()  # half a character could be neither shown nor written
    first_line = shortened(said.strip().split("\n")[0])
    if isinstance(error, TenonError):
        return first_line
    places = [f" ({Path(place.filename).name}, line {place.lineno})" for place in extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {first_line}{places[-1] if places else ''}"


def shortened(text: str, most: int = LONGEST_REASON) -> str:
    """Return the text, cut at `most` characters with an ellipsis for the rest."""
    return text if len(text) <= most else text[: most - 1] + "…"
