"""The page of what Tenon is to do is what its script writes, and whatever it names is there."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from docs import mission
from tenon.catalogue import find
from tenon.cli.app import app
from tenon.inner.settings import split_settings
from tenon.variant import Variant

PARTS, ROWS = mission.read_rows()
MARKED = mission.marked()
VERBS = typer.main.get_command(app).commands
TESTS = """import pytest
@pytest.mark.mission("A2", "B1")
@pytest.mark.parametrize("n", [1, 2])
def test_one(n): pass
def test_not_marked(): pass
@pytest.mark.slow
@pytest.mark.mission("A2")
def test_two(): pass
"""


def test_the_page_is_what_the_script_writes():
    """If not: python -m docs.mission."""
    assert mission.PAGE.read_text(encoding="utf-8") == mission.page(PARTS, ROWS, MARKED)


def test_no_mark_is_overlooked():
    """Text that looks like a mark, however it stands, and what the script finds by the syntax."""
    texts = [path.read_text(encoding="utf-8") for path in mission.TESTS.rglob("*.py") if path != Path(__file__)]
    wanted = sorted(
        row for text in texts for args in re.findall(r"mark\.mission\(([^)]*)\)", text) for row in re.findall(r"\w+", args)
    )
    assert sorted(row for row, tests in MARKED.items() for _ in tests) == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_a_row_names_is_there(row):
    assert row.id[0] in PARTS
    for one in row.shown:
        if one.startswith("tenon "):
            assert_line_parses(shlex.split(one)[1:])
        else:
            module, _, name = one.rpartition(".")
            assert getattr(import_module(module), name).__doc__
    if row.measured:
        path, _, heading = row.measured.partition("#")
        page = (mission.PAGE.parent / path).read_text(encoding="utf-8")
        assert heading in {
            re.sub(r"[^\w-]", "", line[3:].lower().replace(" ", "-")) for line in page.splitlines() if line[:3] == "## "
        }
    if row.id in MARKED:
        assert row.shown, "what is proven can be shown"


def assert_line_parses(words):
    """The verb takes these options, and the methods and their settings are in the catalogue; files need not be there."""
    verb = VERBS[words[0]]
    options = {name: option for option in verb.params for name in option.opts if name.startswith("--")}
    for i, word in enumerate(words[1:], start=1):
        if not word.startswith("--"):
            if words[0] == "methods":
                assert find(word).name == word
            continue
        assert options[word].is_flag or words[i + 1][:1] not in ("", "-")
        if word == "--methods":
            assert [find(name).name for name in words[i + 1].split(",")]
        elif word in ("--set", "--also") and words[0] == "compare":
            variant = Variant.parse(words[i + 1])
            own, of_every = split_settings(variant.settings)
            if variant.method != "all":
                find(variant.method).with_defaults(own)
            assert own or of_every


def test_marks_states_and_links_by_hand(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "made.py").write_text(TESTS, encoding="utf-8")  # no file of tests
    tests = mission.marked(tmp_path)
    assert tests == {"A2": ["deep/test_some.py::test_one", "deep/test_some.py::test_two"], "B1": ["deep/test_some.py::test_one"]}
    rows = [
        mission.Row("A1", "first"),
        mission.Row("A2", "second", ("tenon check", "tenon.load"), measured="benchmarks.md#speed"),
        mission.Row("B1", "third", ("tenon.read",), lacks="a test"),
    ]
    lines = mission.page({"A": "Any", "B": "Both"}, rows, tests).splitlines()
    assert "Of 3 rows 1 work, 1 work in part, 1 missing." in lines
    one, two = "[one](../tests/deep/test_some.py)", "[two](../tests/deep/test_some.py)"
    assert "| A1 | first | – | – | missing |" in lines
    assert f"| A2 | second | `tenon check`<br>`tenon.load` | {one}<br>{two}<br>[measured](benchmarks.md#speed) | works |" in lines
    assert f"| B1 | third | `tenon.read` | {one} | in part; lacks a test |" in lines
    with pytest.raises(ValueError, match=r"no row 'B1' in docs/mission.toml, which deep/test_some.py::test_one is marked with\."):
        mission.page({"A": "Any"}, rows[:2], tests)
