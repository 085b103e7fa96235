"""Several telephones are rung for one call, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.dialling.first_answer import first_answer
from sip.bridge.dialling.permission import Permission
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import Phones, phones

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.fixture
async def ours() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


@pytest.fixture
async def one() -> AsyncIterator[Callee]:
    async with callee() as made:
        yield made


@pytest.fixture
async def two() -> AsyncIterator[Callee]:
    async with callee() as made:
        yield made


def dialler(ours: Phones, phone: Callee) -> Dialler:
    host, port = phone.address
    to = Destination(f"sip:ann@{host}:{port}", Place(host, port), "<sip:+4930123@x>")
    offer = Negotiation(Local("127.0.0.1", 40000)).offer()
    nothing, carriers = Permission("ann", host), Carriers(Dns())
    return Dialler(ours.endpoint, to, offer, WhileItRings(), nothing, carriers)


async def test_who_answers_first_has_the_call(ours: Phones, one: Callee, two: Callee) -> None:
    """The other is told that it is over, and rings no more."""
    one.rings_for, two.answers = 3.0, False
    dialog, _ = await first_answer([[dialler(ours, two), dialler(ours, one)]], "tag", 30)
    await asyncio.sleep(1)

    assert one.dialog is not None
    assert two.cancelled
    await dialog.bye()


async def test_two_who_answer_at_once_are_not_both_in_the_call(
    ours: Phones, one: Callee, two: Callee
) -> None:
    dialog, _ = await first_answer([[dialler(ours, one), dialler(ours, two)]], "tag", 30)
    await asyncio.sleep(1)
    ended = [phone.bye.is_set() or phone.cancelled for phone in (one, two)]

    assert sorted(ended) == [False, True]
    await dialog.bye()


async def test_the_next_are_rung_when_nobody_takes_it(
    ours: Phones, one: Callee, two: Callee
) -> None:
    one.refuse_with = 486
    dialog, _ = await first_answer([[dialler(ours, one)], [dialler(ours, two)]], "tag", 30)

    assert len(one.invites) == len(two.invites) == 1
    await dialog.bye()


@pytest.mark.parametrize(
    ("codes", "told"), [((486, 480), 486), ((404, 486), 486), ((603, 486), 603), ((503, 404), 404)]
)
async def test_what_a_person_said_is_told(
    ours: Phones, one: Callee, two: Callee, codes: tuple[int, int], told: int
) -> None:
    one.refuse_with, two.refuse_with = codes
    with pytest.raises(NotAnsweredError) as failed:
        await first_answer([[dialler(ours, one), dialler(ours, two)]], "tag", 30)

    assert failed.value.code == told


async def test_all_of_it_has_one_patience(ours: Phones, one: Callee, two: Callee) -> None:
    one.answers = two.answers = False
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(NotAnsweredError) as failed:
        await first_answer([[dialler(ours, one)], [dialler(ours, two)]], "tag", 20)

    assert failed.value.code == 408
    assert loop.time() - began < 21


async def test_a_telephone_that_is_nowhere_is_not_reached(ours: Phones) -> None:
    with pytest.raises(NotAnsweredError) as failed:
        await first_answer([], "tag", 20)

    assert failed.value.code == 480


async def test_who_gives_up_ends_all_of_it(ours: Phones, one: Callee, two: Callee) -> None:
    one.answers = two.answers = False
    task = asyncio.create_task(first_answer([[dialler(ours, one), dialler(ours, two)]], "tag", 30))
    await asyncio.sleep(2)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(1)

    assert one.cancelled
    assert two.cancelled
