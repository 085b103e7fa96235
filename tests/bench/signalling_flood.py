"""A call goes on while somebody floods the SIP port: packets of sound that reach the phone.

Real redis-server, livekit-server and `python -m sip.bridge`; an agent's tone is on the line. The
attacker is a process of its own. A packet's time is when the kernel got it (SO_TIMESTAMPNS), so
that neither the phone nor who measures is in the figure. Once with a plan whose trunks all name
their addresses, and once with a trunk that lets in by password, where strangers are heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import struct
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio

from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from sip.bridge.ffi.client import install
from sip.bridge.media.packet import Packet, build
from tests.bench._attacks import ATTACKS
from tests.bench._figures import count, head
from tests.bench._figures import load as machine_load
from tests.bench._machine import cpu_seconds, tree
from tests.bench.bridge import voices
from tests.sip.bridge.caller import Caller, Phones, phones
from tests.sip.bridge.descriptions import Local, describe, sound_in
from tests.sip.bridge.person import until
from tests.sip.bridge.world import World, new_world, number

SECONDS = 4
PACKETS = 50 * SECONDS
MUST_PACKETS = PACKETS - 1
"""The edge of the window may cut one off."""
MUST_GAP = 60.0
SO_TIMESTAMPNS = 35
PAUSE_S = 2.2
"""Whoever was shut out is let in again, and starts anew."""
WARM_UP_S = 0.3
"""The attacker's Python starts; the window begins after it."""

CALLED = number(0)
PLAN = """
version: 1
timezone: Europe/London
trunks:
  local: {{allow: ["127.0.0.1/32"]}}
  roaming: {{auth: "env:ROAMING"}}
numbers:
  "{called}": {{trunk: local, language: en, route: all}}
  "{second}": {{trunk: {trunk}, language: en, route: all}}
routes:
  all: [{{do: {{persona: reception}}}}]
personas:
  reception: {{prompt: p.md}}
defaults: {{else: {{voicemail: messages}}}}
voicemail:
  messages: {{max: 60s}}
"""
PLANS = {"all trunks name addresses": "local", "one lets in by password": "roaming"}


@dataclass(eq=False)
class Ear:
    """Where the call's sound goes: a socket that nobody reads while an attack is on."""

    socket: socket.socket
    leg: tuple[str, int] = ("", 0)
    sequence: int = 0

    def speak(self) -> None:
        """A packet of silence, so that the leg knows that somebody is there."""
        self.sequence += 1
        packet = Packet(0, self.sequence & 0xFFFF, self.sequence * 160, 7, b"\xff" * 160)
        self.socket.sendto(build(packet), self.leg)

    def times(self) -> list[float]:
        """When each packet since the last look came, in seconds."""
        found: list[float] = []
        while True:
            try:
                _, more, _, _ = self.socket.recvmsg(2048, 256)
            except BlockingIOError:
                return found
            found += [
                seconds + nanos / 1e9
                for _, kind, data in more
                if kind == SO_TIMESTAMPNS
                for seconds, nanos in [struct.unpack("qq", data)]
            ]


@contextlib.contextmanager
def ear() -> Iterator[Ear]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        yield Ear(made)


async def put(world: World, trunk: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.yaml"
        file.write_text(PLAN.format(called=CALLED, second=number(1), trunk=trunk))
        (Path(folder) / "p.md").write_text("You are the reception.\n")
        loaded = load(file)
        assert loaded.plan is not None, [str(problem) for problem in loaded.problems]
        async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
            revision = await PlanStore(client).put(loaded, "bench")
    await until(lambda: revision in world.log.read_text())


@contextlib.asynccontextmanager
async def on_the_phone(world: World, line: Phones) -> AsyncIterator[Ear]:
    async with (
        voices(world, 1) as agents,
        Caller(line, world.sip, CALLED, silent=True) as caller,
    ):
        line.clock.add("agent", agents[0].tick)
        with ear() as listening:
            host, port = listening.socket.getsockname()
            code = await caller.dial(describe(Local(host, port)))
            assert code == 200, code
            assert caller.answer is not None
            answered = sound_in(caller.answer.text).address
            assert answered is not None
            listening.leg = answered
            line.clock.add(listening, listening.speak)
            await asyncio.sleep(1)
            try:
                yield listening
            finally:
                line.clock.remove(listening)
                line.clock.remove("agent")


async def under(world: World, listening: Ear, name: str) -> bool:
    """One line. True if the sound was whole."""
    attack = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench._attacks", name,
        "{}:{}".format(*world.sip), str(SECONDS + 2 * WARM_UP_S),
        stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    await asyncio.sleep(WARM_UP_S)
    listening.times()
    spent = sum(cpu_seconds(tree(world.process.pid)).values())
    await asyncio.sleep(SECONDS)
    times = listening.times()
    cpu = (sum(cpu_seconds(tree(world.process.pid)).values()) - spent) / SECONDS
    sent, _ = await attack.communicate()
    gap = max((b - a for a, b in itertools.pairwise(times)), default=float(SECONDS))
    whole = len(times) >= MUST_PACKETS and gap * 1000 <= MUST_GAP
    print(
        f"  {name:<32} {len(times)} of {PACKETS} packets, longest gap {gap * 1000:.0f} ms,"
        f" leg {cpu:.0%} of a core; sent {int(sent):,}{'' if whole else '  MISSED'}",
        flush=True,
    )
    return whole


async def measure(world: World, wanted: list[str]) -> int:
    missed = 0
    async with phones() as line:
        for words, trunk in list(PLANS.items())[: count("PLANS", 2)]:
            await put(world, trunk)
            print(f"{words}; load {machine_load()}")
            async with on_the_phone(world, line) as listening:
                for name in wanted or ATTACKS:
                    for _ in range(count("ROUNDS", 1)):
                        missed += not await under(world, listening, name)
                        await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(3)
    print(f"load {machine_load()} at the end; must: {MUST_PACKETS} packets, {MUST_GAP:g} ms")
    return 1 if missed else 0


def main() -> int:
    head(
        "A call under attack", f"sound is counted over {SECONDS} s, by the kernel's time of arrival"
    )
    install()
    usual = {
        "SWITCHBOARD_SIP_MESSAGES_PER_SECOND": "500",
        "SWITCHBOARD_SIP_BYTES_PER_SECOND": "1000000",
        "ROAMING": "user:password",
    }
    with new_world(usual) as world, world.leg():
        return asyncio.run(measure(world, sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
