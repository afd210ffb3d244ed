"""Findings as lines: a few before a comparison, all of them with what to do from `tenon check`."""

from collections import Counter

from tenon.checks import Findings
from tenon.report.text import GAP, wrapped

MOST_SHOWN = 5  # before a comparison
PLURAL = {"leak": "leaks", "warning": "warnings", "note": "notes"}


def short_lines(findings: Findings, shows_all: str, width: int) -> list[str]:
    """Return the gravest findings, notes apart, and how many more there are; shows_all : the command that shows all."""
    shown = findings.of("leak", "warning")[:MOST_SHOWN]
    lines = [line for finding in shown for line in wrapped(finding.line, width, GAP)]
    rest = counts(Findings(findings[len(shown) :] if len(shown) == MOST_SHOWN else findings.of("note")))
    return lines + (wrapped(f"{'  and ' if shown else ''}{rest}: {shows_all}", width, GAP) if rest else [])


def finding_lines(findings: Findings, width: int) -> list[str]:
    """Return every finding with what to do about it, the gravest first, and how many there are."""
    lines: list[str] = []
    for finding in findings:
        lines += wrapped(finding.line, width, GAP)
        lines += [*(GAP + line for line in wrapped(finding.advice, width - len(GAP))), ""]
    return [*lines, counts(findings) or "nothing to report"]


def counts(findings: Findings) -> str:
    """Return "1 leak, 3 warnings", or "" where there is nothing."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(f"{numbers[kind]} {kind if numbers[kind] == 1 else PLURAL[kind]}" for kind in PLURAL if numbers[kind])
