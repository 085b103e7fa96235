"""What the steward decides about a call, look by look: on paper."""

from __future__ import annotations

from dialplans.contracts.jobs import Claim
from gateway.steward.livekit import Seen
from gateway.steward.rules import Act, Watched, judge

CALL = "call-442079460100-test"
HOLDER = Claim(call=CALL, epoch=0, identity="agent-1")


def look(*, callers: int = 1, agents: tuple[str, ...] = (), sid: str = "RM_1") -> Seen:
    return Seen(sid, tuple(f"sip_{n}" for n in range(callers)), agents, ())


def after(*looks: tuple[float, Seen, Claim | None]) -> Act:
    """What the last of these looks calls for."""
    room, act = Watched(0.0), Act.NOTHING
    for at, seen, holder in looks:
        act = judge(room, seen, holder, at)
    return act


def test_a_caller_may_ring_for_two_seconds() -> None:
    """The first dispatch is the server's own, and usually a job is on its way."""
    assert after((1.0, look(), None), (2.5, look(), None)) is Act.NOTHING
    assert after((1.0, look(), None), (3.1, look(), None)) is Act.DISPATCH


def test_a_call_that_had_a_job_is_not_left_alone_for_as_long() -> None:
    assert after((1, look(), HOLDER), (2, look(), None), (2.4, look(), None)) is Act.DISPATCH


def test_an_agent_that_the_server_lists_is_no_job() -> None:
    """A killed one stays listed for many seconds; only the lease counts."""
    listed = look(agents=("agent-1",))

    assert after((1, listed, HOLDER), (2, listed, None), (2.4, listed, None)) is Act.DISPATCH


def test_a_caller_who_is_gone_takes_the_room_along() -> None:
    gone = look(callers=0, agents=("agent-1",))

    assert after((1, look(), HOLDER), (2, gone, HOLDER), (3, gone, HOLDER)) is Act.NOTHING
    assert after((1, look(), HOLDER), (2, gone, HOLDER), (3.6, gone, HOLDER)) is Act.DELETE


def test_a_leg_that_joins_again_keeps_its_room() -> None:
    gone = look(callers=0)

    assert after(
        (1, look(), HOLDER), (2, gone, HOLDER), (3, look(), HOLDER), (9, look(), HOLDER)
    ) is (Act.NOTHING)


def test_a_room_that_was_made_anew_waits_for_its_caller() -> None:
    """After a restart of livekit-server the agent may be back before the leg is."""
    anew = look(callers=0, agents=("agent-1",), sid="RM_2")

    assert after((1, look(), HOLDER), (2, anew, HOLDER), (9, anew, HOLDER)) is Act.NOTHING


def test_an_agent_without_the_lease_is_a_ghost() -> None:
    two = look(agents=("agent-0", "agent-1"))

    assert after((1, two, HOLDER), (2.1, two, HOLDER)) is Act.REMOVE_GHOSTS
