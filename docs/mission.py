"""Write docs/mission.md from mission.toml and the marks of the tests: what Tenon is to do, what shows it, what proves it.

python -m docs.mission     reads the tests without running or importing any of them
"""

import ast
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mission.md"
ROWS = ROOT / "docs" / "mission.toml"
TESTS = ROOT / "tests"
MARK = "pytest.mark.mission"
NOTHING = "–"  # in a cell of the page


@dataclass(frozen=True)
class Row:
    """One thing that Tenon is to do."""

    id: str  # a letter, its part of the page, and a number
    what: str
    shown: tuple[str, ...] = ()  # commands, which begin with "tenon ", and public names
    lacks: str = ""  # what is still missing of it
    measured: str = ""  # link from the page to figures that no test holds


def read_rows(path: Path = ROWS) -> tuple[dict[str, str], list[Row]]:
    """Return letter -> title of a part, and the rows in their order."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return told["parts"], [Row(name, **row | {"shown": tuple(row.get("shown", ()))}) for name, row in told["rows"].items()]


def marked(folder: Path = TESTS) -> dict[str, list[str]]:
    """Return row -> its tests as "metrics/test_bayes.py::test_words", in the order of files and of lines in them."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
                    for row in map(ast.literal_eval, decorator.args):
                        found.setdefault(row, []).append(f"{path.relative_to(folder).as_posix()}::{node.name}")
    return found


def state(row: Row, tests: Mapping[str, Sequence[str]]) -> str:
    """Return "missing" for a row without a test, "in part: …" for one that lacks something, and else "works"."""
    if row.id not in tests:
        return "missing"
    return f"in part; lacks {row.lacks}" if row.lacks else "works"


def page(parts: Mapping[str, str], rows: Sequence[Row], tests: Mapping[str, Sequence[str]]) -> str:
    """Return docs/mission.md. Raises ValueError where a test is marked with a row that there is not."""
    if unknown := sorted(set(tests) - {row.id for row in rows}):
        raise ValueError(f"no row {unknown[0]!r} in docs/mission.toml, which {tests[unknown[0]][0]} is marked with.")
    states = [state(row, tests).split(";")[0] for row in rows]
    lines = [
        "# What Tenon is to do, and what proves it",
        "",
        "Written by `python -m docs.mission` from `docs/mission.toml` and the tests that are marked with a row.",
        f"Of {len(rows)} rows {states.count('works')} work, {states.count('in part')} work in part, "
        f"{states.count('missing')} missing.",
    ]
    for letter, title in parts.items():
        lines += ["", f"## {letter}. {title}", "", "| | what | shown by | proven by | state |", "|---|---|---|---|---|"]
        lines += [_line(row, tests) for row in rows if row.id.startswith(letter)]
    return "\n".join(lines) + "\n"


def _line(row: Row, tests: Mapping[str, Sequence[str]]) -> str:
    proofs = [_link(test) for test in tests.get(row.id, ())] + ([f"[measured]({row.measured})"] if row.measured else [])
    shown = [f"`{one}`" for one in row.shown]
    cells = (row.id, row.what, "<br>".join(shown) or NOTHING, "<br>".join(proofs) or NOTHING, state(row, tests))
    return f"| {' | '.join(cells)} |"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{path})"


def main() -> None:
    PAGE.write_text(page(*read_rows(), marked()), encoding="utf-8")


if __name__ == "__main__":
    main()
