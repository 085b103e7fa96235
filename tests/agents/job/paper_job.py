"""A job in a room on paper, with a real Redis, and people who come and go there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from agents.call.snapshot import Snapshots
from agents.job.lifecycle import CallLifecycle
from dialplans.contracts.jobs import AGENT, ROLE
from tests.agents.calling import Call
from tests.fakes.room import SIP, PaperRoom, Somebody


def caller() -> Somebody:
    return Somebody("sip_1", kind=SIP)


def ann() -> Somebody:
    return Somebody("agent-ann", "Ann", attributes={ROLE: AGENT})


@contextlib.asynccontextmanager
async def job_of(
    call: Call, redis_url: str, who: Somebody
) -> AsyncIterator[tuple[CallLifecycle, PaperRoom]]:
    room = PaperRoom(call.state.id, who)
    async with Redis.from_url(redis_url) as redis:
        snapshots = Snapshots(redis, room.name, every=0.01)
        made = CallLifecycle(room, call.session, snapshots, who.identity)  # type: ignore[arg-type]
        made.attach("secret", asyncio.Event())
        yield made, room
        await made.close()
        await snapshots.forget()
