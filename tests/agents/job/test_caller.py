"""Whom a job serves: who the caller is, from which number, and from when on."""

from __future__ import annotations

import asyncio

import pytest

from agents.job.caller import (
    Caller,
    NobodyCameError,
    answered,
    as_now,
    asks_headers,
    context,
    wait_for_caller,
)
from dialplans.contracts.jobs import AGENT, CALLED, CALLER, ROLE
from tests.agents.calling import BILLING, plan
from tests.agents.job.paper_job import ann
from tests.fakes.room import SIP, PaperRoom, Somebody


async def test_the_caller_is_the_one_who_called() -> None:
    """Not a colleague from the console, nor a telephone that we dialled."""
    dialled = Somebody("person-1", kind=SIP, attributes={ROLE: AGENT})
    room = PaperRoom("call-x", ann(), dialled)
    waiting = asyncio.create_task(wait_for_caller(room, within=5))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    room.comes(Somebody("web-1", attributes={ROLE: CALLER, CALLED: "web"}))
    found = await waiting

    assert (found.identity, found.sip) == ("web-1", False)


async def test_a_room_without_a_caller_is_left() -> None:
    with pytest.raises(NobodyCameError):
        await wait_for_caller(PaperRoom("call-x", ann()), within=0.05)  # type: ignore[arg-type]


async def test_the_greeting_waits_for_the_answer() -> None:
    """Its first words would be lost before the 200 OK."""
    who = Somebody("sip_1", kind=SIP, attributes={"sip.callStatus": "ringing"})
    room = PaperRoom("call-x", who)
    waiting = asyncio.create_task(answered(room, "sip_1", 5))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)

    assert not waiting.done()

    room.changes(who, sip__callStatus="active")

    assert await waiting is True


async def test_what_the_leg_says_late_is_looked_at_again() -> None:
    """LiveKit's participants give out copies: the one who was found first knows nothing of it."""
    first = Caller("sip_1", True, {"sip.phoneNumber": "+447700900123"})
    late = {"sip.phoneNumber": "+447700900123", "sip.h.privacy": "id"}
    room = PaperRoom("call-x", Somebody("sip_1", kind=SIP, attributes=late))
    gone = PaperRoom("call-x")

    assert as_now(room, first).attributes == late  # type: ignore[arg-type]
    assert as_now(gone, first) is first  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attributes", "called", "from_"),
    [
        (
            {"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "+4930123456"},
            BILLING,
            "+4930123456",
        ),
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "anonymous"}, BILLING, "anonymous"),
        ({"sip.trunkPhoneNumber": BILLING}, BILLING, "anonymous"),
        (
            {"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "02079460111"},
            BILLING,
            "+442079460111",
        ),
    ],
)
def test_numbers_are_read_as_the_plan_writes_them(
    attributes: dict[str, str], called: str, from_: str
) -> None:
    """National forms as at home; what is withheld is anonymous."""
    found = context(plan().plan, "call-x", Caller("sip_1", True, attributes))

    assert (found.called, found.caller, found.trunk) == (called, from_, "local")


@pytest.mark.parametrize(
    ("attributes", "waits"),
    [
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "+4930123456"}, True),
        ({"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "anonymous"}, False),
        ({"sip.trunkPhoneNumber": "+499999999", "sip.phoneNumber": "+4930123456"}, False),
    ],
)
def test_a_number_is_not_shown_before_it_is_known_whether_it_is_withheld(
    attributes: dict[str, str], waits: bool
) -> None:
    """LiveKit's own leg says so a moment after it has joined; who is anonymous stays so."""
    assert asks_headers(plan().plan, Caller("sip_1", True, attributes)) is waits


def test_headers_reach_the_engine() -> None:
    facts = {"sip.trunkPhoneNumber": BILLING, "sip.h.x-campaign": "spring1"}
    found = context(plan().plan, "call-x", Caller("sip_1", True, facts))

    assert found.header("X-Campaign") == "spring1"
