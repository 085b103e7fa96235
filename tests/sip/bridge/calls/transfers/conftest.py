"""A leg with a plan that lets telephones transfer their calls, and who is at the other ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import redis.asyncio
from aiosipua.message import SipResponse
from livekit import rtc

from dialplans.contracts.control import METHOD, Command, Reply, unseal
from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import Caller
from tests.sip.bridge.person import Person, until
from tests.sip.bridge.world import World, new_world, number

OURS, OTHER = number(60), number(61)
"""Of a trunk whose telephones may transfer, and of one whose may not."""
REJECTING = number(62)

PLAN = f"""
version: 1
timezone: Europe/Berlin
limits: {{dial_out: ["+49170*"]}}
trunks:
  pbx:
    allow: ["127.0.0.1/32"]
    outbound: {{address: "127.0.0.1:%d", caller_id: "{OURS}"}}
    transfers:
      to:
        "200": {{target: ann}}
        "202": {{target: told}}
        support: {{queue: support}}
        box: {{voicemail: messages}}
      numbers: true
      replaces: true
  plain: {{allow: ["127.0.0.1/32"]}}
numbers:
  "{OURS}": {{trunk: pbx, language: en, route: all}}
  "{OTHER}": {{trunk: plain, language: en, route: all}}
  "{REJECTING}": {{trunk: pbx, language: en, route: shut}}
routes:
  all: [{{do: {{persona: reception}}}}]
  shut: [{{do: {{reject: 486}}}}]
personas: {{reception: {{prompt: p.md}}}}
queues: {{support: {{needs: {{skills: [support]}}}}}}
targets:
  ann: {{dial: "+491701111", via: pbx, ring: 10s, else: {{voicemail: messages}}}}
  told: {{dial: "+491701111", via: pbx, confirm: "1", else: {{voicemail: messages}}}}
defaults: {{else: {{voicemail: messages}}}}
voicemail: {{messages: {{max: 60s}}}}
"""


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world() as world, world.leg():
        yield world


@pytest.fixture
async def ann() -> AsyncIterator[Callee]:
    """The telephone that the trunk leads to."""
    async with callee() as made:
        yield made


@pytest.fixture
async def world(own_world: World, tmp_path: Path, ann: Callee) -> AsyncIterator[World]:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN % ann.address[1])
    (tmp_path / "p.md").write_text("You are the reception.\n")
    loaded = load(file)
    assert loaded.plan is not None, loaded.report()
    async with redis.asyncio.Redis.from_url(own_world.livekit.redis_url) as client:
        revision = await PlanStore(client).put(loaded, "test")
    await until(lambda: revision in own_world.log.read_text())
    await own_world.forget_events()
    yield own_world
    try:
        await own_world.nothing_left()
    finally:
        print(own_world.log.read_text()[-6000:])


@dataclass
class Referring:
    """The REFER of a telephone and all that it hears of it. `told` are status lines and the states
    of the subscription."""

    caller: Caller
    answer: SipResponse | None = None
    notifies: list[Request] = field(default_factory=list)
    notify_with: int = 200

    async def refer(self, to: str, *headers: tuple[str, str]) -> int:
        dialog = self.caller.dialog
        assert dialog is not None
        dialog.handlers.notify = self._notified
        about: Headers = [("Refer-To", to), *headers]
        async with asyncio.timeout(10):
            self.answer = await dialog.send("REFER", headers=about)
        assert self.answer is not None
        return self.answer.status_code

    async def over(self) -> list[str]:
        """All status lines, once the last one has come."""
        await until(lambda: any(state.startswith("terminated") for state in self.states))
        return self.told

    @property
    def told(self) -> list[str]:
        return [request.text.strip() for request in self.notifies]

    @property
    def states(self) -> list[str]:
        return [request.header("subscription-state") or "" for request in self.notifies]

    def _notified(self, transaction: ServerTransaction) -> None:
        self.notifies.append(transaction.request)
        transaction.respond(self.notify_with)


class Job:
    """Stands for the job that holds a call: takes commands and says what a test wants."""

    def __init__(self, agent: Person, world: World, room: str, reply: Reply) -> None:
        self.commands: list[Command] = []
        self._secret, self._room, self._reply = world.livekit.secret, room, reply
        agent.room.local_participant.register_rpc_method(METHOD, self._take)

    async def _take(self, data: rtc.RpcInvocationData) -> str:
        self.commands.append(unseal(data.payload, self._secret, self._room))
        return msgspec.json.encode(self._reply).decode()
