"""What a person sees while one thing is done after the other: a line on standard error with a bar and the time left.

It is there at once, before anything heavy is loaded, and gone at the end. Where standard error is no terminal, nothing is drawn.
"""

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from tenon.cli.terminal import harmless, put, stderr

SECONDS_BETWEEN_LINES = 30


class Bar:
    """Use as a context; what is printed meanwhile goes to its `console`, above the line. doing : what is done first."""

    def __init__(self, doing: str) -> None:
        self.console = stderr()
        text = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
        columns = text, BarColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self._task = self._progress.add_task(harmless(doing), total=None)
        self._spoke = time.monotonic()

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away; nothing is drawn after that."""
        self._progress.stop()

    def begin(self, doing: str) -> None:
        """Tell what is done from now on: what came before says nothing of how long this takes."""
        self._progress.reset(self._task, description=harmless(doing))

    def show(self, doing: str, done: float | None = None, total: float | None = None) -> None:
        """Tell how far it is; None: there is no telling."""
        self._progress.update(self._task, description=harmless(doing), completed=done, total=total)

    def show_or_say(self, doing: str, done: float | None = None, total: float | None = None) -> None:
        """Show it; where standard error is no terminal, say it in a plain line now and then."""
        self.show(doing, done, total)
        if not self.console.is_terminal and time.monotonic() - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = time.monotonic()
            put([f"{doing}{'' if done is None or total is None else f', {100 * done / total:.0f} %'}"], self.console)

    def say(self, line: str) -> None:
        """Say what is over, where standard error is no terminal and nothing is drawn."""
        if not self.console.is_terminal:
            self._spoke = time.monotonic()
            put([line], self.console)
