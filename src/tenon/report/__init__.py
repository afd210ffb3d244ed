"""A run as people read it: lines of text for the terminal, one HTML page to hand on."""

from importlib import import_module
from typing import Any

_WHERE = {"lines": "text", "closing": "text", "digits": "figures", "write_report": "page", "leaderboard_html": "page"}
__all__ = ["closing", "digits", "leaderboard_html", "lines", "write_report"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
