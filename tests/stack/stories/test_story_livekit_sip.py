"""Behind LiveKit's own leg the entrance and the record are what they are behind ours."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from redis.asyncio import Redis

from dialplans.contracts.events import STREAM, Event, Journal, decode
from gateway.cli.status import collect
from gateway.records.call import Call
from gateway.records.fold import fold
from gateway.records.row import row
from tests.fakes.livekit_sip import LivekitSip, Telephone, livekit_sip, program
from tests.stack.free_ports import free_ports
from tests.stack.plans import PLAIN, story_plan
from tests.stack.running import Stack, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

RECEPTION, ONE_AT_A_TIME = "+442079460100", "+442079460300"
OUTSIDE = "+493023125900"
WITHIN_S = 45.0
REJOIN_S = 1


@pytest.fixture(scope="module")
def far_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("plan")
    plan = story_plan(folder, free_ports(1)[0])
    text = plan.read_text().replace("per_caller: 30/min", "per_caller: 3/min")
    more = f'numbers:\n  "{ONE_AT_A_TIME}": {{trunk: local, route: reception, concurrent: 1}}'
    plan.write_text(text.replace("\nnumbers:", f"\n{more}", 1))
    settings = {
        "SWITCHBOARD_DIALPLAN": str(plan),
        "SWITCHBOARD_SIP_LEG": "livekit-sip",
        "SWITCHBOARD_LIVEKIT_SIP": str(program(folder)),
        "SWITCHBOARD_SIP_REJOIN_FOR": str(REJOIN_S),
        "SWITCHBOARD_WORKER_PORTS": str(free_ports(1)[0]),
    }
    with running_stack(settings) as found:
        yield found


@pytest.fixture
async def leg(far_stack: Stack) -> AsyncIterator[LivekitSip]:
    async with livekit_sip(far_stack.livekit) as made:
        yield made
    await far_stack.nothing_left()


async def record(stack: Stack, telephone: Telephone | str, good: Callable[[Call], bool]) -> Call:
    """The call's record, once it is as it is to be."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        events = await events_of(stack, telephone)
        found = row(fold(events), 0) if events else None
        if found is not None and good(found):
            return found
        kinds = [(event.source, event.kind) for event in events]
        assert time.monotonic() < deadline, f"{found}\n{kinds}\n{stack.log('gateway', 30)}"
        await asyncio.sleep(0.2)


async def events_of(stack: Stack, telephone: Telephone | str) -> list[Event]:
    """Of the call of a telephone, or of the one that came from a number."""
    async with Redis.from_url(stack.redis_url) as redis:
        rows = await redis.xrange(STREAM)
    every = [decode(fields[Journal.FIELD.encode()]) for _, fields in rows]
    call = telephone.call if isinstance(telephone, Telephone) else ""
    if not call:
        named = (event for event in every if getattr(event, "caller", None) == telephone)
        call = next((event.call for event in named), "-")
    return [event for event in every if event.call == call]


def over(found: Call) -> bool:
    return not found.live


def test_the_leg_in_use_is_named_with_what_the_plan_asks_of_it_in_vain(far_stack: Stack) -> None:
    config = json.loads((far_stack.layout.run / "sip.yaml").read_text("utf-8"))
    status = collect(far_stack.layout)

    assert status.leg == "livekit-sip"
    assert any("refuses with 486 only" in said for said in status.beyond_leg)
    assert any("persona billing" in said for said in status.beyond_leg)
    assert config["symmetric_rtp"] is True


async def test_a_call_is_on_record_from_its_beginning_to_its_end(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """Caller, called, trunk, answer, talk and end, as behind our own leg."""
    telephone = await leg.ring(RECEPTION, "+447700900101")
    answer = await telephone.answered()
    talking = await record(far_stack, telephone, lambda call: call.answered_at is not None)
    await asyncio.sleep(1)
    await telephone.hang_up()
    found = await record(far_stack, telephone, over)
    begun = [e for e in await events_of(far_stack, telephone) if e.kind in ("started", "answered")]

    assert answer == 200
    assert (talking.called, talking.caller, talking.trunk) == (RECEPTION, "+447700900101", "local")
    assert talking.live
    assert (found.state, found.cause, found.by) == ("ended", "caller_hung_up", "caller")
    assert (found.talk_s or 0) >= 1.0
    assert {e.id for e in begun if e.kind == "answered"} == {begun[-1].id}
    assert next(e.sip_call_id for e in begun if e.kind == "started" and e.source == "agent")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("called", "caller", "code", "reason"),
    [
        (RECEPTION, "+449091111102", 603, "blocked"),
        (RECEPTION, "00449091111103", 603, "blocked"),
        ("+442079460999", "+447700900104", 404, "no_such_number"),
        ("sales", "+447700900105", 404, "no_such_number"),
        ("02079460100", "+447700900106", 403, "address_not_allowed"),
    ],
)
async def test_whom_the_plan_refuses_hears_no_answer(
    far_stack: Stack, leg: LivekitSip, called: str, caller: str, code: int, reason: str
) -> None:
    """The telephone hears 486 and never 200; the record has the plan's code and reason."""
    telephone = await leg.ring(called, caller)
    answer = await telephone.answered()
    found = await record(far_stack, telephone, lambda call: call.state == "refused")

    assert answer == 486
    assert telephone.codes == [180, 486]
    assert (found.code, found.reason) == (code, reason)
    assert found.caller == "+" + caller.lstrip("+0")
    assert found.answered_at is None


