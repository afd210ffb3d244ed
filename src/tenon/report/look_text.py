"""What was seen in data, as about fifteen lines for the terminal."""

from typing import Any

from tenon.report.look_words import headline, summary
from tenon.report.text import GAP, wrapped

MOST_LINES = 14
MOST_FINDINGS = 3  # the gravest
MARKS = {"leak": "! LEAK ", "warning": "! "}


def look_lines(content: dict[str, Any], width: int = 80) -> list[str]:
    """Return what stands on top of the page, then the gravest findings; no line is wider than `width` cells."""
    lines = [line for said in [headline(content), *summary(content, True)] for line in wrapped(said, width, GAP)][:MOST_LINES]
    grave = [one for one in content["findings"] if one["severity"] in MARKS]
    for one in grave[:MOST_FINDINGS]:
        lines += wrapped(MARKS[one["severity"]] + one["sentence"], width, GAP)
    n_more = len(grave) - MOST_FINDINGS
    return lines + ([f"{GAP}and {n_more} more on the page"] if n_more > 0 else [])
