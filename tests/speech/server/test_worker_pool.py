from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from agents.speech.server.worker_pool import WorkerPool, WorkItem
from dialplans.contracts.speech_wire import HUNCH, SPECULATIVE, URGENT

WAIT_S = 10


class Held:
    """Work that says that it was begun, and ends when it is told."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.end = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.end.wait(WAIT_S)
        return "done"


@pytest.fixture
def two() -> Iterator[WorkerPool]:
    workers = WorkerPool("test", 2)
    yield workers
    workers.close()


def result(job: WorkItem[str]) -> str:
    return job.future.result(WAIT_S)


def test_a_hunch_is_begun_while_nothing_else_runs(two: WorkerPool) -> None:
    assert result(two.submit(lambda: "hunch", HUNCH)) == "hunch"


def test_a_hunch_leaves_a_thread_for_what_may_come(two: WorkerPool) -> None:
    """With one of two threads busy it waits, what is urgent does not, and then it has its turn."""
    busy = Held()
    first = two.submit(busy, SPECULATIVE)
    assert busy.begun.wait(WAIT_S)
    hunch = two.submit(lambda: "hunch", HUNCH)

    assert result(two.submit(lambda: "urgent", URGENT)) == "urgent"
    assert not hunch.future.done()
    busy.end.set()
    assert result(first) == "done"
    assert result(hunch) == "hunch"


def test_a_hunch_that_became_likely_waits_no_longer(two: WorkerPool) -> None:
    busy = Held()
    first = two.submit(busy, SPECULATIVE)
    assert busy.begun.wait(WAIT_S)
    hunch = two.submit(lambda: "hunch", HUNCH)

    two.hurry(hunch, SPECULATIVE)

    assert result(hunch) == "hunch"
    busy.end.set()
    assert result(first) == "done"


def test_one_thread_alone_has_no_time_for_hunches() -> None:
    workers = WorkerPool("test", 1)
    hunch = workers.submit(lambda: "hunch", HUNCH)

    assert result(workers.submit(lambda: "urgent", URGENT)) == "urgent"
    assert not hunch.future.done()

    workers.close()
    assert hunch.future.cancelled()


def test_work_that_fails_fails_alone(two: WorkerPool) -> None:
    def fails() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        result(two.submit(fails, URGENT))
    assert result(two.submit(lambda: "next", HUNCH)) == "next"
