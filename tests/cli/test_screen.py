"""The live screen: what a terminal shows while trials run, and the plain lines that stand in for it."""

import io
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.cli.fakes import PLAN

from tenon.cli import screen as screen_module
from tenon.cli.screen import Screen


def played(console: Console, monkeypatch, n_trials: int = 3) -> Screen:
    """Return a screen that has heard a plan and so many trials."""
    monkeypatch.setattr(screen_module, "stderr", lambda: console)
    screen = Screen()
    screen.watch.tell({"event": "plan", "plan": PLAN})
    for k in range(n_trials):
        method = ("logistic-tfidf", "logistic-tfidf", "最近邻", "最近邻")[k]
        screen.watch.tell({"event": "trial", "method": method, "repeat": 0, "fold": k, "status": "ok", "reason": ""})
        screen.watch.tell({"event": "progress", "done": k + 1, "total": 4, "seconds_left": 61.0})
        screen.watch.tell({"event": "board", "rows": [{"method": "logistic-tfidf", "score": 0.95, "low": 0.94, "high": 0.96}]})
    return screen


def terminal(width: int, height: int = 30) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_picture_fits_the_terminal(monkeypatch, width):
    text = played(terminal(width), monkeypatch)._picture().plain
    lines = text.split("\n")
    assert all(cell_len(line) < width for line in lines)
    assert lines[1].startswith("  logist")
    assert "waiting" in text  # 最近邻 has no score yet
    assert "3/4 trials" in lines[-1]
    assert "about 1:01 left" in lines[-1]


