"""Work for a few threads, most urgent first; what nobody wants any more is never begun."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from dialplans.contracts.speech_wire import HUNCH

T = TypeVar("T")


@dataclass(order=True)
class WorkItem(Generic[T]):
    """A piece of work in the queue. Cancelling its `future` before it runs takes it out."""

    priority: int
    number: int
    work: Callable[[], T] = field(compare=False)
    future: Future[T] = field(compare=False, default_factory=Future)
    asked_at: float = field(compare=False, default_factory=time.perf_counter)
    waited_s: float = field(compare=False, default=0.0)

    async def result(self) -> T:
        """Cancelling the awaiting task cancels the job if it has not begun."""
        return await asyncio.wrap_future(self.future)


class WorkerPool:
    """`count` threads. Within a priority it is first come, first served. A hunch is begun only
    while that leaves a thread for what somebody may come to wait for."""

    def __init__(self, name: str, count: int) -> None:
        self._queue: list[WorkItem[Any]] = []
        self._busy = 0
        self._count = count
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{i}", daemon=True)
            for i in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], T], priority: int) -> WorkItem[T]:
        job = WorkItem(priority, next(self._numbers), work)
        with self._changed:
            heapq.heappush(self._queue, job)
            self._changed.notify()
        return job

    def hurry(self, job: WorkItem[Any], priority: int) -> None:
        """Moves a waiting job forward; one that runs already is left alone."""
        with self._changed:
            if job.priority > priority:
                job.priority = priority
                heapq.heapify(self._queue)
                self._changed.notify()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def close(self) -> None:
        """What waits is cancelled, what runs ends by itself."""
        with self._changed:
            self._closing = True
            for job in self._queue:
                job.future.cancel()
            self._queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)

    def _next(self) -> WorkItem[Any] | None:
        with self._changed:
            while not self._closing and not self._may_begin():
                self._changed.wait()
            if not self._queue:
                return None
            self._busy += 1
            return heapq.heappop(self._queue)

    def _may_begin(self) -> bool:
        if not self._queue:
            return False
        return self._queue[0].priority < HUNCH or self._busy + 1 < self._count

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.waited_s = time.perf_counter() - job.asked_at
            if job.future.set_running_or_notify_cancel():
                _do(job)
            del job
            with self._changed:
                self._busy -= 1
                self._changed.notify()


def _do(job: WorkItem[Any]) -> None:
    try:
        job.future.set_result(job.work())
    except Exception as error:  # whoever waits gets it
        job.future.set_exception(error)
