"""The model of a run over HTTP: predictions, explanations, and a page to try it by hand."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.serve.app import application
    from tenon.serve.limits import Limits
    from tenon.serve.served import Served

_WHERE = {"Limits": "limits", "Served": "served", "application": "app"}
__all__ = ["Limits", "Served", "application"]
__getattr__, __dir__ = exports(__name__, _WHERE)
