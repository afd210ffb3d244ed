"""Printing to any terminal: colours only where wanted, ASCII where the encoding has no more."""

import io

from rich.console import Console
from tests.report.boards import binary_board

from tenon.cli.terminal import harmless, put, say, styled, warn
from tenon.report.text import closing, lines


def printed(encoding: str, **how) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    put(lines(binary_board(), 80) + closing(binary_board(), 80), Console(file=file, width=80, **how))
    file.flush()
    return file.buffer.getvalue().decode(encoding)


def test_no_colour_without_a_terminal():
    assert "\x1b" not in printed("utf-8")
    assert "\x1b" in printed("utf-8", force_terminal=True, color_system="standard")


def test_lines_are_printed_as_they_are():
    assert printed("utf-8") == "\n".join(lines(binary_board(), 80) + closing(binary_board(), 80)) + "\n"


def test_a_terminal_without_unicode_gets_ascii():
    text = printed("ascii")
    assert "svm-tfidf       .951 +-.004" in text
    assert "|o|" in text
    assert "<- chosen" in text


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed("utf-8", force_terminal=True, color_system="standard")
    assert "\x1b[3" not in text  # no foreground colour; bold and dim are no colours


def test_cells_do_not_steer_the_terminal():
    assert harmless("a\x1b[31mred\x07\tb\nc\x9b") == "a\\x1b[31mred\\x07\tb\nc\\x9b"
    assert "\x1b" not in styled(["no\x1b[31m"], Console(file=io.StringIO())).plain


def test_a_note_has_a_sign_before_it_and_breaks_as_a_message_does():
    note = f"data.csv: {'rows with cells that are in doubt, ' * 4}a\x1b[31mb [red]c[/]."
    for is_terminal in (True, False):
        console = Console(file=io.StringIO(), width=40, force_terminal=is_terminal, color_system=None)
        warn(note, console)
        lines = console.file.getvalue().splitlines()
        assert " ".join(" ".join(lines).split()) == f"! {harmless(note)}"
        assert lines[0].startswith("! data.csv: rows")
        assert (len(lines) > 1) == is_terminal
    console = Console(file=io.StringIO(), width=40, force_terminal=True, color_system="standard")
    warn("odd", console)
    assert "\x1b[33m" in console.file.getvalue(), "yellow"


def test_a_message_breaks_between_words_at_a_terminal_and_nowhere_in_a_file():
    message = f"tenon: no method 'bert'. Known: {', '.join(['logistic', 'boosting-leafwise'] * 6)}; a  b [red]c[/]."
    for is_terminal in (True, False):
        console = Console(file=io.StringIO(), width=40, force_terminal=is_terminal, color_system=None)
        say(message, console)
        lines = console.file.getvalue().splitlines()
        assert " ".join(" ".join(lines).split()) == " ".join(message.split())  # no word was parted
        assert (len(lines) > 1) == is_terminal
        assert max(map(len, lines)) <= 40 or not is_terminal
