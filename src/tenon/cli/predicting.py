"""What a person sees while rows are predicted: which model is loaded, then a bar with rows and the time left."""

from pathlib import Path
from types import TracebackType
from typing import Any

from tenon.cli.bar import Bar
from tenon.cli.terminal import warn
from tenon.watch import Watch


class Predicting:
    """Listens to a prediction; use as a context. run : folder of the model."""

    def __init__(self, run: Path) -> None:
        self._bar = Bar(f"loading the model of {run}")
        self._method = ""
        self.clear = self._bar.clear
        self.watch = Watch(self._listen)

    def __enter__(self) -> "Predicting":
        self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.clear()

    def _listen(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "loaded":
                self._method = event["method"]
                self._bar.show(f"reading the rows for {self._method}")
            case "looking":
                self._bar.show(f"reading the rows for {self._method}, {event['n_rows']:,} so far")
            case "progress":
                done, total = event["done"], event["total"]
                said = f"predicting with {self._method}, {done:,} of {total:,} rows ({100 * done / total:.0f} %)"
                self._bar.show(said, done, total)
            case "note":
                warn(event["text"], self._bar.console)
