"""For telephones behind a leg that writes nothing the job writes what ours would."""

from __future__ import annotations

import pytest
from livekit import rtc

from agents.job.caller import Caller
from agents.job.far_legs import FarLegs
from dialplans.contracts.events import Answered, Ended, Event, Started
from dialplans.contracts.jobs import AGENT, LEG, ROLE
from dialplans.engine.sip_participant import call_of
from tests.agents.calling import BILLING, plan
from tests.fakes.room import SIP, PaperRoom, Somebody

NUMBERS = {"sip.trunkPhoneNumber": BILLING, "sip.phoneNumber": "+447700900123"}


class Reports:
    """A call on paper, and what the job has written of it."""

    def __init__(self, *, ours: bool = False, status: str = "ringing") -> None:
        leg = {LEG: "bridge"} if ours else {}
        self.caller = Somebody(
            "sip_1", kind=SIP, attributes={**NUMBERS, **leg, "sip.callStatus": status}
        )
        self.room = PaperRoom("call-x", self.caller)
        self.told: list[Event] = []
        self.attach()

    def attach(self) -> None:
        """Also a second job's, after the first."""
        caller = Caller("sip_1", True, self.caller.attributes)
        reports = FarLegs(self.room, caller, self.told.append)  # type: ignore[arg-type]
        reports.attach(call_of(plan().plan, "call-x", self.caller.attributes))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.told]


def dialled(*, ours: bool = False) -> Somebody:
    facts = {ROLE: AGENT, "sip.phoneNumber": "+4930", "sip.trunkPhoneNumber": BILLING}
    leg = {LEG: "bridge"} if ours else {}
    return Somebody("person-1", "carrier", SIP, {**facts, **leg, "sip.callStatus": "ringing"})


def test_who_calls_whom_and_that_it_was_answered() -> None:
    call = Reports()
    before = call.kinds()
    call.room.changes(call.caller, sip__callStatus="active")
    call.room.changes(call.caller, tenant="x")
    begun = call.told[0]
    assert isinstance(begun, Started)

    assert before == ["started"]
    assert call.kinds() == ["started", "answered"]
    assert (begun.called, begun.caller, begun.trunk) == (BILLING, "+447700900123", "local")
    assert begun.leg is None


def test_a_second_job_says_the_same_and_not_something_new() -> None:
    """Each event is known by its id."""
    call = Reports(status="active")
    call.attach()
    by_kind = {kind: {e.id for e in call.told if e.kind == kind} for kind in call.kinds()}

    assert len(call.told) == 4
    assert {kind: len(ids) for kind, ids in by_kind.items()} == {"started": 1, "answered": 1}


@pytest.mark.parametrize("ours", [True, False])
def test_of_a_telephone_that_we_dial_only_a_far_leg_needs_a_report(ours: bool) -> None:
    call = Reports(ours=ours)
    begun = len(call.told)
    person = dialled(ours=ours)
    call.room.comes(person)
    call.room.changes(person, sip__callStatus="active")
    call.room.goes(person)
    legs = call.told[begun:]

    assert [e.kind for e in legs] == ([] if ours else ["started", "answered", "ended"])
    assert {getattr(e, "leg", None) for e in legs} <= {"person-1"}


def test_one_who_does_not_answer_has_not_been_reached() -> None:
    call = Reports()
    person = dialled()
    call.room.comes(person)
    call.room.goes(person, rtc.DisconnectReason.USER_UNAVAILABLE)
    ended = call.told[-1]
    assert isinstance(ended, Ended)

    assert (ended.cause, ended.by, ended.leg) == ("no_answer", "callee", "person-1")
    assert not any(isinstance(event, Answered) for event in call.told)


def test_nothing_is_said_for_callers_of_our_leg_and_from_the_web() -> None:
    call = Reports(ours=True, status="active")
    web: list[Event] = []
    visitor = Caller("web-1", False, {})
    reports = FarLegs(call.room, visitor, web.append)  # type: ignore[arg-type]
    reports.attach(call_of(None, "call-x", {}))
    call.room.changes(call.caller, sip__callStatus="active")

    assert call.told == web == []
