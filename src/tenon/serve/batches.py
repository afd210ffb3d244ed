"""Requests that come together are answered together.

One thread has the model. While it works, requests wait; then all that wait, up to a number of rows, are its next work. So a batch
forms only where there is something to wait for, and a lone request is answered at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tenon.serve.limits import Limits
from tenon.watch import Watch

MOST_ROWS = 4_096  # of a batch of several requests
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Alone = TypeVar("Alone")


class Busy(Exception):  # noqa: N818 (it is no fault of the program)
    """As many requests wait already as may."""


class Unasked(Exception):  # noqa: N818
    """Nobody waits any more for what is being worked on."""


@dataclass(eq=False)
class Waiting(Generic[Asked]):
    """A request, how many rows it has, and where its answer is put."""

    asked: Asked
    n_rows: int
    answer: "asyncio.Future[Any]"


@dataclass
class Batches(Generic[Asked, Answer]):
    """answers : of several requests, an answer or an error each, in their order; it is called in one thread alone."""

    answers: Callable[[Sequence[Asked]], Sequence[Answer | Exception]]
    limits: Limits
    queue: "deque[Waiting[Asked]]" = field(default_factory=deque)
    executor: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "model"))
    n_answered: int = 0
    n_alone: int = 0  # pieces of work that are no batch, waiting or at hand
    _worker: "asyncio.Task[None] | None" = None

    @property
    def n_waiting(self) -> int:
        return len(self.queue) + self.n_alone

    async def ask(self, asked: Asked, n_rows: int) -> Answer:
        """Return the answer. Raises Busy, TimeoutError where it takes longer than may be, or the error of this request."""
        if self.n_waiting >= self.limits.waiting:
            raise Busy
        one = Waiting(asked, n_rows, asyncio.get_running_loop().create_future())
        self.queue.append(one)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        try:
            return await asyncio.wait_for(one.answer, self.limits.seconds)
        except (asyncio.CancelledError, TimeoutError):  # its place is another's now
            with suppress(ValueError):
                self.queue.remove(one)
            raise

    async def alone(self, work: Callable[[Watch], Alone]) -> Alone:
        """Return what a piece of work gives that is no batch, in the thread of the model. Raises as `ask` does.

        Where the work tells its watch how far it is, it ends once nobody waits for it any more.
        """
        if self.n_waiting >= self.limits.waiting:
            raise Busy
        wanted = [work]  # empty once nobody waits: the executor keeps what it was handed, a file of rows perhaps, until its turn

        def listen(event: dict[str, Any]) -> None:
            if not wanted:
                raise Unasked

        self.n_alone += 1
        try:
            done = asyncio.get_running_loop().run_in_executor(self.executor, lambda: wanted[0](Watch(listen)))
            return await asyncio.wait_for(done, self.limits.seconds)
        finally:
            wanted.clear()
            self.n_alone -= 1

    async def _work(self) -> None:
        while batch := self._next():
            asked = [one.asked for one in batch]
            try:
                found = await asyncio.get_running_loop().run_in_executor(self.executor, self.answers, asked)
            except Exception as error:  # of the program: each who asked is told, and the next are asked none the less
                found = [error] * len(batch)
            for one, answer in zip(batch, found, strict=True):
                if one.answer.done():  # nobody waits any more
                    continue
                self.n_answered += 1
                if isinstance(answer, Exception):
                    one.answer.set_exception(answer)
                else:
                    one.answer.set_result(answer)

    def _next(self) -> list[Waiting[Asked]]:
        """Return the requests of the next batch, at least one where any waits; those that nobody waits for are dropped."""
        batch: list[Waiting[Asked]] = []
        n_rows = 0
        while self.queue and (not batch or n_rows + self.queue[0].n_rows <= MOST_ROWS):
            one = self.queue.popleft()
            if not one.answer.done():
                batch.append(one)
                n_rows += one.n_rows
        return batch
