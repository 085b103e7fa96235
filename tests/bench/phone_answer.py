"""From the INVITE to the first word: how long it rings, and how long the line is silent then.

One call after the other; before each, the next job process is warm again. The second figure is the
silence between the 200 OK and the first loud ten milliseconds of the greeting.

Where the ringing goes is asked of livekit-server, which dates the room and who was let into it to
the millisecond. Until the room is there the leg asks the plan, and the server for trunk and rule,
and its worker begins to join; until the agent is in it, the server asks the worker for a warm job,
which begins to join; after that the agent joins, asks the plan and publishes its voice.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import dataclass

from livekit import api

from sip.phone.call import CLOCKS_S, HungUpError, PhoneCall, RefusedError
from tests.bench._figures import Bound, count, head, show, spread
from tests.bench._sides import Side, ours_alone, warmed
from tests.bench._talk import PATIENCE_S
from tests.stack.caller import Telephone, telephone
from tests.stack.running import Stack

CALLS = count("CALLS", 30)
SETUP = Bound(must=800, aim=400)
GREETING = Bound(must=250, aim=150)

STAGES = ("until the room is made", "until the phone is let in", "until the agent is let in")
LAST_STAGE = "until the agent's voice and the 200"


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one call. `stages` add up to the ringing; empty where nobody could say."""

    ringing: float
    silence: float
    stages: tuple[float, ...]


async def one(side: Side, phones: Telephone) -> Taken | None:
    """None for a call that was not answered or greeted."""
    call = await side.dial(phones)
    try:
        await call.answered()
        assert call.answered_at is not None
        greeting = await call.hears_speech(after=call.answered_at - CLOCKS_S, timeout_s=PATIENCE_S)
        stages = await stages_of(call, side.stack)
    except (RefusedError, HungUpError, TimeoutError) as error:
        print(f"  a call failed: {error!r}")
        return None
    finally:
        await call.hang_up()
    return Taken(
        (call.answered_at - call.dialled_at) * 1000,
        (greeting.onset - call.answered_at) * 1000,
        stages,
    )


async def stages_of(call: PhoneCall, stack: Stack) -> tuple[float, ...]:
    """How long each stage of the ringing took, by the clock of livekit-server."""
    assert call.answered_at is not None
    begun, ended = call.dialled_at * 1000, call.answered_at * 1000
    async with stack.api() as client:
        rooms = (await client.room.list_rooms(api.ListRoomsRequest())).rooms
        ours = [room for room in rooms if begun - 50 < room.creation_time_ms < ended]
        if len(ours) != 1:
            return ()
        asked = api.ListParticipantsRequest(room=ours[0].name)
        people = (await client.room.list_participants(asked)).participants
    let_in = {person.kind: float(person.joined_at_ms) for person in people}
    phone, agent = (let_in.get(api.ParticipantInfo.Kind.Value(kind)) for kind in ("SIP", "AGENT"))
    if phone is None or agent is None:
        return ()
    moments = (begun, float(ours[0].creation_time_ms), phone, agent, ended)
    return tuple(later - earlier for earlier, later in itertools.pairwise(moments))


def show_stages(found: list[Taken]) -> None:
    known = [taken.stages for taken in found if taken.stages]
    for index, name in enumerate((*STAGES, LAST_STAGE)):
        print(f"  {name:<34} {spread([stages[index] for stages in known])}")


async def measure(side: Side) -> bool:
    found: list[Taken] = []
    async with telephone(side.stack) as phones:
        await warmed(phones, side)
        for _ in range(CALLS):
            taken = await one(side, phones)
            if taken is not None:
                found.append(taken)
            await side.calm()
    rang = show("INVITE → 200 OK, warm", [taken.ringing for taken in found], SETUP, wanted=CALLS)
    show_stages(found)
    silent = show("200 OK → greeting", [taken.silence for taken in found], GREETING, wanted=CALLS)
    return rang and silent


def main() -> int:
    head(
        "How soon a call is answered",
        "INVITE is sent → 200 OK is received, both in the phone's SIP stack",
        "200 OK is received → beginning of the first loud 10 ms in what arrives as RTP",
    )
    with ours_alone() as side:
        return 0 if asyncio.run(measure(side)) else 1


if __name__ == "__main__":
    sys.exit(main())
