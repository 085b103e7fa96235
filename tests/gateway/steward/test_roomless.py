"""Who finds a call without a room ends its record; never one that only seems to be without."""

from __future__ import annotations

from dialplans.contracts.events import Ended
from dialplans.contracts.jobs import Claim
from gateway.steward.roomless import LiveRecords, Roomless, RoomlessCalls

GRACE_S = 30.0


def test_a_call_is_missed_for_a_while_before_it_is_over() -> None:
    look = Roomless(GRACE_S)

    assert look.over(["call-a"], [], 0.0) == {}
    assert look.over(["call-a"], [], 29.9) == {}
    assert look.over(["call-a"], [], 30.5) == {"call-a": 30.5}


def test_a_room_that_is_being_made_or_made_anew_is_no_missing_one() -> None:
    """A leg that joins again within its time finds its call as it was."""
    look = Roomless(GRACE_S)
    look.over(["call-a"], [], 0.0)
    look.over(["call-a"], ["call-a"], 29.0)

    assert look.over(["call-a"], [], 31.0) == {}
    assert look.over(["call-a"], [], 60.9) == {}
    assert look.over(["call-a"], [], 61.0) == {"call-a": 30.0}


def test_while_nothing_can_be_seen_nothing_is_missed() -> None:
    """LiveKit or Redis is away, or another gateway leads."""
    look = Roomless(GRACE_S)
    look.over(["call-a"], [], 0.0)
    look.unknown()

    assert look.over(["call-a"], [], 1000.0) == {}
    assert look.over(["call-a"], [], 1029.0) == {}
    assert look.over(["call-a"], [], 1030.0) == {"call-a": 30.0}


def test_what_was_not_heard_is_said_again_and_an_ended_call_is_forgotten() -> None:
    look = Roomless(GRACE_S)
    look.over(["call-a", "call-b"], [], 0.0)
    first = look.over(["call-a", "call-b"], [], 30.0)
    soon = look.over(["call-a"], [], 30.5)
    later = look.over(["call-a"], [], 60.0)

    assert first == {"call-a": 30.0, "call-b": 30.0}
    assert soon == {}
    assert later == {"call-a": 30.0}
    assert look.over([], [], 61.0) == {}
    assert look.over(["call-a"], [], 62.0) == {}


async def test_the_end_is_written_once_whoever_finds_it_and_no_others() -> None:
    """A call in a job's hands, and what is no telephone's call, is left alone."""
    told: list[Ended] = []
    live = ["call-gone", "call-held", "call-there", "console-1"]

    async def holder(call: str) -> Claim | None:
        return Claim(call=call, epoch=1) if call == "call-held" else None

    async def tell(event: Ended) -> None:
        told.append(event)

    calls = RoomlessCalls(LiveRecords(lambda: live, 0.0), holder, tell)
    other = RoomlessCalls(LiveRecords(lambda: live, 0.0), holder, tell)
    ended = await calls.end(["call-there"]) + await other.end(["call-there"])

    assert ended == 2
    assert {(event.call, event.cause, event.source) for event in told} == {
        ("call-gone", "room_closed", "steward")
    }
    assert len({event.id for event in told}) == 1
