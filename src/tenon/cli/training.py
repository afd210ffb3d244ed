"""The networks that are training just now, as lines of the live screen: how far each is, its losses, the time that is left."""

from dataclasses import dataclass, field
from typing import Any

from tenon.cli.wording import clock
from tenon.report.figures import short
from tenon.report.text import GAP, fitted

SHOWN_AFTER = 2.0  # seconds: shorter trainings would only flicker
MOST_LINES = 3
FIGURES = {"loss": "loss", "held_out": "held-out loss", "words_per_second": "words a second"}  # in an event -> what it is called


@dataclass
class _Training:
    began: float
    first: float  # share that was done when it was first heard of
    share: float
    figures: dict[str, float] = field(default_factory=dict)


class Trainings:
    """Hears the events of a run; `now` is a time in seconds that only grows."""

    def __init__(self) -> None:
        self._running: dict[tuple[Any, ...], _Training] = {}

    def hear(self, event: dict[str, Any], now: float) -> None:
        """Take in the progress of a trial, or of what is prepared for trials, if it tells a figure."""
        figures = {name: event[name] for name in FIGURES if name in event}
        if figures:
            share = event["done"] / event["total"]
            training = self._running.setdefault(_trial(event), _Training(now, share, share))
            training.share = share
            training.figures |= figures

    def end(self, event: dict[str, Any]) -> None:
        """Forget the training of a trial that is over."""
        self._running.pop(_trial(event), None)

    def seconds_left(self, now: float) -> float:
        """Return how long the longest of them may still take; 0 where that is not known."""
        return max((_seconds_left(training, now) or 0.0 for training in self._running.values()), default=0.0)

    def n_with_pace(self) -> int:
        """Return of how many it is known how long they may still take."""
        return sum(training.share > training.first for training in self._running.values())

    def lines(self, now: float, width: int) -> list[str]:
        """Return "mlp  62 % · loss 0.312 · held-out loss 0.334 · at most 0:20 left" of each, the longest at work first."""
        shown = [(key[0], one) for key, one in self._running.items() if now - one.began >= SHOWN_AFTER][:MOST_LINES]
        return [fitted(f"{GAP}{name}{GAP}{_said(one, now)}", width).rstrip() for name, one in shown]


def _trial(event: dict[str, Any]) -> tuple[Any, ...]:
    return event.get("method"), event.get("repeat"), event.get("fold")


def _said(training: _Training, now: float) -> str:
    parts = [f"{100 * training.share:.0f} %"]
    parts += [f"{title} {short(training.figures[name])}" for name, title in FIGURES.items() if name in training.figures]
    left = _seconds_left(training, now)
    if left is not None:
        parts.append(f"at most {clock(left)} left")  # it may stop early
    return " · ".join(parts)


def _seconds_left(training: _Training, now: float) -> float | None:
    """Return the time that the rest takes at the pace so far, None before there is one."""
    if training.share <= training.first:
        return None
    return (now - training.began) * (1 - training.share) / (training.share - training.first)
