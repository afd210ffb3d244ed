"""The rows of figures as Markdown, and into the page that shows them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- calibration: made by benchmarks/verdicts.py -->", "<!-- calibration: end -->"
TITLES = {"accuracy": "accuracy", "auc": "AUC", "macro_f1": "macro-F1", "rmse": "RMSE", "entity_f1": "entity F1", "bleu": "BLEU"}
NOMINAL = 0.065  # an upper bound above it is printed in bold
Row = dict[str, Any]


def markdown(rows: Sequence[Row]) -> str:
    """Return all tables."""
    parts = [
        ("#### False differences among methods equal in truth", _errors([row for row in rows if row["truth"] == "equal"])),
        ("#### Power: half of the board truly worse", _power([row for row in rows if row["truth"] == "half"])),
        (
            "#### Coverage of the 95 % intervals",
            _coverage([row for row in rows if row["coverage"] is not None and row["truth"] != "nested"]),
        ),
        ("#### Nested folds in the place of final rows", _nested([row for row in rows if row["truth"] == "nested"])),
        ("#### What choosing the best adds", _flattery([row for row in rows if _is_chosen_from(row)])),
        ("#### Posterior: P(better) as said, and how often true", _posterior([row for row in rows if "posterior" in row])),
    ]
    return "\n\n".join(f"{title}\n{table}" for title, table in parts if table)


def write_into(page: Path, text: str) -> None:
    """Replace what stands between the two marker comments of the page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _is_chosen_from(row: Row) -> bool:
    return row["truth"] != "half" and row["splits"] in ("5x2", "5x4") and row["metric"] in ("accuracy", "auc") and row["m"] != 10


def _by_size(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that differ in the size of the board only."""
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["design"], row["n"], row["metric"], row["splits"]].append(row)
    return list(groups.values())


def _name(row: Row) -> list[str]:
    return [row["design"], f"{row['n']:,}", TITLES[row["metric"]], row["splits"]]


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *lines])


def _each(rows: Sequence[Row], show: Callable[[Row], str]) -> str:
    return " / ".join(show(row) for row in rows)


def _errors(rows: Sequence[Row]) -> str:
    def bound(row: Row) -> str:
        return f"**{row['upper']:.3f}**" if row["upper"] > NOMINAL else f"{row['upper']:.3f}"

    head = ["design", "n", "metric", "splits", "boards", "m", "share told apart", "upper bound", "leader, uncorrected"]
    return _table(
        head,
        [
            [
                *_name(of[0]),
                f"{of[0]['boards']:,}",
                _each(of, lambda row: str(row["m"])),
                _each(of, lambda row: f"{row['error']:.3f}"),
                _each(of, bound),
                _each(of, lambda row: f"{row['naive']:.2f}") if any(row["naive"] for row in of) else "–",
            ]
            for of in _by_size(rows)
        ],
    )


def _power(rows: Sequence[Row]) -> str:
    head = ["n", "metric", "splits", "boards", "true gap", "m", "share of the worse found", "false among the best", "upper bound"]
    return _table(
        head,
        [
            [
                *_name(of[0])[1:],
                f"{of[0]['boards']:,}",
                f"{of[0]['gap']:.3f}",
                _each(of, lambda row: str(row["m"])),
                _each(of, lambda row: f"{row['power']:.2f}"),
                _each(of, lambda row: f"{row['error']:.3f}"),
                _each(of, lambda row: f"{row['upper']:.3f}"),
            ]
            for of in _by_size(rows)
        ],
    )


def _coverage(rows: Sequence[Row]) -> str:
    largest = [of[-1] for of in _by_size(rows)]
    head = ["design", "n", "metric", "splits", "boards x methods", "true score", "covered"]
    return _table(
        head,
        [[*_name(row), f"{row['boards']:,} x {row['m']}", f"{row['score']:.3f}", f"{row['coverage']:.3f}"] for row in largest],
    )


def _flattery(rows: Sequence[Row]) -> str:
    head = ["design", "n", "metric", "splits", "m", "true", "estimated"]
    return _table(
        head,
        [
            [
                *_name(of[0]),
                _each(of, lambda row: str(row["m"])),
                _each(of, lambda row: f"{row['flattery']:.4f}"),
                _each(of, lambda row: f"{row['flattery_said']:.4f}"),
            ]
            for of in _by_size(rows)
        ],
    )


def _nested(rows: Sequence[Row]) -> str:
    head = [
        "n",
        "metric",
        "boards",
        "chosen from",
        "true score",
        "nested score less true",
        "best of the board less true",
        "covered",
    ]
    return _table(
        head,
        [
            [
                *_name(row)[1:3],
                f"{row['boards']:,}",
                f"{row['m']} methods",
                f"{row['score']:.3f}",
                f"{row['flattery']:+.4f}",
                f"{row['flattery_said']:+.4f}",
                f"{row['coverage']:.3f}",
            ]
            for row in rows
        ],
    )


def _posterior(rows: Sequence[Row]) -> str:
    head = ["n", "metric", "m", "said → true (pairs)"]
    lines = []
    for row in rows:
        bins = ", ".join(f"{said:.2f} → {true:.2f} ({pairs:,})" for said, true, pairs in row["posterior"])
        lines.append([f"{row['n']:,}", TITLES[row["metric"]], str(row["m"]), bins])
    return _table(head, lines)
