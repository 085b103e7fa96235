"""What the gateway asks of livekit-server: look into rooms, remove people, command jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import msgspec
import structlog
from livekit import api
from livekit.protocol.room import PerformRpcRequest

from dialplans.contracts import control
from gateway.errors import Problem
from gateway.settings import Settings
from sip.bridge.psrpc.livekit_internals import perform_rpc

log = structlog.get_logger(__name__)

AGENT = api.ParticipantInfo.Kind.AGENT
SIP = api.ParticipantInfo.Kind.SIP
_RPC_TIMEOUT_S = 5.0


class Done(msgspec.Struct, frozen=True):
    """The persona's answer to a command; `detail` is for the person who gave it."""

    ok: bool = True
    detail: str = ""


class Rooms:
    """One HTTP client for the process; `close` it at the end."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.livekit_api_secret.get_secret_value()
        self._key = settings.livekit_api_key
        self._url = settings.livekit_url.replace("ws", "http", 1)
        self._api: api.LiveKitAPI | None = None

    @property
    def lk(self) -> api.LiveKitAPI:
        """Made on first use: its HTTP client wants a running loop."""
        if self._api is None:
            timeout = aiohttp.ClientTimeout(total=8)
            self._api = api.LiveKitAPI(self._url, self._key, self._secret, timeout=timeout)
        return self._api

    async def close(self) -> None:
        if self._api is not None:
            await self._api.aclose()

    async def ping(self) -> None:
        """Raises when the server does not answer or does not accept our key."""
        await self.lk.room.list_rooms(api.ListRoomsRequest(names=["switchboard-ping"]))

    async def people(self, room: str) -> Sequence[api.ParticipantInfo]:
        """Empty when the room does not exist."""
        try:
            found = await self.lk.room.list_participants(api.ListParticipantsRequest(room=room))
        except api.TwirpError as error:
            if error.code == "not_found":
                return []
            raise Problem("livekit_unreachable", error.message) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Problem("livekit_unreachable") from error
        return found.participants

    async def remove(self, room: str, identity: str) -> bool:
        """Somebody who is gone already is gone. False: the server did not say that they are."""
        try:
            await self.lk.room.remove_participant(
                api.RoomParticipantIdentity(room=room, identity=identity)
            )
        except api.TwirpError as error:
            if error.code == "not_found":
                return True
            log.warning("room.remove_failed", call=room, error=error.code)
            return False
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("room.remove_failed", call=room, error=type(error).__name__)
            return False
        return True

    async def set_attributes(self, room: str, identity: str, attributes: dict[str, str]) -> None:
        """Raises a Problem where they are not set."""
        request = api.UpdateParticipantRequest(room=room, identity=identity, attributes=attributes)
        try:
            await self.lk.room.update_participant(request)
        except api.TwirpError as error:
            raise Problem("livekit_unreachable", error.message) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Problem("livekit_unreachable") from error

    async def delete(self, room: str) -> None:
        try:
            await self.lk.room.delete_room(api.DeleteRoomRequest(room=room))
        except api.TwirpError as error:
            if error.code != "not_found":
                raise Problem("livekit_unreachable", error.message) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Problem("livekit_unreachable") from error

    async def command(self, command: control.Command) -> control.Reply:
        """Tells the job that holds the call; raises a Problem when there is none that answers."""
        people = await self.people(command.call)
        agents = [p.identity for p in people if p.kind == AGENT]
        if not agents:
            raise Problem("job_unreachable", "No persona is on this call.")
        payload = control.seal(command, self._secret)
        last: Problem | None = None
        for identity in agents:
            try:
                raw = await self._rpc(command.call, identity, payload)
            except Problem as problem:
                last = problem
                continue
            return _reply(raw)
        raise last or Problem("job_unreachable")

    async def _rpc(self, room: str, identity: str, payload: str) -> str:
        request = PerformRpcRequest(
            room=room,
            destination_identity=identity,
            method=control.METHOD,
            payload=payload,
            response_timeout_ms=int(_RPC_TIMEOUT_S * 1000),
        )
        try:
            async with asyncio.timeout(_RPC_TIMEOUT_S + 1):
                answer = await perform_rpc(self.lk.room, request)
        except api.TwirpError as error:
            raise Problem("job_unreachable", error.message) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Problem("livekit_unreachable") from error
        return str(answer.payload)


def _reply(raw: str) -> control.Reply:
    try:
        return msgspec.json.decode(raw, type=control.Reply)
    except msgspec.MsgspecError as error:
        raise Problem("job_unreachable", "The persona's answer made no sense.") from error
