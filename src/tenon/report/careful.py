"""What the checks found, as a list on a page; on one without cells only what is known to quote none."""

from collections.abc import Sequence
from typing import Any

from tenon.report.language import without_cells


def careful_view(findings: Sequence[dict[str, Any]], has_cells: bool, kept_in: str) -> dict[str, Any]:
    """Return the findings; without cells, those that are not known to quote none are counted. kept_in : what still has them."""
    shown = [{name: told(text, has_cells) for name, text in _finding(one).items()} for one in findings]
    shown = [one for one in shown if one["sentence"]]
    n = len(findings) - len(shown)
    hidden = f"{n} {'sentence is' if n == 1 else 'sentences are'} left out, which may quote cells; {kept_in} has them."
    return {"findings": shown, "hidden": hidden if n else ""}


def _finding(one: dict[str, Any]) -> dict[str, str]:
    known = {name: one.get(name, "") for name in ("severity", "sentence", "advice")}
    unsaid = [option for option in one.get("options", ()) if option not in one["sentence"]]
    return known | {"options": " ".join(unsaid)}


def told(text: str, has_cells: bool) -> str:
    """Return a sentence that another room composed; without cells … stands for these, and nothing for a sentence unknown."""
    return text if has_cells or not text else without_cells(text) or ""
