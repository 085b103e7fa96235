"""Provisioning on a real livekit-server, through its real API."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from livekit import api
from livekit.protocol.sip import SIPInboundTrunkInfo

from sip.apply import apply
from sip.client import LiveKitObjects, ProvisioningError, connect
from sip.objects import prefix_of
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.sip.provision.plans import NUMBERS, loaded, plan_text
from tests.stack.servers import LiveKit

pytestmark = pytest.mark.stack
ONE, TWO, THREE = NUMBERS[:3]


def environment(livekit: LiveKit) -> dict[str, str]:
    return {
        "LIVEKIT_URL": livekit.url,
        "LIVEKIT_API_KEY": livekit.key,
        "LIVEKIT_API_SECRET": livekit.secret,
    }


async def carried_out(objects: LiveKitObjects, text: str) -> list[str]:
    wanted = render(loaded(text), Rendering("main", {"DIGEST": "ann:secret@sip.example.com"}))
    there = await objects.fetch()
    plan = make_plan(wanted, there, prefix_of("main"))
    return [f"{s.action} {s.kind}" async for s in apply(plan, objects, there)]


STEPS = (
    plan_text({ONE: "one", TWO: "two"}),
    plan_text({ONE: "two", TWO: "one"}),
    plan_text({ONE: "three", TWO: "three"}, outbound=("three", "out")),
    plan_text({ONE: "one", TWO: "three", THREE: "three"}, extra="limits: {max_duration: 20m}"),
    plan_text({ONE: "one"}).replace('allow: ["192.0.2.0/28"]', "auth: env:DIGEST, srtp: allowed"),
    plan_text({ONE: "one"}, rule='{when: {header: {X-A: "1"}}, do: {reject: 486}}, '),
)


async def test_from_plan_to_plan_the_server_agrees_and_refuses_nothing(livekit: LiveKit) -> None:
    """Numbers swap trunks, trunks vanish, options change; after each, a second apply is empty."""
    async with connect(environment(livekit)) as objects:
        for text in STEPS:
            assert await carried_out(objects, text) != []
            assert await carried_out(objects, text) == []


async def test_a_strangers_trunk_is_as_it_was(livekit: LiveKit) -> None:
    async with connect(environment(livekit)) as objects:
        await objects.create(SIPInboundTrunkInfo(name="theirs", numbers=["+33199000000"]))
        before = (await objects.fetch())[0].message
        for text in STEPS[:2]:
            await carried_out(objects, text)
        after = next(e.message for e in await objects.fetch() if e.name == "theirs")

    assert after == before


async def test_a_wrong_key_is_said_plainly(livekit: LiveKit) -> None:
    """One sentence for the operator, not a stack of frames."""
    async with connect(environment(livekit) | {"LIVEKIT_API_SECRET": "x" * 40}) as objects:
        with pytest.raises(ProvisioningError, match="LiveKit would not list the trunks"):
            await objects.fetch()


def switchboard(livekit: LiveKit, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env={**os.environ, **environment(livekit), "SWITCHBOARD_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_commands_tell_by_their_exit_status(livekit: LiveKit, tmp_path: Path) -> None:
    """`plan`: 2 while something is to do, 0 afterwards; `apply`: 0; a broken file: 1, told at its
    line; `--json` is JSON in every case."""
    file = tmp_path / "plan.yaml"
    file.write_text(plan_text({ONE: "one"}), "utf-8")
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\ntimezone: Mars/Olympus\n", "utf-8")

    async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(switchboard, livekit, tmp_path, *arguments)

    before = await run("plan", str(file), "--json")
    applied = await run("apply", str(file))
    after = await run("plan", str(file), "--json")
    wrong = await run("plan", str(broken))

    assert (before.returncode, len(json.loads(before.stdout)["steps"])) == (1, 4)
    assert (applied.returncode, applied.stdout.count("+ create")) == (0, 4)
    assert (after.returncode, json.loads(after.stdout)["steps"]) == (0, [])
    assert wrong.returncode == 1
    assert "broken.yaml:2:" in wrong.stderr


async def test_without_a_server_the_commands_say_so(tmp_path: Path) -> None:
    async with connect(
        {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s" * 32}
    ) as objects:
        with pytest.raises(ProvisioningError, match="cannot be reached"):
            await objects.fetch()


async def test_the_real_dialplan_can_be_carried_out(livekit: LiveKit) -> None:
    """The one that is shipped."""
    from dialplans.language.load import load
    from sip.provision import intended

    main = Path(__file__).parents[3] / "dialplans" / "main.yaml"
    async with connect(environment(livekit)) as objects:
        plan, there = await intended(load(main), "main", objects, {})
        _ = [step async for step in apply(plan, objects, there)]
        again, _ = await intended(load(main), "main", objects, {})

    assert plan.steps
    assert again.steps == ()
    async with api.LiveKitAPI(livekit.http, livekit.key, livekit.secret) as client:
        rules = await client.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
    assert all(rule.trunk_ids for rule in rules.items)
