"""Run jobs in worker processes and watch over them.

A few workers, started once, do one job at a time. The parent kills and replaces a worker that dies, gives no sign of
life, outgrows the memory limit or outlasts the clock; the job that it was on gets that as its outcome.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenon.errors import OutputError, shortened
from tenon.trials.job import Job, Outcome
from tenon.watch import Watch

REQUEUE = "requeue"  # in the place of a reason or a status: the job waits again, for no fault of its own
TIME_IS_UP = "the time of --budget was used up"
LAST_WORDS_WITHIN = 1.0  # seconds to wait for the end of a dead worker's output
LOOK_EVERY = 0.2  # seconds between looks at time and memory
WAITING = {"OMP_WAIT_POLICY": "passive"}
"""How threads wait for each other, where the caller does not say: asleep.

Threads that wait awake keep the cores from those that they wait for: beside other work, two are slower than one (docs/log.md).
"""
HIDDEN = {"CUDA_VISIBLE_DEVICES": ""}  # of workers beside one another, so that one trial at a time has the GPU: a dear one
SHORT_OF_MEMORY = 0.08  # share of the machine's memory: with less available, fewer jobs run at once
THREADS = [f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR")]


@dataclass(frozen=True)
class Limits:
    """When a job is ended from outside."""

    memory_bytes: int  # resident size of one worker
    silence_seconds: float = 600.0  # without a sign of life on the watch


class Worker:
    """One process, the job that it is on, and when it was last heard of."""

    def __init__(self, run: Path, data: Path, inbox: "queue.Queue[tuple[Worker, dict | None]]", n_threads: int = 1):
        import psutil

        self.n_threads = n_threads
        environment = WAITING | dict(os.environ) | dict.fromkeys(THREADS, str(n_threads)) | (HIDDEN if n_threads == 1 else {})
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        command = [sys.executable, "-P", "-m", "tenon.trials.worker", str(run), str(data)]  # -P: no file here hides a module
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            errors="replace",
        )
        self._seen_by_system = psutil.Process(self.process.pid)
        self._inbox = inbox
        self.job: Job | None = None
        self.heard = self.began = time.monotonic()
        self.last_words = ""
        self._listeners = [threading.Thread(target=work, daemon=True) for work in (self._keep_last_words, self._listen)]
        for listener in self._listeners:
            listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._inbox.put((self, json.loads(line)))
        self.process.wait()
        self._listeners[0].join(LAST_WORDS_WITHIN)  # its last words are complete, unless a child of its own holds the pipe
        self._inbox.put((self, None))

    def _keep_last_words(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.last_words = shortened(line.strip()) or self.last_words

    def start(self, job: Job) -> None:
        """Send a job to the idle worker."""
        self.job = job
        self.heard = self.began = time.monotonic()
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it died just now: its listener is about to say so
            self.process.stdin.write(json.dumps(job.__dict__) + "\n")
            self.process.stdin.flush()

    def resident_bytes(self) -> int:
        """Memory that the process holds now; 0 when it is gone."""
        import psutil

        with suppress(psutil.Error):
            return int(self._seen_by_system.memory_info().rss)
        return 0

    def end(self) -> None:
        """Kill the process; its listener notices."""
        self.process.kill()

    def close(self) -> None:
        """Kill the process if it still lives, and let go of its pipes."""
        self.process.kill()
        self.process.wait()
        for listener in self._listeners:
            listener.join(LAST_WORDS_WITHIN)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe
            with suppress(BrokenPipeError):  # a job may stand unread in the buffer
                pipe.close()


class Pool:
    """The workers of one run, as a context manager: leaving it ends them all."""

    def __init__(self, run: Path, data: Path, n_workers: int, limits: Limits):
        self.run, self.data, self.limits = run.resolve(), data.resolve(), limits  # a method may change the folder
        self.inbox: queue.Queue[tuple[Worker, dict[str, Any] | None]] = queue.Queue()
        self.n_workers = n_workers
        self.workers: list[Worker] = []
        self._died_once: set[Path] = set()  # jobs that lost their worker and were given another

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.workers:
            worker.close()

    def map(self, jobs: Sequence[Job], watch: Watch, deadline: float | None = None) -> Iterator[Outcome]:
        """Yield the outcome of every job as it ends, in no fixed order. Jobs start in the order given, but after what they need.

        After a job was stopped from outside, the method's waiting jobs are stopped too: they would go the same way. So are those
        that begin with what a preparation did not make.
        deadline : time.monotonic() at which everything stops; None = no clock. Raises OutputError where a worker cannot
        write what a job gave.
        """
        waiting = deque(jobs)
        verdicts: dict[Worker, str] = {}  # workers that we killed, and why
        lost: dict[str, Outcome] = {}  # method, or key of a preparation -> why none of its jobs need start
        open_jobs = len(waiting)
        while open_jobs:
            for outcome in self._hand_out(waiting, lost, deadline):
                open_jobs -= 1
                yield outcome
            for worker, reason in self._overrun(deadline):
                verdicts[worker] = reason
                worker.end()
            event_of, event = self._next_event()
            if event_of is None:
                continue
            finished = self._hear(event_of, event, verdicts, watch)
            if finished is None:
                continue
            if finished.status == REQUEUE:
                waiting.appendleft(finished.job)
                continue
            if finished.status == "stopped":
                lost[finished.job.method] = finished
            if finished.job.key and finished.status != "ok":
                lost[finished.job.key] = finished
            open_jobs -= 1
            yield finished

    def _hand_out(self, waiting: deque[Job], lost: dict[str, Outcome], deadline: float | None) -> Iterator[Outcome]:
        """Give waiting jobs to idle workers; yield the outcome of those that need not start any more."""
        is_over = deadline is not None and time.monotonic() > deadline
        while job := self._startable(waiting):
            cause = next((lost[name] for name in (job.method, *job.prepared.values()) if name in lost), None)
            if is_over or cause:
                waiting.remove(job)
                outcome = Outcome(job, "stopped", TIME_IS_UP) if is_over or cause is None else cause.ends(job)
                if job.key:
                    lost[job.key] = outcome
                yield outcome
                continue
            worker = self._idle_worker(job.n_threads)
            if worker is None:
                return
            waiting.remove(job)
            worker.start(job)

    def _startable(self, waiting: deque[Job]) -> Job | None:
        """Return the first waiting job that begins with nothing which is still to be made."""
        running = (worker.job for worker in self.workers if worker.job)
        to_be_made = {job.key for job in (*waiting, *running) if job.key}
        return next((job for job in waiting if to_be_made.isdisjoint(job.prepared.values())), None)

    def _idle_worker(self, n_threads: int) -> Worker | None:
        """Return a worker for a job of so many threads, None while there is none; one of several threads works alone."""
        busy = [worker for worker in self.workers if worker.job]
        if busy and (_memory_is_short() or max(n_threads, *(worker.n_threads for worker in busy)) > 1):
            return None
        of_kind = [worker for worker in self.workers if worker.n_threads == n_threads]
        idle = next((worker for worker in of_kind if worker.job is None), None)
        if idle is None and len(of_kind) < self.n_workers:
            idle = Worker(self.run, self.data, self.inbox, n_threads)
            self.workers.append(idle)
        return idle

    def _overrun(self, deadline: float | None) -> Iterator[tuple[Worker, str]]:
        """Yield workers that must be ended, with the reason; the newest of several goes back to the queue first."""
        now = time.monotonic()
        busy = sorted((worker for worker in self.workers if worker.job), key=lambda worker: worker.began)
        sizes = {worker: worker.resident_bytes() for worker in busy}
        for worker in busy:
            if sizes[worker] > self.limits.memory_bytes:
                yield worker, f"needs more than the memory limit of {self.limits.memory_bytes / 2**30:.0f} GB per trial"
            elif deadline is not None and now > deadline:
                yield worker, TIME_IS_UP
            elif now - worker.heard > self.limits.silence_seconds:
                yield worker, f"no sign of life for {self.limits.silence_seconds / 60:g} minutes"
        if len(busy) > 1 and _memory_is_short(SHORT_OF_MEMORY / 2):
            yield busy[-1], REQUEUE

    def _next_event(self) -> tuple[Worker | None, dict[str, Any] | None]:
        try:
            return self.inbox.get(timeout=LOOK_EVERY)
        except queue.Empty:
            return None, None
        except RuntimeError as error:  # a signal came while the queue took its lock back
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            raise

    def _hear(self, worker: Worker, event: dict[str, Any] | None, verdicts: dict[Worker, str], watch: Watch) -> Outcome | None:
        """Take in what a worker said, or that it is gone (None). Return an outcome when that ends a job."""
        if event is None:
            return self._bury(worker, verdicts)
        worker.heard = time.monotonic()
        if event["event"] == "cannot write":
            raise OutputError(event["reason"])
        if event["event"] != "done":
            if worker.job:
                watch.tell({**event, "method": worker.job.method, "repeat": worker.job.repeat, "fold": worker.job.fold})
            return None
        job, worker.job = worker.job, None
        assert job
        return Outcome(job, event["status"], event["reason"], event["seconds"])

    def _bury(self, worker: Worker, verdicts: dict[Worker, str]) -> Outcome | None:
        self.workers.remove(worker)
        worker.close()
        if worker.job is None:
            return None
        reason = verdicts.pop(worker, "")
        if reason == REQUEUE:
            return Outcome(worker.job, REQUEUE)
        if reason:
            return Outcome(worker.job, "stopped", reason)
        if worker.job.place not in self._died_once:
            self._died_once.add(worker.job.place)  # it may have been killed for no fault of the method
            return Outcome(worker.job, REQUEUE)
        return Outcome(worker.job, "failed", _death(worker))


def _death(worker: Worker) -> str:
    code = worker.process.returncode
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"its process ended twice by itself ({how})" + (f": {worker.last_words}" if worker.last_words else "")


def _memory_is_short(share: float = SHORT_OF_MEMORY) -> bool:
    import psutil

    memory = psutil.virtual_memory()
    return bool(memory.available < share * memory.total)
