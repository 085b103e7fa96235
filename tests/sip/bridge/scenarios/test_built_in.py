"""The scenarios that SIPp brings itself, as it brings them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit import api

from tests.sip.bridge.person import until
from tests.sip.bridge.scenarios.sipp import run
from tests.sip.bridge.scenarios.staff import staffed
from tests.sip.bridge.scenarios.test_callees import dial
from tests.sip.bridge.world import RANDOM_ROOM, World, room_of
from tests.stack.free_ports import bound_udp, free_ports

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("way", ["u1", "t1"])
@pytest.mark.parametrize("name", ["uac", "regexp"])
async def test_its_callers_are_answered(world: World, tmp_path: Path, name: str, way: str) -> None:
    """`regexp` reads our answer: its Contact, and a name in `o=`."""
    async with staffed(world, room_of(RANDOM_ROOM)):
        found = await run(("-sn", name, "-t", way), tmp_path, to=world.sip)

    assert found.right, found.told


async def test_its_telephone_is_called_and_hung_up(world: World, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    playing = asyncio.create_task(run(("-sn", "uas"), tmp_path, port=port))
    await until(lambda: bound_udp(port, port + 1))
    told = await dial(world, port, "rings-built-in")
    async with world.api() as client:
        whom = api.RoomParticipantIdentity(room="rings-built-in", identity="callee")
        await client.room.remove_participant(whom)
    found = await playing

    assert told == 0
    assert found.right, found.told
