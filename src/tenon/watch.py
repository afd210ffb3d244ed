"""Where long work tells how far it is.

A method calls `watch.progress(done, total)`; who listens (a terminal, a worker's pipe, a log) is not its business.
Every call is also a sign of life: a trial that gives none for ten minutes counts as hung.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

One = TypeVar("One")


class Watch:
    """Hand each event, a dict ready for JSON, to `listener`; without one, stay silent.

    folder : where work that may be killed can keep what it needs to go on; None: nowhere.
    """

    def __init__(self, listener: Callable[[dict[str, Any]], None] | None = None, folder: Path | None = None):
        self._listener, self.folder = listener, folder

    def progress(self, done: float, total: float, **figures: float) -> None:
        """Tell that `done` of `total` units of work are over; figures (loss, rate) go into the curves."""
        self.tell({"event": "progress", "done": done, "total": total, **figures})

    def part(self, i: int, n: int, width: int = 1) -> "Watch":
        """Return a watch for the i-th (from 0) of n parts of the work, which tells their progress as that of the whole.

        width : parts, from that on, which are one piece of work.
        """

        def listen(event: dict[str, Any]) -> None:
            if event["event"] == "progress":
                event = event | {"done": i * event["total"] + width * event["done"], "total": n * event["total"]}
            self.tell(event)

        return Watch(listen, self.folder)

    def step(self, doing: str, done: float, total: float) -> None:
        """Tell what is being done to a finished run, and how much of that is over."""
        self.tell({"event": "step", "doing": doing, "done": done, "total": total})

    def of_step(self, doing: str, i: int, n: int) -> "Watch":
        """Return a watch for the i-th (from 0) of n fits, which tells the progress of each as that of the whole step."""

        def listen(event: dict[str, Any]) -> None:
            if event["event"] != "progress":
                self.tell(event)
            elif event["total"]:
                self.step(doing, i + event["done"] / event["total"], n)

        return Watch(listen, self.folder)

    def note(self, text: str) -> None:
        """Tell one sentence that the user should read."""
        self.tell({"event": "note", "text": text})

    def tell(self, event: dict[str, Any]) -> None:
        """Hand on an event of any kind."""
        if self._listener is not None:
            self._listener(event)


def in_turn(those: Sequence[One], doing: str, watch: Watch) -> Iterator[One]:
    """Yield these, and tell before each how many are over; doing : what is done with them."""
    for i, one in enumerate(those):
        watch.step(doing, i, len(those))
        yield one


def each_note_once(watch: Watch) -> Watch:
    """Return a watch that hands on every event but a note that it has handed on before: trials tend to say the same."""
    told: set[str] = set()

    def listen(event: dict[str, Any]) -> None:
        if event["event"] == "note":
            if event["text"] in told:
                return
            told.add(event["text"])
        watch.tell(event)

    return Watch(listen)


SILENT = Watch()
