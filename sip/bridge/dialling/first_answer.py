"""Several telephones are rung for one call: who answers first has it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiosipua.message import SipResponse

from dialplans.process.background import end
from sip.bridge.dialling.dial import Dialler
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.signalling.dialog import Dialog

Answer = tuple[Dialog, SipResponse]


async def first_answer(groups: Sequence[Sequence[Dialler]], tag: str, patience: float) -> Answer:
    """Those of a group ring together, the next group when nobody of the one before takes the call
    (RFC 3261 §16.6). All of it lasts `patience` seconds. Raises NotAnsweredError."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    failure = NotAnsweredError(480, "the telephone is not registered")
    for group in groups:
        left = until - loop.time()
        if left <= 0:
            break
        try:
            return await _together(group, tag, left)
        except NotAnsweredError as error:
            failure = error
    raise failure


async def _together(group: Sequence[Dialler], tag: str, patience: float) -> Answer:
    tags = (f"{tag}{n or ''}" for n in range(len(group)))
    tasks = [
        asyncio.create_task(each.dial(own, patience)) for each, own in zip(group, tags, strict=True)
    ]
    failures: list[NotAnsweredError] = []
    answer: Answer | None = None
    try:
        for first in asyncio.as_completed(tasks):
            try:
                answer = await first
            except NotAnsweredError as error:
                failures.append(error)
                if error.code >= 600:  # the person does not want it anywhere
                    break
            else:
                return answer
    finally:
        await end(*tasks)
        others = [_answer_of(task) for task in tasks]
        late = [other for other in others if other is not None and other is not answer]
        await asyncio.gather(*(dialog.bye() for dialog, _ in late))
    raise min(failures, key=_rank)


def _answer_of(task: asyncio.Task[Answer]) -> Answer | None:
    return task.result() if not task.cancelled() and task.exception() is None else None


def _rank(failure: NotAnsweredError) -> int:
    """Which of several refusals is told (RFC 3261 §16.7): what a person said before what was found
    out by waiting."""
    code = failure.code
    return 0 if code >= 600 else 1 if code in (486, 480) else 3 if code in (408, 503) else 2
