"""What several scripts write: lines of results, and parts of a page between two comments that no reader sees."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_part(name: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Write the part called name into the page, in the place of an older one or behind all others."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    part = begin + "\n".join(lines) + "\n" + end
    text, n = re.subn(re.escape(begin) + ".*?" + re.escape(end), lambda _: part, text, flags=re.DOTALL)
    page.write_text(text if n else f"{text.rstrip()}\n\n{part}", encoding="utf-8")


def add_result(path: Path, found: dict[str, Any]) -> None:
    """Print what a measurement gave, and keep it as a line of a file of results."""
    print(json.dumps(found), flush=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(found) + "\n")


def results(path: Path) -> list[dict[str, Any]]:
    """Return what a file of results holds, nothing where there is none yet."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def asked_rounds(about: str | None) -> tuple[int, bool]:
    """Return how many rounds of ways that take turns are asked for, and whether the page is to be written."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    return asked.rounds, asked.page


def asked_for(
    about: str | None, names: Sequence[str], path: Path, measured: Callable[[str], dict[str, Any]]
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Return what is known by name, after measuring what --only asks for and the file lacks, or, with --anew, all of it."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--anew", action="store_true")
    asked = parser.parse_args()
    known = {row["name"]: row for row in results(path)}
    for name in asked.only:
        if asked.anew or name not in known:
            known[name] = measured(name)
            add_result(path, known[name])
    return known
