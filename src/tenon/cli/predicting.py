"""What a person sees while a large file is predicted: a bar with rows and the time left on standard error, gone at the end."""

import time
from types import TracebackType
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tenon.cli.terminal import stderr, warn
from tenon.watch import Watch

PATIENCE = 1.5  # seconds before there is a bar


class Predicting:
    """Listens to a prediction; use as a context. may_draw : False where the predictions go to the same terminal."""

    def __init__(self, may_draw: bool = True) -> None:
        self._console = stderr()
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        is_shown = may_draw and self._console.is_terminal
        self._progress = Progress(*columns, console=self._console, transient=True, disable=not is_shown)
        self._task = self._progress.add_task("", total=None)
        self._start = time.monotonic()
        self.watch = Watch(self._listen)

    def __enter__(self) -> "Predicting":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._progress.stop()

    def _listen(self, event: dict[str, Any]) -> None:
        if event["event"] == "looking":
            self._show(f"looking through the rows, {event['n_rows']:,} so far", None, None)
        elif event["event"] == "progress":
            done, total = event["done"], event["total"]
            self._show(f"predicting, {done:,} of {total:,} rows ({100 * done / total:.0f} %)", done, total)
        elif event["event"] == "note":
            warn(event["text"], self._console)

    def _show(self, said: str, done: float | None, total: float | None) -> None:
        if total is not None and self._progress.tasks[self._task].total is None:
            self._progress.reset(self._task, total=total)  # so that the time left is reckoned from here
        self._progress.update(self._task, description=said, completed=done)
        if time.monotonic() - self._start >= PATIENCE:
            self._progress.start()
