"""What a person sees while a model is explained, or made smaller: a bar on standard error, gone at the end; notes stay."""

from types import TracebackType
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tenon.cli.terminal import stderr, warn
from tenon.watch import Watch

DOING = {
    "fold": "fitting on the folds again",
    "columns": "dealing columns anew",
    "values": "setting columns to values",
    "disturbances": "disturbing rows",
    "row": "turning columns of the row",
    "predictions": "predicting rows",
    "rows": "gathering what rows go by",
}


class Explaining:
    """Listens to work on a finished run; use as a context."""

    def __init__(self) -> None:
        self._console = stderr()
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._progress.add_task("reading the data again", total=None)
        self._doing = ""
        self.watch = Watch(self._listen)

    def __enter__(self) -> "Explaining":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._progress.stop()

    def _listen(self, event: dict[str, Any]) -> None:
        if event["event"] in ("explain", "compress"):
            doing = DOING.get(event["doing"], event["doing"])
            if doing != self._doing:  # what came before says nothing of how long this takes
                self._doing = doing
                self._progress.reset(self._task)
            self._progress.update(self._task, description=doing, completed=event["done"], total=event["total"])
        elif event["event"] == "note":
            warn(event["text"], self._console)
