"""Whom a leg lets hear its phone, and whom it sends a key."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit import rtc

from dialplans.contracts.jobs import SEALED
from sip.bridge.ffi.dtmf import publish_key
from sip.bridge.room.connection import RoomConnection
from sip.bridge.room.listener import Listener
from sip.bridge.room.participants import hear_keys
from sip.bridge.room.sealed import UNSAID_SECONDS, WITHOUT_AGENT_SECONDS, Sealed
from tests.fakes.room import PaperRoom, Somebody

AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
PHONE = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
EVERYBODY = "everybody"


class Asked:
    """The leg's own participant: whom the server was told to let in."""

    def __init__(self) -> None:
        self.let_in: list[Any] = []

    def set_track_subscription_permissions(
        self, *, allow_all_participants: bool, participant_permissions: list[Any]
    ) -> None:
        names = [one.participant_identity for one in participant_permissions]
        assert all(one.allow_all for one in participant_permissions)
        self.let_in.append(EVERYBODY if allow_all_participants else names)


def room_with(*people: Somebody) -> tuple[PaperRoom, Asked]:
    room = PaperRoom("call-1", *people)
    asked = Asked()
    room.local_participant = asked  # type: ignore[assignment]
    return room, asked


def agent(name: str = "agent-1", *, asks: bool = False) -> Somebody:
    return Somebody(
        name,
        kind=AGENT,
        attributes={SEALED: "yes"} if asks else {},
        track_publications={"TR_1": object()},
    )


async def test_agents_alone_hear_a_sealed_step() -> None:
    """By the word of an agent, whoever of them it is, and until none says so any more."""
    first, colleague = agent(), Somebody("ann", attributes={SEALED: "yes"})
    room, asked = room_with(first, colleague)
    leg = Sealed(room)  # type: ignore[arg-type]
    leg.begin()
    before = list(asked.let_in)
    room.changes(first, **{SEALED: "yes"})
    room.comes(agent("agent-2"))
    room.comes(Somebody("bob"))
    room.changes(first, **{SEALED: ""})

    assert before == []
    assert asked.let_in == [["agent-1"], ["agent-1", "agent-2"], EVERYBODY]


@pytest.mark.virtual_time
async def test_an_agent_that_is_gone_leaves_the_step_sealed_for_its_successor() -> None:
    """Who hears the caller at once; everybody else does when it says that it does not ask, or has
    had the time to say that it does. Where none comes, everybody does."""
    first, second = agent(asks=True), agent("agent-2")
    room, asked = room_with(first)
    leg = Sealed(room)  # type: ignore[arg-type]
    leg.begin()
    room.goes(first)
    gone = list(asked.let_in)
    room.comes(second)
    come = list(asked.let_in)
    await asyncio.sleep(UNSAID_SECONDS + 0.1)
    unsaid = list(asked.let_in)
    third = agent("agent-3", asks=True)
    room.comes(third)
    room.goes(third)
    room.goes(second)
    still = asked.let_in[-1]
    await asyncio.sleep(WITHOUT_AGENT_SECONDS + 0.1)

    assert gone == [["agent-1"], []]
    assert come[2:] == [["agent-2"]]
    assert unsaid[3:] == [EVERYBODY]
    assert still == []
    assert asked.let_in[-1] == EVERYBODY
    assert not leg.on


async def test_an_agent_whose_server_came_back_has_not_yet_said_that_it_asks() -> None:
    """It is in the room again a moment before its attributes are. In between nobody else hears;
    its word, once it is there, counts at once."""
    room, asked = room_with()
    leg = Sealed(room, on=True)  # type: ignore[arg-type]
    leg.begin()
    back = agent()
    room.comes(back)
    room.comes(Somebody("boss", attributes={SEALED: ""}))
    before = list(asked.let_in)
    room.changes(back, **{SEALED: "yes"})
    room.changes(room.remote_participants["boss"], **{SEALED: ""})
    sealed_still = list(asked.let_in)
    room.changes(back, **{SEALED: ""})
    leg.end()

    assert before == sealed_still == [[], ["agent-1"]]
    assert asked.let_in[2:] == [EVERYBODY]


async def test_a_connection_that_is_made_anew_is_sealed_before_it_publishes() -> None:
    """Also while the agent is not back yet."""
    before = RoomConnection(Listener())
    before.sealed.on = True
    after = RoomConnection(Listener(), after=before)
    room, asked = room_with()
    anew = Sealed(room, on=after.sealed.on)  # type: ignore[arg-type]
    anew.begin()
    anew.end()

    assert asked.let_in == [[]]


@pytest.mark.parametrize(
    ("people", "agents_only", "to"),
    [
        ([], False, []),
        ([agent()], False, ["agent-1"]),
        ([agent(), Somebody("boss")], False, ["agent-1"]),
        ([agent(), Somebody("callee", kind=PHONE)], False, ["agent-1", "callee"]),
        ([Somebody("agent-1", kind=AGENT), Somebody("boss")], False, []),
        ([Somebody("boss")], True, []),
        ([Somebody("callee", kind=PHONE), Somebody("boss")], True, ["callee"]),
        ([Somebody("boss")], False, ["boss"]),
    ],
    ids=["nobody", "agent", "a colleague beside it", "a second phone", "one that has just joined",
         "the agent died", "two phones alone", "a room without agents"],
)  # fmt: skip
def test_keys_go_to_agents_and_phones_by_name(
    people: list[Somebody], agents_only: bool, to: list[str]
) -> None:
    """Never to everybody: that would reach those who listen in unseen."""
    assert hear_keys(PaperRoom("call-1", *people), agents_only=agents_only) == to  # type: ignore[arg-type]


async def test_a_key_for_nobody_is_not_sent() -> None:
    """To LiveKit a list without names means everybody."""
    with pytest.raises(ValueError, match="everybody"):
        await publish_key(None, 1, "1", to=[])  # type: ignore[arg-type]
