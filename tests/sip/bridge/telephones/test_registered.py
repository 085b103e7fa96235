"""Both register at our registrar and are rung by their name, on the real stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sip.bridge.person import person, until
from tests.sip.bridge.registrar.test_telephones_on_the_stack import (
    ROOM,
    own_world,
    places,
    ring,
    world,
)
from tests.sip.bridge.telephones.debian_baresip import baresip
from tests.sip.bridge.telephones.linphone import linphone
from tests.sip.bridge.telephones.program import TONE_HZ
from tests.sip.bridge.world import World

pytestmark = [pytest.mark.stack, pytest.mark.telephones]

__all__ = ["own_world", "world"]
CLEAR = 0.9


async def test_linphone_registers_and_is_rung(world: World, tmp_path: Path) -> None:
    host, port = world.sip
    async with linphone(tmp_path) as phone, person(world.livekit, ROOM) as agent:
        await phone.tell(f"register sip:ann@{host}:{port} sip:{host}:{port} secret\n")
        await until(lambda: places(world))
        await ring(world)
        await phone.says("contacting you|[Ii]ncoming call")
        await phone.tell("answer\n")
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        await phone.tell("terminate\n")
        await until(lambda: agent.left)


async def test_baresip_registers_and_is_rung(world: World, tmp_path: Path) -> None:
    """It knows MD5 alone, gives up when it is asked by SHA-256 first, and has another try. Its
    goodbye is heard as well: it is nowhere from then on."""
    host, port = world.sip
    account = f"<sip:ann@{host}:{port};transport=udp>;auth_pass=secret;regint=120"
    async with baresip(tmp_path, account) as phone:
        await phone.says("[Nn]ot supported|not implemented")
    async with baresip(tmp_path, account) as phone, person(world.livekit, ROOM) as agent:
        await until(lambda: places(world))
        await ring(world)
        await phone.says("[Ii]ncoming call")
        await phone.tell("/accept\n")
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        await phone.tell("/hangup\n")
        await until(lambda: agent.left)
    await until(lambda: not places(world))
