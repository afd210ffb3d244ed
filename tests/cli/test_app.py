"""The command as a whole: fast help with examples, errors as messages with exit codes, quiet ends."""

import subprocess
import sys

import pytest
from tests.cli.fakes import run, write_table

import tenon.cli.compare
from tenon import api
from tenon.errors import DataError

HEAVY = ("pandas", "sklearn", "numba", "matplotlib", "scipy", "pyarrow", "torch", "jinja2")
EXAMPLES = {
    "sample": "tenon sample breast-cancer",
    "compare": "tenon compare reviews.csv --target label",
    "predict": "tenon predict runs/reviews new.csv -o predictions.csv",
    "methods": "tenon methods logistic",
}


@pytest.mark.parametrize("words", [["--help"], ["compare", "--help"], ["predict", "--help"], ["sample", "--help"]])
def test_help_loads_nothing_heavy(words):
    code = (
        "import sys\n"
        "from tenon.cli.app import main\n"
        f"sys.argv = ['tenon', *{words!r}]\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "Usage: tenon" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("verb", EXAMPLES)
@pytest.mark.parametrize("width", [80, 120])
def test_help_of_every_verb_starts_with_an_example(verb, width):
    done = run(verb, "--help", width=width)
    assert done.exit_code == 0
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    assert lines[1] == EXAMPLES[verb]  # right after the line of usage
    assert all(len(line) <= width for line in done.stdout.splitlines())


def test_help_names_every_verb():
    text = run("--help").stdout
    assert all(verb in text for verb in EXAMPLES)
    assert run().stdout.split() == text.split()


def test_compare_has_a_bounded_number_of_options():
    from inspect import signature

    assert len(signature(tenon.cli.compare.compare).parameters) - 1 <= 23  # DATA is no option; docs/design.md says why not 20


def test_examples_are_lines_that_the_parser_takes(tmp_path, monkeypatch):
    """The example of each verb parses; that of compare fails for its missing file alone."""
    monkeypatch.chdir(tmp_path)
    for example in EXAMPLES.values():
        done = run(*example.split()[1:])
        assert "Usage" not in done.stderr
        assert "Traceback" not in done.stderr


def test_a_user_error_is_one_message_and_exit_code_2(tmp_path):
    done = run("compare", write_table(tmp_path), "--target", "lable")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("tenon: ")
    assert "no column 'lable'; did you mean 'label'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_option_is_exit_code_2(tmp_path):
    done = run("compare", "x.csv", "--tagret", "y")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "--target" in done.stderr  # the nearest name


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [("compare", ["x.csv"], "stopped; the same line goes on from here\n"), ("predict", ["runs/x", "x.csv"], "stopped\n")],
)
def test_interrupt(monkeypatch, verb, words, said):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "read", interrupt)
    monkeypatch.setattr(api, "load", interrupt)
    done = run(verb, *words)
    assert done.exit_code == 130
    assert (done.stdout, done.stderr) == ("", said)


def test_a_bug_is_not_dressed_up_as_a_user_error(monkeypatch):
    monkeypatch.setattr(api, "read", lambda *_, **__: 1 / 0)
    done = run("compare", "x.csv")
    assert isinstance(done.exception, ZeroDivisionError)
    assert "tenon:" not in done.stderr


def test_every_line_of_an_error_is_printed(monkeypatch):
    def refuse(*_, **__):
        raise DataError("first line\n  second line")

    monkeypatch.setattr(api, "read", refuse)
    assert run("compare", "x.csv").stderr == "tenon: first line\n  second line\n"


def test_a_broken_pipe_is_quiet():
    """A reader that goes away (tenon sample | head -1) leaves no traceback."""
    code = "import sys; sys.argv = ['tenon', 'sample']; from tenon.cli.app import main; main()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # before anything is written
        assert process.stderr.read() == b""
    assert process.returncode in (0, 1)


def test_python_m_tenon_is_the_command():
    done = subprocess.run([sys.executable, "-m", "tenon", "--help"], capture_output=True, encoding="utf-8", check=True)
    assert "Usage: tenon" in done.stdout
