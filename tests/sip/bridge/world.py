"""Real servers with a leg of ours: redis-server, livekit-server, `python -m sip.bridge`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redis.asyncio
from google.protobuf.duration_pb2 import Duration
from livekit import api

from dialplans.contracts.events import STREAM, Event, Journal, decode
from tests.sip.bridge.restarting import Restarting
from tests.stack.free_ports import bound_udp, free_ports, free_udp_range
from tests.stack.servers import LiveKit, Servers, ended, short_folder

PATIENCE_S = 60.0

QUICK = {
    "SWITCHBOARD_SIP_MAX_CPU": "0",  # other tests load this machine
    "SWITCHBOARD_SIP_NO_WORKER_AFTER": "1.5",
    "SWITCHBOARD_SIP_RINGING_TIMEOUT": "6",
    "SWITCHBOARD_SIP_MIN_SESSION_EXPIRES": "2",
    # Hostile messages are to be read, all of them.
    "SWITCHBOARD_SIP_MESSAGES_PER_SECOND": "1000000",
    "SWITCHBOARD_SIP_BYTES_PER_SECOND": "1000000000",
}
"""Real behaviour with shorter patience, so that the tests need not wait for minutes."""


@dataclass
class World:
    """What a test may touch. `env` is that of the leg."""

    running: Restarting
    livekit: LiveKit
    env: dict[str, str]
    rtp: tuple[int, int]
    process: subprocess.Popen[bytes] = field(init=False)
    trunks: dict[str, str] = field(default_factory=dict)
    since: str = "0"

    @property
    def sip(self) -> tuple[str, int]:
        host, _, port = self.env["SWITCHBOARD_SIP_LISTEN"].partition(":")
        return host, int(port)

    @property
    def log(self) -> Path:
        return self.running.servers.layout.logs / "bridge.log"

    def health(self) -> dict[str, object]:
        address = self.env["SWITCHBOARD_SIP_HEALTH"]
        found: dict[str, object] = httpx.get(
            f"http://{address}/health", timeout=5, verify=False
        ).json()
        return found

    def metrics(self) -> str:
        address = self.env["SWITCHBOARD_SIP_HEALTH"]
        return httpx.get(f"http://{address}/metrics", timeout=5, verify=False).text

    def metric(self, name: str) -> float:
        rows = [line.split() for line in self.metrics().splitlines()]
        return next(float(row[1]) for row in rows if row[0] == f"switchboard_sip_{name}")

    @contextlib.contextmanager
    def leg(self, extra: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """Run the leg; ended by its own id."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sip.bridge"],
                env={**os.environ, **self.env, **(extra or {})},
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
            with ended(self.process, within_s=5):  # killed, its participants stay for long
                self._wait_ready()
                yield self.process

    def stop_redis(self) -> None:
        self.running.stop("redis", signal.SIGTERM)

    def start_redis(self) -> None:
        self.running.start("redis")

    def stop_livekit(self, how: signal.Signals) -> None:
        self.running.stop("livekit", how)

    def start_livekit(self) -> None:
        self.running.start("livekit")

    def restart_livekit(self, how: signal.Signals) -> None:
        self.stop_livekit(how)
        self.start_livekit()

    @contextlib.contextmanager
    def sibling(self, extra: Mapping[str, str]) -> Iterator[World]:
        """A second leg on the same servers, with other settings."""
        sip, health = free_ports(2)
        low, high = free_udp_range(40)
        env = {
            **self.env,
            "SWITCHBOARD_SIP_LISTEN": f"127.0.0.1:{sip}",
            "SWITCHBOARD_SIP_HEALTH": f"127.0.0.1:{health}",
            "SWITCHBOARD_RTP_PORTS": f"{low}-{high}",
            **extra,
        }
        other = World(self.running, self.livekit, env, (low, high), trunks=self.trunks)
        with other.leg():
            yield other

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(httpx.HTTPError, ValueError):
                if self.health()["state"] == "ok":
                    return
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    @contextlib.asynccontextmanager
    async def api(self):  # type: ignore[no-untyped-def]
        async with api.LiveKitAPI(
            self.livekit.http, self.livekit.key, self.livekit.secret
        ) as client:
            yield client

    async def forget_events(self) -> None:
        """From now on `events` leaves out what is there already."""
        async with redis.asyncio.Redis.from_url(self.livekit.redis_url) as client:
            last = await client.xrevrange(STREAM, count=1)
        self.since = last[0][0].decode() if last else "0"

    async def events(self, called: str = "") -> list[Event]:
        """What the leg has written about calls to this number, oldest first."""
        async with redis.asyncio.Redis.from_url(self.livekit.redis_url) as client:
            rows = await client.xrange(STREAM, f"({self.since}")
        found = [decode(fields[Journal.FIELD.encode()]) for _, fields in rows]
        digits = called.lstrip("+")
        return [event for event in found if digits in event.call]

    async def event(self, kind: str, called: str) -> Event:
        """The newest event of this kind about this number; waits for it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = [event for event in await self.events(called) if event.kind == kind]
            if found:
                return found[-1]
            assert time.monotonic() < deadline, f"no {kind}; {self.log.read_text()[-3000:]}"
            await asyncio.sleep(0.05)

    async def nothing_left(self) -> None:
        """No call, no port, no dialog, no participant and no room of a call."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            health = self.health()
            async with self.api() as client:
                rooms = (await client.room.list_rooms(api.ListRoomsRequest())).rooms
            left = {
                "calls": health["calls"],
                "dialogs": health["dialogs"],
                "rtp_ports": health["rtp_ports"],
                "bound": bound_udp(*self.rtp),
                "rooms": [room.name for room in rooms],
            }
            if not any(left.values()):
                return
            assert time.monotonic() < deadline, f"left behind: {left}"
            await asyncio.sleep(0.1)


