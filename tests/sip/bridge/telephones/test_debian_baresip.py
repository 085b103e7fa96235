"""Debian's baresip calls, by whatever way it knows, is heard and hears, on the real stack."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.sip.bridge.authority import Authority
from tests.sip.bridge.calls.encrypted.tls_world import by_tls
from tests.sip.bridge.person import person, until
from tests.sip.bridge.telephones.debian_baresip import baresip
from tests.sip.bridge.telephones.program import TONE_HZ
from tests.sip.bridge.world import World, number, room_of

pytestmark = [pytest.mark.stack, pytest.mark.telephones]

AGENT_HZ = 440
CLEAR = 0.9


@pytest.mark.parametrize(
    ("transport", "codec", "more"),
    [("udp", "PCMU", ""), ("tcp", "G722", ""), ("tls", "PCMA", ";mediaenc=srtp-mand")],
)
async def test_baresip_calls_and_both_sides_are_heard(
    world: World, authority: Authority, tmp_path: Path, transport: str, codec: str, more: str
) -> None:
    """It presses keys, holds and takes the call up again, and hangs up."""
    host, port = by_tls(world) if transport == "tls" else world.sip
    called = number(31)
    account = f"<sip:+4917012345@{host};transport={transport}>;regint=0{more}"
    trusted = authority.file if transport == "tls" else ""
    async with (
        person(world.livekit, room_of(called)) as agent,
        baresip(tmp_path, account, codec=codec, authority=trusted) as phone,
    ):
        agent.hz = AGENT_HZ
        await phone.tell(f"/dial sip:{called}@{host}:{port};transport={transport}\n")
        await phone.says("Call established")
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        for key in "5#":
            await phone.tell(key)
            await asyncio.sleep(0.5)
        await until(lambda: agent.keys == ["5", "#"])
        await phone.tell("/hold\n")
        await asyncio.sleep(1)
        agent.heard.clear()
        await asyncio.sleep(2)
        on_hold = agent.heard_tone(TONE_HZ)
        await phone.tell("/resume\n")
        agent.heard.clear()
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        await phone.tell("/hangup\n")
        await until(lambda: agent.left)
    heard = await phone.heard(AGENT_HZ)

    assert on_hold < CLEAR
    assert heard > CLEAR
