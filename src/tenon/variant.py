"""A method that stands a second time on the board, with settings of its own: how it is typed, and what its row is called."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tenon.errors import SettingsError

NAME = re.compile(r"(\S+) \w+=")  # how the name of a variant begins; no method's own name has a blank
BETWEEN = re.compile(r",(?=[\w.:]+=)")  # two settings; other commas belong to a value, such as [64,32]
UNSAFE = re.compile(r"[^\w =.,+-]")  # in the name of a folder, on some system
LONGEST_NAME = 80  # of the folder of a variant; a file system takes some 255 bytes


@dataclass(frozen=True)
class Variant:
    """A method of the board and what is set otherwise in its second row."""

    method: str
    settings: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> "Variant":
        """Read "knn.k=7,weights=uniform", or "knn.k=7,knn.weights=distance"; values are read as `value_of` does.

        Raises SettingsError for a text of another form, and where a setting stands there twice.
        """
        place, equals, _ = text.partition("=")
        method, dot, _ = place.rpartition(".")
        if not (equals and dot and method):
            raise SettingsError(f"--also takes METHOD.param=value, such as knn.k=7 or knn.k=7,weights=uniform; got {text!r}.")
        settings: dict[str, Any] = {}
        for part in BETWEEN.split(text):
            name, _, value = part.removeprefix(f"{method}.").partition("=")
            if not name.isidentifier():
                raise SettingsError(f"--also {text}: {name!r} is no setting of {method}; give --also once for each new row.")
            if name in settings:
                raise SettingsError(f"--also {text}: {name} stands there twice.")
            settings[name] = value_of(value)
        return cls(method, settings)

    @property
    def name(self) -> str:
        """What its row is called: "knn k=7 weights=uniform". From the name alone every process finds the method."""
        return " ".join([self.method, *self._written()])

    @property
    def typed(self) -> str:
        """What `parse` reads as this."""
        return f"{self.method}.{','.join(self._written())}"

    def _written(self) -> list[str]:
        return [f"{name}={written(value)}" for name, value in sorted(self.settings.items())]


def method_of(row: str) -> str:
    """Return the name of the method in a row of the board: "knn" of "knn k=7", and of "knn" itself."""
    variant = NAME.match(row)
    return variant[1] if variant else row


def folder_of(row: str) -> str:
    """Return the name of the folder for a row of the board: safe on every system, another for every row.

    Settings of a variant hold anything, such as the path of a file; what cannot stand in a name gives way to a digest.
    """
    method = method_of(row)
    settings = row.removeprefix(method)
    safe = UNSAFE.sub("-", settings)
    if safe != settings or len(row) > LONGEST_NAME or safe.endswith("."):
        safe = f"{safe[: LONGEST_NAME // 2]} {sha256(row.encode()).hexdigest()[:8]}"
    return method.replace(":", ".") + safe


def value_of(text: str) -> Any:
    """Return the value of a setting that was typed; what is no JSON stays text."""
    try:
        return json.loads(text, parse_constant=str)  # NaN and Infinity are no JSON: they stay text
    except (ValueError, RecursionError):
        return text


def written(value: Any) -> str:
    """Return what `value_of` reads as this value."""
    is_plain = isinstance(value, str) and value.isprintable() and value_of(value) == value
    return value if is_plain else json.dumps(value, separators=(",", ":"))
