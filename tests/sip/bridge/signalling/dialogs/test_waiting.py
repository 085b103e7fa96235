"""Who has answered our INVITE may ask before the call knows of its answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.sip.bridge.signalling.pair import SOON, Answers, pair

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.mark.parametrize("method", ["UPDATE", "INFO", "REFER", "OPTIONS"])
async def test_what_is_asked_early_is_answered_by_the_call(method: str) -> None:
    async with pair() as between:
        ours, theirs = await between.call()
        ours.waiting.begin()
        asking = asyncio.create_task(theirs.send(method))
        await asyncio.sleep(SOON)
        too_early = asking.done()
        answers = Answers()
        ours.handlers.offer = ours.handlers.info = ours.handlers.refer = answers
        ours.waiting.end(ours.receive)
        response = await asking

    assert not too_early
    assert response is not None
    assert response.status_code == 200
    assert len(answers.asked) == (method != "OPTIONS")


async def test_a_telephone_that_hangs_up_at_once_ends_the_call() -> None:
    """Its BYE comes before there is anybody to tell, and is told."""
    async with pair() as between:
        ours, theirs = await between.call()
        ours.waiting.begin()
        ending = asyncio.create_task(theirs.send("BYE"))
        await asyncio.sleep(SOON)
        told = asyncio.Event()
        ours.handlers.bye = told.set
        ours.waiting.end(ours.receive)
        response = await ending

    assert told.is_set()
    assert response is not None
    assert response.status_code == 200


async def test_what_waits_is_met_in_its_order() -> None:
    async with pair() as between:
        ours, theirs = await between.call()
        ours.waiting.begin()
        for _ in range(3):
            theirs.ask("INFO")
        await asyncio.sleep(SOON)
        answers = Answers()
        ours.handlers.info = answers
        ours.waiting.end(ours.receive)

    assert answers.numbers == sorted(answers.numbers)
    assert len(answers.numbers) == 3


@pytest.mark.parametrize(("method", "code"), [("BYE", 200), ("UPDATE", 481), ("INFO", 481)])
async def test_a_call_that_nobody_takes_answers_all_the_same(method: str, code: int) -> None:
    """A second telephone that answered: it is hung up, whatever it has asked meanwhile."""
    async with pair() as between:
        ours, theirs = await between.call()
        ours.waiting.begin()
        asking = asyncio.create_task(theirs.send(method))
        await asyncio.sleep(SOON)
        ours.close()
        response = await asking

    assert response is not None
    assert response.status_code == code
