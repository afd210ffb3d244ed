"""What a person sees while a model is explained, or made smaller: a bar on standard error, gone at the end; notes stay.

Where standard error is no terminal, a plain line for each way of making it smaller, and now and then, takes its place.
"""

from types import TracebackType
from typing import Any

from tenon.cli.bar import Bar
from tenon.cli.terminal import warn
from tenon.report.text import GAP
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
        self._bar = Bar("reading the data again")
        self._doing = ""
        self.watch = Watch(self._listen)

    def __enter__(self) -> "Explaining":
        self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._bar.clear()

    def _listen(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "step":
                doing = DOING.get(event["doing"], event["doing"])
                if doing != self._doing:
                    self._doing = doing
                    self._bar.begin(doing)
                self._bar.show_or_say(doing, event["done"], event["total"])
            case "made":
                from tenon.report.compressed import beside, size  # which loads NumPy: the bar is there before

                compared = beside(event["of_original"], event["bytes"])
                self._bar.say(f"{GAP}{event['name']}{GAP}{event['what']}: {size(event['bytes'])}, {compared}")
            case "doing":
                self._bar.say(f"{GAP}{event['text']}")
            case "note":
                warn(event["text"], self._bar.console)