def test_there_is_a_sign_of_life_before_the_plan(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(screen_module, "stderr", lambda: terminal(80))
    screen = Screen()
    clock.now = 65.0
    assert screen._picture().plain == "  reading the data, and planning what to do with them  1:05"
    screen.watch.tell({"event": "plan", "plan": PLAN})
    assert "reading" not in screen._picture().plain


@pytest.mark.mission("A10")
def test_a_network_at_work_stands_above_the_progress(monkeypatch):
    screen = played(terminal(80, height=8), monkeypatch)
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    trial = {"method": "mlp", "repeat": 0, "fold": 1}
    screen.watch.tell({"event": "progress", "done": 5, "total": 10, "loss": 0.125, **trial})
    clock.now = 3.0
    lines = screen._picture().plain.split("\n")
    assert lines[-2] == "  mlp  50 % · loss 0.125"
    assert "3/4 trials" in lines[-1]
    assert len(lines) <= 8
    screen.watch.tell({"event": "trial", "status": "ok", "reason": "", **trial})
    assert "loss" not in screen._picture().plain


def test_what_is_prepared_has_a_line_of_its_own_until_it_is_over(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    wide, narrow = played(terminal(80), monkeypatch), played(terminal(40), monkeypatch)
    one = {"method": "word2vec", "repeat": 0, "fold": 1}
    for screen in (wide, narrow):
        screen.watch.tell({"event": "progress", "done": 50.0, "total": 200.0, "words_per_second": 51234.0, **one})
    clock.now = 3.0
    assert wide._picture().plain.split("\n")[-2] == "  word2vec  25 % · words a second 51,234"
    for screen in (wide, narrow):
        screen.watch.tell({"event": "prepared", "done": 1999, "total": 2000, **one})
    assert wide._picture().plain.split("\n")[-2] == "  word2vec  prepared for 1,999 of 2,000 splits"
    assert all(cell_len(line) < 40 for line in narrow._picture().plain.split("\n"))
    wide.watch.tell({"event": "prepared", "done": 2000, "total": 2000, **one})
    assert "word2vec" not in wide._picture().plain


def test_what_is_done_after_all_trials_is_told(monkeypatch):
    doing = {"event": "doing", "text": "gathering what the report shows"}
    screen = played(terminal(80), monkeypatch)
    screen.watch.tell(doing)
    assert screen._picture().plain.split("\n")[-1].startswith("  gathering what the report shows  ")
    screen.watch.tell({"event": "progress", "done": 1, "total": 4, "seconds_left": 61.0})
    assert "1/4 trials" in screen._picture().plain
    console = Console(file=io.StringIO(), width=80)
    with played(console, monkeypatch) as screen:
        screen.watch.tell(doing)
    assert console.file.getvalue().endswith("  gathering what the report shows\n")


def test_picture_keeps_the_progress_on_a_low_terminal(monkeypatch):
    lines = played(terminal(80, height=5), monkeypatch)._picture().plain.split("\n")
    assert len(lines) <= 5
    assert "3/4 trials" in lines[-1]


def test_the_picture_is_cleared_at_the_end(monkeypatch):
    console = terminal(80)
    with played(console, monkeypatch, 0) as screen:
        screen.watch.note("memory was short")
    text = console.file.getvalue()
    assert text.count("! memory was short") == 1
    assert text.split("trials")[-1].count("\x1b[2K") >= 3  # after the last drawing every line of it is erased
    assert screen._picture().plain.split("\n")[-1].strip().startswith("0/4 trials")


def test_plain_lines_without_a_terminal(monkeypatch):
    console = Console(file=io.StringIO(), width=80)
    with played(console, monkeypatch, 4):
        pass
    text = console.file.getvalue()
    assert "\x1b" not in text
    lines = [line for line in text.split("\n") if "trials ·" in line and "Plan" not in line]
    assert [line.split()[0] for line in lines] == ["logistic-tfidf", "最近邻"]  # once each, when its last trial is over
    assert " .950 " in lines[0]
    assert "±" not in lines[0]  # the spread of trials is no interval: only the finished board has one
    assert "2/4 trials" in lines[0]
    assert "no score" in lines[1]


def test_plain_progress_now_and_then(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    console = Console(file=io.StringIO(), width=80)
    screen = played(console, monkeypatch, 0)
    for second in range(0, 100, 5):
        clock.now = float(second)
        screen.watch.tell({"event": "progress", "done": 1, "total": 4, "seconds_left": 10})
    assert console.file.getvalue().count("1/4 trials") == 3  # at 30, 60 and 90 seconds


def test_a_trials_own_progress_is_not_that_of_the_run(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    console = Console(file=io.StringIO(), width=80)
    screen = played(console, monkeypatch, 0)
    clock.now = 100.0
    screen.watch.tell({"event": "progress", "done": 2, "total": 5, "method": "cart", "repeat": 0, "fold": 1})
    assert "2/5" not in console.file.getvalue()
    screen.watch.tell({"event": "progress", "done": 3, "total": 60, "kind": "nested", "seconds_left": 10})
    assert "3/60 trials of nested folds · 1:40 · about 0:10 left" in console.file.getvalue()


def test_a_network_at_work_is_waited_for(monkeypatch):
    """Trials that are over took a second each; the network has done a tenth in 20 seconds."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    console = Console(file=io.StringIO(), width=80)
    screen = played(console, monkeypatch, 0)
    trial = {"event": "progress", "method": "resnet", "repeat": 0, "fold": 0, "total": 100, "loss": 0.5}
    for clock.now, done in ((80.0, 0), (100.0, 10)):
        screen.watch.tell({**trial, "done": done})
    screen.watch.tell({"event": "progress", "done": 3, "total": 4, "seconds_left": 1})
    assert "3/4 trials · 1:40 · about 3:00 left" in console.file.getvalue()


def test_time_left_runs_down_between_trials(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    screen = played(terminal(80), monkeypatch)  # told at 0 seconds: 61 are left
    clock.now = 20.0
    assert "3/4 trials · 0:20 · about 0:41 left" in screen._picture().plain
    clock.now = 61.0
    assert "3/4 trials · 1:01" in screen._picture().plain
    assert "left" not in screen._picture().plain  # it takes longer than foretold: how much, nobody knows


def test_the_last_network_at_work_knows_better_than_the_trials_before(monkeypatch):
    """61 seconds were foretold for the one trial that is left; it has done half in 10 seconds, so 10 are left."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(screen_module.time, "monotonic", lambda: clock.now)
    screen = played(terminal(80), monkeypatch)
    trial = {"event": "progress", "method": "mlp", "repeat": 0, "fold": 0, "total": 100, "loss": 0.5}
    for clock.now, done in ((0.0, 0), (10.0, 50)):
        screen.watch.tell({**trial, "done": done})
    assert "3/4 trials · 0:10 · about 0:10 left" in screen._picture().plain
    two_left = played(terminal(80), monkeypatch, 2)
    for clock.now, done in ((10.0, 0), (20.0, 50)):
        two_left.watch.tell({**trial, "done": done})
    assert "2/4 trials · 0:10 · about 0:51 left" in two_left._picture().plain  # another waits: as foretold, less 10 seconds


def test_events_of_other_kinds_are_passed_over(monkeypatch):
    played(terminal(80), monkeypatch).watch.tell({"event": "of a later version"})
