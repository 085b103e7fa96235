"""`up --sip-legs 2` as the supervisor does it: redis, livekit-server and two legs, all real."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.doctor import of_legs
from dialplans.language.leg_capabilities import LegPresent, legs_present
from gateway.cli.running import app
from gateway.cli.status import collect
from gateway.local.config_files import write_config_files
from gateway.local.environment import environment
from gateway.local.keys import ensure_keys
from gateway.local.layout import Layout
from gateway.local.log_file import LogFile, tail
from gateway.local.processes.control import NotRunningError, ask
from gateway.local.processes.services import services
from gateway.local.processes.supervisor import Supervisor
from gateway.local.sip_legs import STEP
from tests.stack.free_ports import free_ports
from tests.stack.servers import own_environment, short_folder

WANTED = ("redis", "livekit", "sip", "sip-2")


def two_regions() -> int:
    """A free port, of which that of the second leg is free as well."""
    while True:
        (port,) = free_ports(1)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("", port + STEP))
            return port


@pytest.fixture
async def layout(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Layout]:
    with short_folder() as home:
        env = {
            **own_environment(home),
            "SWITCHBOARD_SIP_LISTEN": f"127.0.0.1:{two_regions()}",
            "SWITCHBOARD_SIP_HEALTH": f"127.0.0.1:{two_regions()}",
        }
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        made = Layout.from_environment({**env, "SWITCHBOARD_SIP_LEGS": "2"})
        keys = ensure_keys(made.secrets)
        write_config_files(made, keys)
        log = LogFile(made.logs)
        running = [one for one in services(made, keys) if one.name in WANTED]
        task = asyncio.create_task(Supervisor(made, running, log).run())
        try:
            await until_well(made)
            yield made
        finally:
            with contextlib.suppress(NotRunningError):
                await asyncio.to_thread(ask, made, "down")
            await task
            log.close()


async def until_well(layout: Layout) -> dict[str, dict[str, Any]]:
    """The services by name, once all are ready."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(NotRunningError):
                found = (await asyncio.to_thread(ask, layout, "status"))["services"]
                if all(one["state"] == "ready" for one in found):
                    return {one["name"]: one for one in found}
            await asyncio.sleep(0.1)


async def legs_of(layout: Layout, count: int) -> list[LegPresent]:
    url = environment(layout, ensure_keys(layout.secrets))["SWITCHBOARD_REDIS_URL"]
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(legs_present, url)
            if len(found) == count and any(leg.leads for leg in found):
                return found
            await asyncio.sleep(0.1)


@pytest.mark.stack
async def test_two_legs_are_started_shown_and_started_again(layout: Layout) -> None:
    """Status asks from a terminal that was not told how many there are; the doctor names both; who
    is killed is there again under its name, and the other is left alone."""
    before = await until_well(layout)
    status = await asyncio.to_thread(collect, Layout.from_environment())
    legs = await legs_of(layout, 2)
    os.kill(before["sip-2"]["pid"], signal.SIGKILL)
    async with asyncio.timeout(30):
        while (after := await until_well(layout))["sip-2"]["restarts"] == 0:
            await asyncio.sleep(0.1)
    lines = tail(layout.logs / "switchboard.log", 200, {"sip-2"})

    assert sorted(before) == sorted(WANTED)
    assert [one["name"] for one in status.services if one["name"].startswith("sip")] == [
        "sip",
        "sip-2",
    ]
    assert status.dial == [str(leg.sip) for leg in layout.legs]
    assert [(leg.name, leg.at) for leg in legs] == [(leg.name, str(leg.sip)) for leg in layout.legs]
    assert sum(leg.leads for leg in legs) == 1
    assert [finding.part for finding in of_legs(legs)] == ["SIP leg sip", "SIP leg sip-2"]
    assert after["sip"]["pid"] == before["sip"]["pid"]
    assert any("bridge.ready" in line for line in lines)


@pytest.mark.stack
async def test_up_says_that_another_number_of_legs_runs(layout: Layout) -> None:
    told = await asyncio.to_thread(CliRunner().invoke, app, ["up", "--sip-legs", "3"])

    assert told.exit_code == 1
    assert "it runs 2 SIP legs, not 3: `switchboard down` first" in told.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sip", "livekit-sip", "--sip-legs", "2"], "only the embedded leg runs more than once"),
        (["--sip-legs", "9"], "sip-legs"),
        (["--sip-legs", "0"], "sip-legs"),
    ],
)
def test_up_refuses_what_cannot_be(options: list[str], said: str) -> None:
    told = CliRunner().invoke(app, ["up", *options])

    assert told.exit_code in (1, 2)
    assert said in told.output
