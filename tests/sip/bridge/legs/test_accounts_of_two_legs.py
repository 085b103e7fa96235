"""An account is registered by one of two legs, and by the other when that is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.sip.bridge.callee import callee
from tests.sip.bridge.caller import Caller, phones
from tests.sip.bridge.legs.two_legs import ACCOUNT, BOX, Legs, contacts, dial, kill_all, name_of
from tests.sip.bridge.person import person, until
from tests.sip.bridge.workers.test_deaths import killed_and_back
from tests.stack.free_ports import free_ports

pytestmark = pytest.mark.stack


async def test_it_is_registered_once(legs: Legs) -> None:
    """The other leg looks every second whether somebody leads, and asks nothing of the server."""
    await asyncio.sleep(2.5)

    assert contacts(legs.box, legs.first) == ["600"]
    assert contacts(legs.box, legs.second) == []
    assert legs.first.health()["leads"] is True
    assert legs.second.health()["leads"] is False
    assert 'switchboard_sip_registered{trunk="box"} 1.0' in legs.first.metrics()
    assert "switchboard_sip_registered{" not in legs.second.metrics()


async def test_another_leg_takes_over_from_one_that_was_killed(legs: Legs) -> None:
    """And takes back what that has left with the server, which would send it calls."""
    kill_all(legs.first)
    since = time.monotonic()
    await until(lambda: "600" in contacts(legs.box, legs.second))
    print(f"registered by the other after {time.monotonic() - since:.2f} s")
    await until(lambda: bool(legs.second.health()["registrations"]))

    assert contacts(legs.box, legs.first) == ["600", "0"]
    assert contacts(legs.box, legs.second) == ["600"]
    async with phones((BOX, 0)) as server_line:
        to = (("To", f"<sip:{ACCOUNT}@fritz.box>"),)
        async with Caller(server_line, legs.second.sip, "620", headers=to) as caller:
            caller.ring()
            assert (await caller.provisional(180)).status_code == 180


async def test_a_leg_that_is_stopped_takes_its_registration_back(legs: Legs) -> None:
    """Before it waits for calls that are up; the other one need not wait for a lock to lapse."""
    legs.first.process.send_signal(signal.SIGTERM)
    await until(lambda: contacts(legs.box, legs.first) == ["600", "0"])
    await until(lambda: contacts(legs.box, legs.second) == ["600"])


async def test_signalling_that_is_started_again_goes_on_leading(legs: Legs) -> None:
    """It has the same address: it registers it anew, and nobody else does."""
    await killed_and_back(legs.first)
    await until(lambda: contacts(legs.box, legs.first) == ["600", "600"])
    await asyncio.sleep(1.5)

    assert contacts(legs.box, legs.second) == []
    assert legs.first.health()["leads"] is True


async def test_calls_out_by_the_account_leave_from_where_it_is_registered(legs: Legs) -> None:
    """Its server knows nobody else."""
    seen = []
    async with callee() as phone:
        phone.answers = False
        way = f"<sip:{phone.address[0]}:{phone.address[1]};lr>"
        legs.box.extra = [("Service-Route", way)]
        await killed_and_back(legs.first)  # registers again, and is told the way
        await until(lambda: len(contacts(legs.box, legs.first)) == 2)
        for n in range(4):
            room = f"call-by-account-{n}"
            async with person(legs.first.livekit, room):
                await dial(legs.first, "+491701111", "box", room)
                await until(lambda n=n: len(phone.invites) > n)  # type: ignore[misc]
        seen = [invite.header("contact") for invite in phone.invites]

    assert all(f":{legs.first.sip[1]}" in (contact or "") for contact in seen)


async def test_two_of_one_name_are_refused(legs: Legs) -> None:
    """They would take each other's telephones and carriers for their own."""
    sip, health = free_ports(2)
    env = {
        **os.environ,
        **legs.first.env,
        "SWITCHBOARD_SIP_LISTEN": f"127.0.0.1:{sip}",
        "SWITCHBOARD_SIP_HEALTH": f"127.0.0.1:{health}",
        "SWITCHBOARD_SIP_NAME": name_of(legs.second),
    }
    command = [sys.executable, "-m", "sip.bridge"]
    ended = await asyncio.to_thread(
        subprocess.run, command, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 1
    assert "set SWITCHBOARD_SIP_NAME" in ended.stdout + ended.stderr
