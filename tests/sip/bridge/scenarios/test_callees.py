"""What telephones of SIPp do that are called: the scenarios of `callees/`."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from livekit import api

from dialplans.contracts.events import Ended
from tests.sip.bridge.scenarios.sipp import HOST, Played, Scenario, play, scenarios
from tests.sip.bridge.world import World
from tests.stack.free_ports import bound_udp, free_ports

pytestmark = pytest.mark.stack

EACH = scenarios("callees")
NAMES = [scenario.name for scenario in EACH]
Found = dict[str, tuple[Played, int, str]]


async def dial(world: World, port: int, room: str) -> int:
    """The status that whoever asked for the call is told; 0 once it is answered."""
    trunk = api.SIPOutboundConfig(
        hostname=f"{HOST}:{port}",
        auth_username="us",
        auth_password="ours",
        transport=api.SIPTransport.SIP_TRANSPORT_UDP,
    )
    request = api.CreateSIPParticipantRequest(
        trunk=trunk,
        sip_number="+498920001000",
        sip_call_to="+491701111",
        room_name=room,
        participant_identity="callee",
        wait_until_answered=True,
    )
    async with world.api() as client:
        try:
            await client.sip.create_sip_participant(request)
        except api.SipCallError as failed:
            return failed.sip_status_code or -1
        return 0


async def ring(world: World, scenario: Scenario, folder: Path) -> tuple[Played, int, str]:
    """With the status that whoever asked is told, and the cause in the record."""
    (port,) = free_ports(1)
    playing = asyncio.create_task(play(scenario, folder / scenario.name, port=port))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(bound_udp, port, port + 1):
                await asyncio.sleep(0.05)
    room = f"rings-{scenario.name}"
    told = await dial(world, port, room)
    found = await playing
    ended = await world.event("ended", room)
    assert isinstance(ended, Ended)
    return found, told, ended.cause


async def ring_all(world: World, folder: Path) -> Found:
    places = asyncio.Semaphore(5)

    async def one(scenario: Scenario) -> tuple[Played, int, str]:
        async with places:
            return await ring(world, scenario, folder)

    return dict(zip(NAMES, await asyncio.gather(*map(one, EACH)), strict=True))


@pytest.fixture(scope="module")
def rung(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """All of them, several at a time, beside each other on one leg."""
    return asyncio.run(ring_all(shared_world, tmp_path_factory.mktemp("callees")))


@pytest.mark.parametrize("scenario", EACH, ids=NAMES)
def test_a_telephone_that_is_called_is_met_as_it_should_be(rung: Found, scenario: Scenario) -> None:
    """And whoever asked for the call is told how it went. What was answered ends with their BYE."""
    found, told, cause = rung[scenario.name]

    assert found.right, found.told
    assert told == int(scenario.given.get("told", "0"))
    assert told or cause == "person_hung_up"
