"""The command as a whole: fast help with examples, errors as messages with exit codes, quiet ends."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.fakes import run, write_table

import tenon.cli.compare
from tenon import api, results
from tenon.errors import DataError

HEAVY = ("pandas", "sklearn", "numba", "matplotlib", "scipy", "pyarrow", "torch", "jinja2")
EXAMPLES = {
    "sample": "tenon sample breast-cancer",
    "compare": "tenon compare reviews.csv --target label",
    "predict": "tenon predict runs/reviews new.csv -o predictions.csv",
    "compress": "tenon compress runs/reviews --only int8",
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

    assert len(signature(tenon.cli.compare.compare).parameters) - 1 <= 30  # DATA is no option; docs/design.md says why not 20


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
    monkeypatch.setattr(results, "load", interrupt)
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


@pytest.mark.parametrize("words", [["sample"], ["--version"], ["--help"], ["compare", "--help"]])
def test_a_full_disk_behind_standard_output_is_one_sentence(words):
    with Path("/dev/full").open("w") as full:  # every write to it fails as on a full disk
        done = subprocess.run(
            [sys.executable, "-m", "tenon", *words], stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )
    assert done.returncode == 2
    assert done.stderr == "tenon: cannot write to standard output: No space left on device.\n"


def test_standard_error_may_be_full_too():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tenon", "sample", "iriss"], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "x.csv"), "tenon: x.csv cannot be used: Permission denied.\n"),
        (MemoryError(), "tenon: the memory of this machine does not hold that; fewer rows or columns need less.\n"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(monkeypatch, error, said):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(api, "read", refuse)
    done = run("compare", "x.csv")
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", said)


def test_the_help_of_all_starts_with_an_example():
    lines = [line.strip() for line in run("--help").stdout.splitlines() if line.strip()]
    assert lines[1] == EXAMPLES["compare"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_real_comparison(how, tmp_path):
    """As Ctrl-C does it: parent and workers get the signal; or as batch systems do, the parent alone. The same line goes on."""
    write_table(tmp_path)
    (tmp_path / "temporary").mkdir()
    asked = ["--target", "label", "--methods", "naive-bayes", "--splits", "5x20", "--out", "run"]  # outlasts the wait
    line = [sys.executable, "-m", "tenon", "compare", "数据.csv", *asked]
    process = subprocess.Popen(
        line, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what a shell starts in the background ignores it
    )  # fmt: skip
    while not list(tmp_path.glob("run/trials/*/[0-9]*/result.json")):
        assert process.poll() is None, "ended before its first trial"
        time.sleep(0.01)
    (os.killpg if how == signal.SIGINT else os.kill)(process.pid, how)
    said, errors = process.communicate()
    # Python ends by the signal itself where it met code made from a string (a dataclass being imported): 130 to a shell as well
    assert process.returncode in (130, -signal.SIGINT)
    assert said == ""
    assert errors.endswith("\nstopped; the same line goes on from here\n")
    assert "Traceback" not in errors
    assert not list(tmp_path.glob("run/.lock"))
    assert not list((tmp_path / "temporary").iterdir())  # no copy of the data
    with pytest.raises(ProcessLookupError):  # nor any worker
        os.killpg(process.pid, 0)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("run/trials/*/[0-9]*/result.json")}
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in before} == before  # none was made twice
    assert (tmp_path / "run/leaderboard.json").exists()


def test_python_m_tenon_is_the_command():
    done = subprocess.run([sys.executable, "-m", "tenon", "--help"], capture_output=True, encoding="utf-8", check=True)
    assert "Usage: tenon" in done.stdout
