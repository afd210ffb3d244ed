"""One thing a person may do wrong, and the message that they then read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# What stands on standard error before the message of an error that is found after the data were read: how they were read.
READ = r"(?s:.+?)\n\n"


@dataclass(frozen=True)
class Case:
    """`says` is a regular expression that the whole of standard error must match, but for the last line end."""

    name: str
    make: Callable[[Path], list[str]]  # writes files into the folder, which is the current one; returns what follows `tenon`
    says: str
    code: int = 2
