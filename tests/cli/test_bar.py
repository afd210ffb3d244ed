"""The line that is drawn while one waits: there at once, whatever the verb, gone at the end, and nowhere but at a terminal."""

import io
import os
import pty
import subprocess
import sys

import pytest
from rich.console import Console
from tests.cli.fakes import run, write_model, write_table

from tenon.cli import bar
from tenon.cli.bar import Bar

ERASED = "\x1b[?25h\r\x1b[1A\x1b[2K"  # the cursor is back, and the line above it gone


@pytest.fixture
def terminal(monkeypatch):
    """Let bars be drawn on a terminal, and return what is written there."""
    out = io.StringIO()
    monkeypatch.setattr(bar, "stderr", lambda: Console(file=out, force_terminal=True, width=100, color_system=None))
    return out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("predict none new.csv", "loading the model of none"),
        ("serve none", "loading the model of none"),
        ("explain none", "reading the data again"),
        ("compress none", "reading the data again"),
        ("look none.csv", "reading the data"),
        ("check none.csv", "reading the data"),
    ],
    ids=lambda text: text.split()[0],
)
def test_each_verb_says_what_it_does_before_it_does_it(terminal, line, said):
    """Even where it then finds nothing to do it to."""
    assert run(*line.split()).exit_code == 2
    assert terminal.getvalue().startswith(f"\x1b[?25l{said} ")
    assert terminal.getvalue().endswith(ERASED)


def test_without_a_terminal_nothing_is_drawn(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(bar, "stderr", lambda: Console(file=out, width=100))
    with Bar("reading") as line:
        line.begin("counting")
        line.show("counting", 1, 2)
    assert out.getvalue() == ""


def test_without_a_terminal_it_is_said_now_and_then(monkeypatch):
    clock, out = [0.0], io.StringIO()
    monkeypatch.setattr(bar, "stderr", lambda: Console(file=out, width=100))
    monkeypatch.setattr("tenon.cli.bar.time.monotonic", lambda: clock[0])
    with Bar("reading") as line:
        for clock[0], done in ((29.0, 1), (31.0, 5), (40.0, 6)):
            line.show_or_say("counting", done, 8)
        line.say("a way is done")
        clock[0] = 69.0  # not long after that
        line.show_or_say("counting", 7, 8)
    assert out.getvalue().splitlines() == ["counting, 62 %", "a way is done"]


def test_at_a_terminal_no_plain_line_is_said(terminal):
    with Bar("reading") as line:
        line.say("a way is done")
    assert "a way is done" not in terminal.getvalue()


def test_names_are_drawn_as_they_are_and_steer_no_terminal(terminal):
    with Bar("loading [red]运行\x1b[31m[/]"):
        pass
    assert "loading [red]运行\\x1b[31m[/]" in terminal.getvalue()


def test_the_time_left_is_reckoned_anew_for_other_work(monkeypatch, terminal):
    """100 of 200 in 100 seconds, then 1 of 200 in no time: nothing is known of that."""
    with Bar("slow") as line:
        monkeypatch.setattr(line._progress, "get_time", iter(range(0, 10_000, 10)).__next__)
        task = line._progress.tasks[0]
        task._get_time = lambda: 0.0
        for done in (10, 20):
            line.show("slow", done, 200)
        assert task.time_remaining == 180
        line.begin("other")
        line.show("other", 1, 200)
        assert task.time_remaining is None


def test_rows_and_the_bar_share_no_line_of_a_terminal(tmp_path):
    """Both streams are the same terminal: once rows are written, nothing is drawn or erased any more."""
    table = write_table(tmp_path)
    write_model(table)
    line = [sys.executable, "-m", "tenon", "predict", str(tmp_path), str(table)]
    ours, theirs = pty.openpty()
    with subprocess.Popen(line, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(theirs)
        written = bytearray()
        while part := _read(ours):
            written += part
    os.close(ours)
    assert process.returncode == 0
    before, _, rows = written.decode().partition("身高,邮编,label,prediction")
    assert before.startswith("\x1b[?25lloading the model of ")
    assert before.endswith(ERASED)
    assert len(rows.splitlines()) == 41
    assert "\x1b" not in rows


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""
