"""What a person sees while trials run: the leaderboard with bars that grow, on standard error.

Where standard error is no terminal, one plain line a finished method takes its place.
"""

import time
from collections import Counter
from types import TracebackType
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from tenon.cli.findings import short_lines
from tenon.cli.terminal import put, stderr, styled
from tenon.cli.training import Trainings
from tenon.cli.wording import clock, plan_lines, progress_line
from tenon.report.figures import digits
from tenon.report.text import GAP, fitted, lines, wrapped
from tenon.watch import Watch

LOOKS_PER_SECOND = 4
SECONDS_BETWEEN_LINES = 30  # where there is no picture
BEFORE = "reading the data, and planning what to do with them"
LINES_BESIDE_ROWS = 4  # axis, empty line, progress, and the cursor's own


class Screen:
    """Listens to a comparison and draws it; use as a context, so that the drawing is cleared at the end."""

    def __init__(self) -> None:
        self.console: Console = stderr()
        self.watch = Watch(self._listen)
        self._live: Live | None = None
        self._plan: Any = None
        self._rows: list[dict[str, Any]] = []
        self._trials: Counter[str] = Counter()  # finished ones of each method
        self._said: set[str] = set()  # methods of which a plain line has told the end
        self._trainings = Trainings()
        self._prepared: dict[str, tuple[int, int]] = {}  # objective -> how often it was learnt, and will be
        self._done, self._total = 0, 0
        self._seconds_left: float | None = None  # when the last trial ended, `_told` on the clock
        self._told = 0.0
        self._kind = ""  # of the trials that are counted
        self._doing = ""  # what is done after all trials
        self._start = time.monotonic()
        self._spoke = 0.0  # seconds after the start at which a plain line last told the progress

    def __enter__(self) -> "Screen":
        self._start = time.monotonic()
        if self.console.is_terminal:
            self._live = Live(
                get_renderable=self._picture, console=self.console, transient=True, refresh_per_second=LOOKS_PER_SECOND
            )
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def _listen(self, event: dict[str, Any]) -> None:
        """Take in one event; a kind that this screen does not show is passed over."""
        match event["event"]:
            case "plan":
                self._plan, self._total = event["plan"], event["plan"].n_trials
                found = short_lines(self._plan.findings, self._plan.check_line, self.console.width)
                put([*found, *([""] if found else []), *plan_lines(self._plan, self.console.width), ""], self.console)
            case "note":
                put(wrapped(f"! {event['text']}", self.console.width, GAP), self.console)
            case "board":
                self._rows = event["rows"]
                self._say_finished()
            case "progress" if "seconds_left" in event:  # of the run
                self._done, self._total, self._seconds_left = event["done"], event["total"], event["seconds_left"]
                self._told = time.monotonic()
                self._kind, self._doing = event.get("kind", ""), ""
                self._say_progress()
            case "progress":  # of a trial
                self._trainings.hear(event, time.monotonic())
            case "doing":
                self._doing = event["text"]
                if self._live is None:
                    put([f"{GAP}{self._doing}"], self.console)
            case "prepared":
                self._trainings.end(event)
                self._prepared[event["method"]] = event["done"], event["total"]
                self._say_progress()
            case "trial":
                self._trainings.end(event)
                self._trials[event["method"]] += 1

    def _say_progress(self) -> None:
        """Without a live picture, tell now and then how far the run is."""
        elapsed = time.monotonic() - self._start
        if self._live is None and elapsed - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = elapsed
            put([*self._preparing(), self._progress(elapsed, 0)], self.console)

    def _preparing(self) -> list[str]:
        """Return a line for each preparation that is not over."""
        return [
            f"{GAP}{name}{GAP}prepared for {done:,} of {total:,} splits"
            for name, (done, total) in self._prepared.items()
            if done < total
        ]

    def _say_finished(self) -> None:
        """Without a live picture, say once of every method that its last trial is over."""
        if self._live is not None or self._plan is None:
            return
        for planned in self._plan.rows:
            name = planned.method
            if name in self._said or not 0 < planned.n_trials <= self._trials[name]:
                continue
            self._said.add(name)
            row = next((row for row in self._rows if row["method"] == name), {})
            score = digits(row.get("score"), row.get("low"), row.get("high")).partition(" ")[0] or "no score"
            said = self._progress(time.monotonic() - self._start, 0)
            width = max(cell_len(row.method) for row in self._plan.rows)
            put([f"{GAP}{fitted(name, width)}{GAP}{score:<14}{said}"], self.console)

    def _picture(self) -> Text:
        """Draw the board so far, in as many lines as the terminal has."""
        width = self.console.width - 1
        if self._plan is None:
            return Text(fitted(f"{GAP}{BEFORE}{GAP}{clock(time.monotonic() - self._start)}", width).rstrip())
        started = {row["method"] for row in self._rows}
        waiting = [r.method for r in self._plan.rows if r.status == "ok" and r.method not in started]
        rows = [*self._rows, *({"method": name, "status": "waiting"} for name in waiting)]
        now = time.monotonic()
        preparing = [fitted(line, width).rstrip() for line in self._preparing()]
        trainings = [*preparing, *self._trainings.lines(now, width)]
        board = {
            "metric": self._plan.metric,
            "rows": rows[: max(1, self.console.height - LINES_BESIDE_ROWS - len(trainings))],
        }
        progress = self._progress(now - self._start, width)
        if self._doing:
            progress = fitted(f"{GAP}{self._doing}{GAP}{clock(now - self._start)}", width).rstrip()
        return styled([*lines(board, width), "", *trainings, progress], self.console)

    def _progress(self, elapsed: float, width: int) -> str:
        left = self._left(self._start + elapsed)
        return progress_line(self._done, self._total, elapsed, left, width, self._kind)

    def _left(self, now: float) -> float | None:
        """Return the seconds that the trials may still take, None where nothing is known.

        That is what was foretold when the last trial ended, less the time since; but where all that are left train already, what
        they say of themselves, and never less than that.
        """
        if self._seconds_left is None:
            return None
        in_training = self._trainings.seconds_left(now)
        if not self._preparing() and self._trainings.n_with_pace() >= self._total - self._done:
            return in_training
        return max(self._seconds_left - (now - self._told), in_training)
