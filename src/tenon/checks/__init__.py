"""What is wrong, odd or dangerous in the data, found before anything is fitted."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.checks.finding import Finding, Findings
    from tenon.checks.look import findings_of

_WHERE = {"Finding": "finding", "Findings": "finding", "findings_of": "look"}
__all__ = ["Finding", "Findings", "findings_of"]
__getattr__, __dir__ = exports(__name__, _WHERE)