async def test_an_address_that_is_only_written_lets_nobody_in(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """livekit-server believes a From whose host is one of the trunk's ranges; the plan does not."""
    telephone = await leg.ring(
        RECEPTION, "+447700900140", source="203.0.113.9", host="127.0.0.1/32"
    )
    answer = await telephone.answered()
    found = await record(far_stack, telephone, lambda call: call.state == "refused")

    assert answer == 486
    assert (found.code, found.reason) == (403, "address_not_allowed")


async def test_a_withheld_number_is_nobodys_from_the_worker_on(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """The trunk hands Privacy on, and the record does not name who wrote it."""
    telephone = await leg.ring(RECEPTION, "+447700900141", privacy="id")
    assert await telephone.answered() == 200
    await telephone.hang_up()
    await record(far_stack, telephone, over)
    routed = [e for e in await events_of(far_stack, telephone) if e.kind == "started"]

    assert {getattr(e, "caller", "") for e in routed if e.source == "agent"} == {"anonymous"}


async def test_limits_hold_over_all_workers(far_stack: Stack, leg: LivekitSip) -> None:
    """A number with one line, and a caller who calls too often."""
    first = await leg.ring(ONE_AT_A_TIME, "+447700900107")
    assert await first.answered() == 200
    second = await leg.ring(ONE_AT_A_TIME, "+447700900108")
    assert await second.answered() == 486
    busy = await record(far_stack, second, lambda call: call.state == "refused")
    await first.hang_up()
    await record(far_stack, first, over)
    answers = []
    for _ in range(4):
        telephone = await leg.ring(RECEPTION, "+447700900109")
        answers.append(await telephone.answered())
        await telephone.hang_up()
        last = await record(far_stack, telephone, over)

    assert (busy.code, busy.reason) == (486, "limit_number")
    assert answers == [200, 200, 200, 486]
    assert (last.code, last.reason) == (486, "limit_caller")


async def test_a_caller_who_hangs_up_while_it_rings_is_no_ghost(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """Refused with 487, as behind our own leg. Who is quicker than the worker has to be tried."""
    for attempt in range(20):
        telephone = await leg.ring(RECEPTION, f"+4477009001{attempt:02}")
        await telephone.in_room.wait()
        await telephone.cancel()
        found = await record(far_stack, telephone, over)
        if telephone.final == 487:
            break

    assert (found.state, found.code, found.reason) == ("refused", 487, "cancelled")
    assert (found.called, found.caller) == (RECEPTION, f"+4477009001{attempt:02}")


async def test_a_telephone_that_is_dialled_is_in_the_history_of_the_call(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """With its beginning, its answer and its end; the call's own record is that of the caller."""
    leg.answering.add(OUTSIDE)
    telephone = await leg.ring(PLAIN, "+447700900130")
    assert await telephone.answered() == 200
    async with asyncio.timeout(WITHIN_S):
        while not [e for e in await legs_of(far_stack, telephone) if e.kind == "answered"]:
            await asyncio.sleep(0.2)
    await leg.dialled[-1].hang_up()
    async with asyncio.timeout(WITHIN_S):
        while len(legs := await legs_of(far_stack, telephone)) < 3:
            await asyncio.sleep(0.2)
    await telephone.hang_up()
    found = await record(far_stack, telephone, over)

    assert [event.kind for event in legs] == ["started", "answered", "ended"]
    assert getattr(legs[0], "called", "") == OUTSIDE
    assert found.caller == "+447700900130"
    assert found.state == "ended"


async def legs_of(stack: Stack, telephone: Telephone) -> list[Event]:
    return [e for e in await events_of(stack, telephone) if getattr(e, "leg", None)]


async def test_where_no_trunk_fits_it_rings_without_end_and_without_a_room(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """So it is with this leg, and so it is written in the table of both."""
    telephone = await leg.ring(RECEPTION, "+447700900120", source="203.0.113.9")

    assert await telephone.answered(2.0) is None
    assert telephone.codes == [180]
    assert await far_stack.rooms() == []


async def test_a_server_that_dies_in_mid_call_leaves_no_call_on_record(
    far_stack: Stack, leg: LivekitSip
) -> None:
    """This leg gives the telephone up, and nobody tells of it."""
    telephone = await leg.ring(RECEPTION, "+447700900121")
    assert await telephone.answered() == 200
    await record(far_stack, telephone, lambda call: call.answered_at is not None)
    before = far_stack.kill("livekit", signal.SIGKILL)
    await telephone.room.disconnect()
    await asyncio.to_thread(far_stack.wait_ready, "livekit", 120, other_than=before)
    found = await record(far_stack, telephone, over)

    assert found.state == "ended"
    assert found.called == RECEPTION
