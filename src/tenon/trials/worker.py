"""A worker process: `python -m tenon.trials.worker RUN DATA` takes jobs from standard input, one JSON line each.

It loads the data once, tells each event as a JSON line on standard output, and ends when its input closes: that is how
it notices that its parent has died, even in the middle of a fit.
"""

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from tenon.catalogue import of_row
from tenon.data.dataset import Dataset
from tenon.data.unlabelled import Source
from tenon.errors import OutputError
from tenon.tasks import Task
from tenon.trials.job import TEXTS, Bench, Job, event_line, run_job
from tenon.trials.shared import run_preparation
from tenon.watch import Watch


def main(run: Path, data: Path) -> None:
    """Work through the jobs that come in until there are no more."""
    answers, orders = _private_streams()
    jobs = _incoming(orders)
    bench = load_bench(run, data)
    _tell(answers, {"event": "ready"})
    while (line := jobs.get()) is not None:
        job = Job(**json.loads(line))
        watch = Watch(lambda event: _tell(answers, event))
        try:
            outcome = run_preparation(job, bench, watch) if job.key else run_job(job, of_row(job.method), bench, watch)
        except OutputError as error:  # no other job would fare better: the run ends
            _tell(answers, {"event": "cannot write", "reason": str(error)})
            continue
        _tell(answers, {"event": "done", "status": outcome.status, "reason": outcome.reason, "seconds": outcome.seconds})


def load_bench(run: Path, data: Path) -> Bench:
    """Load what the parent left for its workers."""
    from tenon.data.splits import Splits

    task = Task.from_json(json.loads((data / "task.json").read_text(encoding="utf-8")))
    texts = {source[-1]: Source(*source) for source in json.loads((data / TEXTS).read_text(encoding="utf-8"))}
    return Bench(Dataset.load(data), Splits.load(run / "splits.parquet"), task, run, texts)


def _private_streams() -> tuple[TextIO, TextIO]:
    """Return streams on the real standard output and input; what a method prints goes to standard error, it reads nothing."""
    answers, orders = os.fdopen(os.dup(1), "w", encoding="utf-8"), os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return answers, orders


def _incoming(orders: TextIO) -> "queue.Queue[str | None]":
    """Read job lines in a thread; when the input closes while a job runs, nobody waits for its result: end at once."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in orders:
            lines.put(line)
        lines.put(None)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _tell(stream: TextIO, event: dict[str, Any]) -> None:
    stream.write(event_line(event))
    stream.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
