"""What a person sees while texts are learnt from: a bar with the time left on standard error, gone at the end.

Where standard error is no terminal, a plain line now and then takes its place.
"""

import logging
from types import TracebackType
from typing import Any

from tenon.cli.bar import Bar
from tenon.cli.terminal import warn
from tenon.watch import Watch


class Pretraining:
    """Listens to a training; use as a context."""

    def __init__(self) -> None:
        self._bar = Bar("reading the texts")
        self._console = self._bar.console
        self._log = logging.Handler()
        self._log.emit = lambda record: warn(record.getMessage(), self._console)  # type: ignore[method-assign]
        self.watch = Watch(self._listen)

    def __enter__(self) -> "Pretraining":
        logging.getLogger("tenon").addHandler(self._log)
        self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._bar.clear()
        logging.getLogger("tenon").removeHandler(self._log)

    def _listen(self, event: dict[str, Any]) -> None:
        if event["event"] == "reading":
            self._bar.show_or_say(f"reading the texts, {event['n_words']:,} words so far")
        elif event["event"] == "note":
            warn(event["text"], self._console)
        elif event["event"] == "progress":
            self._bar.show_or_say(_said(event), event["done"], event["total"])


def _said(event: dict[str, Any]) -> str:
    """Return how learning goes: of vectors of words, of a network's steps, or of the rows it is judged by."""
    if "words_per_second" in event:
        return f"learning, {event['words_per_second']:,.0f} words/s"
    if "held_out" in event:
        return f"learning, held-out loss {event['held_out']:.3f}"
    speed = f"{event['tokens_per_second']:,.0f} tokens/s"
    return f"learning, loss {event['loss']:.3f}, {100 * event['accuracy']:.0f} % of the tokens found, {speed}"
