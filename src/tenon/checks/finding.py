"""What a check found: one sentence for the terminal, the rest for the page."""

from dataclasses import asdict, dataclass, field
from typing import Any

SEVERITIES = ("leak", "warning", "note")  # something known only with the target; worth a look before a run; good to know
MARK = {"leak": "! LEAK ", "warning": "! ", "note": "· "}


@dataclass(frozen=True)
class Finding:
    """One thing about the data that a user should know."""

    check: str  # which sentence this is: "identity", "copies", …
    severity: str  # one of SEVERITIES
    sentence: str  # one line: what, where (rows as the user counts them) and what was done or can be
    advice: str = ""  # why it matters and what to do, for the page
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()  # the first of the rows meant, such as "1,204", "17 and 5,020" or "cat/7.jpg"
    options: tuple[str, ...] = ()  # of `tenon compare`, which put it right: "--kind casual=ignore"
    figures: dict[str, Any] = field(default_factory=dict)  # every figure of the sentence, ready for JSON

    def __post_init__(self) -> None:
        assert self.severity in SEVERITIES
        assert "\n" not in self.sentence

    @property
    def line(self) -> str:
        """The sentence with its mark: "! LEAK casual + registered = cnt in every row: …"."""
        return MARK[self.severity] + self.sentence

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Findings(tuple[Finding, ...]):
    """Findings, the gravest first. Shows itself as their lines, in a terminal and in a notebook."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(finding.line for finding in self) or "nothing to report"

    def to_json(self) -> list[dict[str, Any]]:
        """Return the content of checks.json."""
        return [finding.to_json() for finding in self]

    def of(self, *severities: str) -> "Findings":
        """Return those of these severities."""
        return Findings(finding for finding in self if finding.severity in severities)


def in_order(findings: list[Finding]) -> Findings:
    """Return the findings by falling severity, otherwise in the order of the checks."""
    return Findings(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
