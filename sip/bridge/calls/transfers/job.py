"""Telling the job that holds a call where it goes from here."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
from livekit import api
from livekit.protocol.room import PerformRpcRequest

from dialplans.contracts import control
from sip.bridge.psrpc.livekit_internals import perform_rpc
from sip.bridge.runtime.settings import ApiKey

ANSWER_SECONDS = 5.0
AGENT = api.ParticipantInfo.Kind.AGENT


class NotMovedError(Exception):
    """`code` is what whoever asked for it is told; the text is a clause for the record."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


async def move(key: ApiKey, room: str, to: str, who: str) -> None:
    """The call in `room` goes to a place of its plan, such as `queue support`; returns when it is
    there. Raises NotMovedError."""
    command = control.Command(op=control.Operation.TRANSFER, call=room, who=who, to=to)
    url = key.url.replace("ws", "http", 1)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS + 2)
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS + 2),
            api.LiveKitAPI(url, key.key, key.secret, timeout=timeout) as server,
        ):
            raw = await _command(server, command, control.seal(command, key.secret))
        reply = msgspec.json.decode(raw, type=control.Reply)
    except (api.TwirpError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotMovedError(503, f"nobody who has the call answers: {error!r}") from error
    except msgspec.MsgspecError as error:
        raise NotMovedError(500, "the answer of who has the call made no sense") from error
    if not reply.ok:
        raise NotMovedError(480, reply.detail or "it was refused by who has the call")


async def _command(server: api.LiveKitAPI, command: control.Command, payload: str) -> str:
    people = await server.room.list_participants(api.ListParticipantsRequest(room=command.call))
    agents = [one.identity for one in people.participants if one.kind == AGENT]
    if not agents:
        raise NotMovedError(480, "no job holds the call")
    request = PerformRpcRequest(
        room=command.call,
        destination_identity=agents[0],
        method=control.METHOD,
        payload=payload,
        response_timeout_ms=int(ANSWER_SECONDS * 1000),
    )
    return str((await perform_rpc(server.room, request)).payload)
