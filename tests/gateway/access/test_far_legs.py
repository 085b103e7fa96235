"""What webhooks tell of telephones whose leg writes no record."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import api
from livekit.protocol.models import DisconnectReason as Why

from dialplans.contracts.events import Event, Refused, Started
from dialplans.contracts.jobs import AGENT, LEG, ROLE
from dialplans.language.load import load_text
from gateway.access.far_legs import FarLegs

PLAN = """
version: 1
timezone: Europe/London
trunks: {one: {allow: ["192.0.2.0/24"]}}
numbers: {"+442079460100": {trunk: one, language: en, route: all}}
routes: {all: [{do: {reject: 486}}]}
"""
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
CALL = "call-_442079460100_x"
KIND = api.ParticipantInfo.Kind


class Hooks:
    """A gateway on paper: `told` is its journal, `answered` what its record says of the call."""

    def __init__(self, *, answered: bool = False, taken: bool = False) -> None:
        self.told: list[Event] = []
        self._row = SimpleNamespace(
            answered_at=AT if answered else None, decision="persona" if taken else None
        )
        journal, records, plan = self, self, self
        self.legs = FarLegs(journal, records, plan)  # type: ignore[arg-type]

    async def append(self, event: Event) -> None:
        self.told.append(event)

    async def call(self, _: str) -> Any:
        return self._row

    async def loaded(self) -> Any:
        return load_text(PLAN)

    async def leaves(self, why: int, status: str = "ringing", **more: str) -> Event | None:
        who = somebody(**{"sip.callStatus": status, **more})
        who.disconnect_reason = why  # type: ignore[assignment]
        await self.legs.left(CALL, who, AT)
        return self.told[-1] if self.told else None


def somebody(kind: Any = KIND.SIP, **attributes: str) -> api.ParticipantInfo:
    facts = {"sip.trunkPhoneNumber": "02079460100", "sip.phoneNumber": "00447700900123"}
    return api.ParticipantInfo(identity="sip_1", kind=kind, attributes={**facts, **attributes})


async def test_a_telephone_in_a_room_is_a_call_on_record() -> None:
    """Its numbers as the plan writes them."""
    hooks = Hooks()
    await hooks.legs.joined(CALL, somebody(**{"sip.callStatus": "ringing"}), AT)
    (begun,) = hooks.told
    assert isinstance(begun, Started)

    assert (begun.call, begun.at, begun.source) == (CALL, AT, "gateway")
    assert (begun.called, begun.caller, begun.trunk) == ("+442079460100", "+447700900123", "one")


async def test_a_number_that_may_be_withheld_is_not_written_down() -> None:
    """Whether it is, the leg tells a moment after it has joined."""
    early, late = Hooks(), Hooks()
    private = {"sip.callStatus": "hangup", "sip.h.privacy": "id"}
    await early.legs.joined(CALL, somebody(), AT)
    await early.leaves(Why.CLIENT_INITIATED, "hangup", **{"sip.h.privacy": "id"})
    await late.legs.joined(CALL, somebody(**private), AT)

    assert [getattr(event, "caller", None) for event in early.told] == ["", "anonymous"]
    assert [getattr(event, "caller", None) for event in late.told] == ["anonymous"]
    assert not any("7700900123" in repr(event) for event in (*early.told, *late.told))


@pytest.mark.parametrize(
    "who",
    [
        somebody(**{LEG: "bridge"}),
        somebody(**{ROLE: AGENT}),
        somebody(KIND.AGENT),
        somebody(KIND.EGRESS),
    ],
    ids=["of our leg", "dialled by a job", "an agent", "egress"],
)
async def test_whoever_else_is_in_the_room_is_no_call(who: api.ParticipantInfo) -> None:
    hooks = Hooks()
    await hooks.legs.joined(CALL, who, AT)
    who.disconnect_reason = Why.CLIENT_INITIATED
    await hooks.legs.left(CALL, who, AT)

    assert hooks.told == []


@pytest.mark.parametrize(
    ("status", "taken", "code", "reason"),
    [
        ("hangup", False, 487, "cancelled"),
        ("hangup", True, 487, "cancelled"),
        ("ringing", True, 486, "no_answer"),
        ("ringing", False, 486, "no_worker"),
    ],
)
async def test_a_call_that_was_never_answered_was_refused(
    status: str, taken: bool, code: int, reason: str
) -> None:
    """As our own leg records it, whether the caller or the leg had enough of the ringing, and
    whether a job was there at all."""
    event = await Hooks(taken=taken).leaves(Why.CLIENT_INITIATED, status)
    assert isinstance(event, Refused)

    assert (event.code, event.reason, event.called) == (code, reason, "+442079460100")


@pytest.mark.parametrize(
    ("why", "cause"),
    [
        (Why.CLIENT_INITIATED, "caller_hung_up"),
        (Why.USER_UNAVAILABLE, "caller_hung_up"),
        (Why.PARTICIPANT_REMOVED, "room_closed"),
        (Why.ROOM_DELETED, "room_closed"),
        (Why.SIGNAL_CLOSE, None),
        (Why.SERVER_SHUTDOWN, None),
        (Why.DUPLICATE_IDENTITY, None),
        (Why.UNKNOWN_REASON, None),
    ],
)
async def test_an_answered_call_ends_with_its_telephone(why: int, cause: str | None) -> None:
    """Not with a connection that broke: the leg may be back."""
    event = await Hooks(answered=True).leaves(why, "active")

    assert (getattr(event, "cause", None)) == cause


async def test_the_same_thing_is_on_record_once() -> None:
    """LiveKit repeats a webhook, and the job says the beginning too."""
    hooks = Hooks(answered=True)
    for _ in range(2):
        await hooks.legs.joined(CALL, somebody(), AT)
        await hooks.leaves(Why.CLIENT_INITIATED, "hangup")

    assert len(hooks.told) == 4
    assert len({event.id for event in hooks.told}) == 2


async def test_a_telephone_that_we_removed_while_it_rang_is_refused_by_whoever_removed_it() -> None:
    """The code and the reason are theirs to say."""
    event = await Hooks().leaves(Why.PARTICIPANT_REMOVED)

    assert not isinstance(event, Refused)
