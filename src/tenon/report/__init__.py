"""A run as people read it: lines of text for the terminal, one HTML page to hand on."""

from tenon.lazy import exports

_WHERE = {"lines": "text", "closing": "text", "digits": "figures", "write_report": "page", "leaderboard_html": "page"}
__all__ = ["closing", "digits", "leaderboard_html", "lines", "write_report"]
__getattr__, __dir__ = exports(__name__, _WHERE)
