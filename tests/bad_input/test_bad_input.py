"""Whatever is wrong with what somebody gives Tenon: the exact message, the exit code, no traceback, nothing half-written.

The cases stand in the files cases_*.py beside this one, each in its list CASES.
"""

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
from tests.bad_input.case import Case
from tests.cli.fakes import run

WIDTH = 200  # cells of the terminal: wide enough that no message is broken


def all_cases() -> list[tuple[str, Case]]:
    """Every case with the name of the file that it stands in."""
    files = sorted(Path(__file__).parent.glob("cases_*.py"))
    return [(path.stem, case) for path in files for case in import_module(f"tests.bad_input.{path.stem}").CASES]


CASES = all_cases()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, whose modules are forgotten afterwards: the next case may have others of the same name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    here = [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(str(tmp_path))]
    for name in here:
        del sys.modules[name]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{file}-{case.name}") for file, case in CASES])
def test_what_is_said(case, folder):
    words = case.make(folder)
    before = files_in(folder)
    done = run(*words, width=WIDTH)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    said = done.stderr.removesuffix("\n")
    assert re.fullmatch(case.says, said), f"{said!r}\n  is not\n{case.says!r}"
    assert done.exit_code == case.code
    assert "Traceback" not in done.output
    made = [path for path in files_in(folder) - before if "__pycache__" not in path.parts]
    finished = () if case.code == 0 else FINISHED
    assert [path for path in made if path.parts[0] != "runs" or path.name.startswith(".") or path.name in finished] == []


FINISHED = ("leaderboard.json", "report.html", "model.json")  # what only a run that came to its end may leave


def files_in(folder: Path) -> set[Path]:
    """Every file and folder in the folder, as paths from there."""
    return {path.relative_to(folder) for path in folder.rglob("*")}


def test_names_are_told_apart():
    assert len({(file, case.name) for file, case in CASES}) == len(CASES)