@contextlib.contextmanager
def new_world(extra: Mapping[str, str] | None = None) -> Iterator[World]:
    """Servers without a leg: `with world.leg():` starts one."""
    with short_folder() as home:
        servers = Servers(home)
        with Restarting(servers) as running:
            running.start("redis")
            livekit = running.start("livekit")
            sip, health = free_ports(2)
            low, high = free_udp_range(80)
            env = {
                "SWITCHBOARD_REDIS_URL": livekit.redis_url,
                "LIVEKIT_URL": livekit.url,
                "LIVEKIT_API_KEY": livekit.key,
                "LIVEKIT_API_SECRET": livekit.secret,
                "SWITCHBOARD_SIP_LISTEN": f"127.0.0.1:{sip}",
                "SWITCHBOARD_SIP_HEALTH": f"127.0.0.1:{health}",
                "SWITCHBOARD_RTP_PORTS": f"{low}-{high}",
                **QUICK,
                **(extra or {}),
            }
            world = World(running, livekit, env, (low, high))
            asyncio.run(provision(world))
            yield world


OPEN = "+4989200010"
"""Numbers that begin so and end in two digits lead to the room `call_<number>`."""

LOGIN = "+498920002000"
ELSEWHERE = "+498920003000"
NO_RULE = "+498920004000"
UNKNOWN = "+498920009999"
CALLER_FILTER = "+498920005000"
WITH_AGENT = "+498920006000"
SHORT_RING = "+498920007000"
SHORT_CALL = "+498920008000"
QUIET = "+498920000500"
"""A phone of this number may be silent for one second, says its rule."""

QUIET_TRUNK = "+498920000600"
"""The same, said by the trunk."""

ENCRYPTED = "+498920000700"
"""Its trunk, made by somebody else than `switchboard apply`, requires encrypted sound."""

A_LAW = "+498920000800"
"""Its trunk speaks A-law and nothing else."""

RANDOM_ROOM = "+498920009000"
"""Every call of this number has a room of its own, as in a real plan."""


def number(index: int) -> str:
    return f"{OPEN}{index:02d}"


def room_of(called: str) -> str:
    return f"call_{called}"


async def provision(world: World) -> None:
    """Trunks and rules as `switchboard apply` would make them, through the real API."""
    async with world.api() as client:
        create = client.sip.create_inbound_trunk

        async def trunk(name: str, numbers: list[str], **more: object) -> None:
            info = api.SIPInboundTrunkInfo(name=name, numbers=numbers, **more)
            made = await create(api.CreateSIPInboundTrunkRequest(trunk=info))
            world.trunks[name] = made.sip_trunk_id

        await trunk(
            "open",
            [number(index) for index in range(100)],
            allowed_addresses=["127.0.0.1/32"],
            headers={"X-Served-By": "switchboard"},
            headers_to_attributes={"X-Tenant": "tenant"},
            attributes_to_headers={"bye.note": "X-Note"},
            include_headers=api.SIPHeaderOptions.SIP_X_HEADERS,
        )
        await trunk("login", [LOGIN], auth_username="carrier", auth_password="secret")
        await trunk("elsewhere", [ELSEWHERE], allowed_addresses=["10.0.0.0/8"])
        await trunk("no rule", [NO_RULE])
        await trunk("caller", [CALLER_FILTER], allowed_numbers=["+4917099"])
        await trunk("agent", [WITH_AGENT])
        silence = api.SIPMediaConfig(media_timeout=Duration(seconds=1))
        await trunk("quiet", [QUIET])
        await trunk("quiet trunk", [QUIET_TRUNK], media=silence)
        await trunk("random", [RANDOM_ROOM])
        required = api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
        await trunk("encrypted", [ENCRYPTED], media=api.SIPMediaConfig(encryption=required))
        a_law = api.SIPMediaConfig(
            codecs=[api.SIPCodec(name="PCMA", rate=8000)], only_listed_codecs=True
        )
        await trunk("a law", [A_LAW], media=a_law)
        await trunk("ring", [SHORT_RING], ringing_timeout=Duration(seconds=1))
        await trunk("short", [SHORT_CALL], max_call_duration=Duration(seconds=2))

        async def rule(
            name: str,
            trunks: list[str],
            agent: str = "",
            *,
            randomize: bool = False,
            media: api.SIPMediaConfig | None = None,
        ) -> None:
            callee = api.SIPDispatchRule(
                dispatch_rule_callee=api.SIPDispatchRuleCallee(
                    room_prefix="call", randomize=randomize
                )
            )
            agents = [api.RoomAgentDispatch(agent_name=agent)] if agent else []
            info = api.SIPDispatchRuleInfo(
                name=name,
                trunk_ids=[world.trunks[trunk] for trunk in trunks],
                rule=callee,
                attributes={"queue": "sales"},
                metadata="from the rule",
                media=media,
                room_config=api.RoomConfiguration(
                    agents=agents, empty_timeout=2, departure_timeout=1
                ),
            )
            await client.sip.create_dispatch_rule(
                api.CreateSIPDispatchRuleRequest(dispatch_rule=info)
            )

        plain = [
            "open",
            "login",
            "elsewhere",
            "caller",
            "ring",
            "short",
            "quiet trunk",
            "encrypted",
            "a law",
        ]
        await rule("calls", plain)
        await rule("with an agent", ["agent"], "nobody-serves-this")
        await rule("quiet", ["quiet"], media=silence)
        await rule("a room each", ["random"], randomize=True)
