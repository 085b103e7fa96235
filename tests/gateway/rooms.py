"""Real participants in real rooms: a job that obeys, a caller, and browsers with their tokens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import jwt as pyjwt
import msgspec
from livekit import api, rtc

from dialplans.contracts import control
from tests.gateway.running import until
from tests.stack.servers import LiveKit


def token(livekit: LiveKit, room: str, identity: str, kind: str = "standard") -> str:
    """As LiveKit's own services make them: not over our door."""
    grants = api.VideoGrants(room_join=True, room=room, agent=kind == "agent")
    made = api.AccessToken(livekit.key, livekit.secret).with_identity(identity)
    return made.with_kind(kind).with_grants(grants).to_jwt()  # type: ignore[arg-type]


def claims(connection: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pyjwt.decode(connection["token"], options={"verify_signature": False})
    return found


@contextlib.asynccontextmanager
async def joined(url: str, jwt: str) -> AsyncIterator[rtc.Room]:
    room = rtc.Room()
    await room.connect(url, jwt, rtc.RoomOptions(single_peer_connection=False))
    try:
        yield room
    finally:
        await room.disconnect()


class Job:
    """Holds the call as a persona's job does: takes signed commands and writes them down."""

    def __init__(self, call: str, secret: str) -> None:
        self.call = call
        self.commands: list[control.Command] = []
        self.reply = control.Reply(ok=True)
        self._secret = secret

    @property
    def ops(self) -> list[str]:
        return [c.op for c in self.commands]

    async def answer(self, data: rtc.RpcInvocationData) -> str:
        self.commands.append(control.unseal(data.payload, self._secret, self.call))
        return msgspec.json.encode(self.reply).decode()


@contextlib.asynccontextmanager
async def call_with_job(livekit: LiveKit, call: str) -> AsyncIterator[Job]:
    """A caller and a job in the room `call`."""
    job = Job(call, livekit.secret)
    caller = token(livekit, call, f"sip_{call}", "sip")
    async with (
        joined(livekit.url, caller),
        joined(livekit.url, token(livekit, call, "agent-1", "agent")) as room,
    ):
        room.local_participant.register_rpc_method(control.METHOD, job.answer)
        yield job


async def identities(livekit: LiveKit, room: str) -> set[str]:
    """Everybody the server knows in a room, hidden or not."""
    async with api.LiveKitAPI(livekit.http, livekit.key, livekit.secret) as lk:
        try:
            found = await lk.room.list_participants(api.ListParticipantsRequest(room=room))
        except api.TwirpError:
            return set()
        return {p.identity for p in found.participants}


async def absent(livekit: LiveKit, room: str, identity: str) -> None:
    async def gone() -> bool:
        return identity not in await identities(livekit, room)

    await until(gone)


async def open_(connections: list[dict[str, Any]]) -> contextlib.AsyncExitStack:
    """A browser that opens what the gateway gave it; `aclose` is closing the tab."""
    stack = contextlib.AsyncExitStack()
    for connection in connections:
        await stack.enter_async_context(joined(connection["server_url"], connection["token"]))
    await asyncio.sleep(0)
    return stack
