"""Requests that wait together are answered together, each with its own answer or error; no more wait than may."""

import asyncio
import gc
import threading
import time
import weakref

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
from tenon.serve.batches import MOST_ROWS, Batches, Busy  # noqa: E402
from tenon.serve.limits import Limits  # noqa: E402


class Model:
    """Doubles numbers, slowly, and keeps what it was asked together; it has no answer to 13."""

    def __init__(self, seconds=0.05):
        self.seconds, self.asked, self.threads = seconds, [], set()

    def answers(self, numbers):
        self.asked.append(list(numbers))
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        return [ValueError("unlucky") if number == 13 else 2 * number for number in numbers]


def asked_at_once(batches, numbers, n_rows=1):
    async def all_of_them():
        return await asyncio.gather(*(batches.ask(number, n_rows) for number in numbers), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_each_gets_its_own_answer_and_those_that_wait_are_asked_together():
    model = Model()
    numbers = range(100, 150)
    assert asked_at_once(Batches(model.answers, Limits()), numbers) == [2 * number for number in numbers]
    assert sum(model.asked, []) == list(numbers)
    assert len(model.asked) <= 3  # the first, and what came in meanwhile
    assert len(model.threads) == 1


def test_an_error_is_of_one_request_alone():
    said = asked_at_once(Batches(Model().answers, Limits()), [1, 13, 2])
    assert [said[0], said[2]] == [2, 4]
    assert isinstance(said[1], ValueError)


def test_a_model_that_fails_fails_all_it_was_asked_and_goes_on():
    def answers(numbers):
        if 7 in numbers:
            raise OSError("gone")
        return numbers

    batches = Batches(answers, Limits())
    assert all(isinstance(one, OSError) for one in asked_at_once(batches, [7]))
    assert asked_at_once(Batches(answers, Limits()), [1]) == [1]


def test_batches_hold_no_more_rows_than_may_be():
    model = Model(0)
    asked_at_once(Batches(model.answers, Limits()), range(8), n_rows=MOST_ROWS // 2)
    assert max(map(len, model.asked)) == 2
    model = Model(0)
    assert asked_at_once(Batches(model.answers, Limits()), range(2), n_rows=2 * MOST_ROWS) == [0, 2]  # larger ones go alone


def test_more_than_may_wait_are_turned_away():
    said = asked_at_once(Batches(Model().answers, Limits(waiting=4)), range(10))
    assert said[:4] == [0, 2, 4, 6]
    assert all(isinstance(one, Busy) for one in said[4:])


def test_who_waits_too_long_is_told_and_is_asked_no_more():
    model = Model(0.3)

    async def late():
        batches = Batches(model.answers, Limits(seconds=0.1))
        first = asyncio.create_task(batches.ask(1, 1))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(batches.ask(2, 1))
        said = await asyncio.gather(first, second, return_exceptions=True)
        await asyncio.sleep(0.4)
        return said

    assert [type(one) for one in asyncio.run(late())] == [TimeoutError, TimeoutError]
    assert model.asked == [[1]]


def test_work_that_nobody_waits_for_is_not_kept_until_its_turn():
    """It may hold a file of many megabytes."""
    may_go = threading.Event()

    class Work:
        def __call__(self, watch):
            raise AssertionError("nobody waits for it")

    async def given_up():
        batches = Batches(Model().answers, Limits())
        first = asyncio.create_task(batches.alone(lambda _: may_go.wait(30)))
        work = Work()
        kept = weakref.ref(work)
        second = asyncio.create_task(batches.alone(work))
        del work
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        del second
        gc.collect()
        try:
            assert kept() is None
        finally:
            may_go.set()
        assert await first

    asyncio.run(given_up())
