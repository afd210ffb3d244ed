"""How far the explanation of a run is, told as events "explain": what is being done, and how much of it is over."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from tenon.watch import Watch

One = TypeVar("One")


def in_turn(those: Sequence[One], doing: str, watch: Watch) -> Iterator[One]:
    """Yield these, and tell before each how many are over; doing : what is done with them, as `tenon.cli.explaining` names it."""
    for i, one in enumerate(those):
        _tell(watch, doing, i, len(those))
        yield one


def fitting(i: int, n: int, watch: Watch) -> Watch:
    """Return a watch for the i-th (from 0) of n fits, which tells the progress of each as that of all."""

    def listen(event: dict[str, Any]) -> None:
        if event["event"] != "progress":
            watch.tell(event)
        elif event["total"]:
            _tell(watch, "fold", i + event["done"] / event["total"], n)

    return Watch(listen, watch.folder)


def _tell(watch: Watch, doing: str, done: float, total: int) -> None:
    watch.tell({"event": "explain", "doing": doing, "done": done, "total": total})
