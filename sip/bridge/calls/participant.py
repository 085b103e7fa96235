"""A call's place in its room, for as long as the phone is there.

livekit-server may go away and come back in the middle of a call. The phone is kept meanwhile: it
hears silence, and as soon as the server answers, the same participant is in the same room again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog

from dialplans.contracts.events import Problem
from dialplans.process.background import end
from sip.bridge.calls.services import CallServices
from sip.bridge.ffi.echo_canceller import Canceller
from sip.bridge.media.echo import LineEcho
from sip.bridge.media.g711 import SILENCE, Pcm
from sip.bridge.media.stream import RtpStream
from sip.bridge.room.connection import Reason, RoomConnection
from sip.bridge.room.join_token import ParticipantSpec, token
from sip.bridge.room.key_queue import KeyQueue
from sip.bridge.room.listener import Listener
from sip.bridge.room.reachability import listens
from sip.bridge.runtime.outbox import SOURCE

log = structlog.get_logger()

GRACE_SECONDS = 1.0
"""A connection that only hiccups is mended by the SDK itself within this."""

JOIN_SECONDS = 8.0
RETRY_SECONDS = 0.1


class SipParticipant:
    def __init__(self, services: CallServices, stream: RtpStream, spec: ParticipantSpec) -> None:
        self._services = services
        self._stream = stream
        self.spec = spec
        self.sound = asyncio.Event()
        self.gone = asyncio.Event()
        """The room does not want the call any more, or could not be reached for too long."""
        self.hung_up_on = False
        """Gone because the agent removed the phone from the room."""
        self.to_phone = False
        self.from_phone = False
        self.hears_room = True
        """Whether the phone hears the room; else silence, such as while keys are dialled for it."""
        self._attributes: dict[str, str] = dict(spec.attributes)
        self._url = services.settings.livekit_url
        self._connection: RoomConnection | None = None
        self._before: RoomConnection | None = None
        self._rejoining: asyncio.Task[None] | None = None
        self._closed = False
        self.rejoins = 0
        self.on_end_call: Callable[[Mapping[str, str]], None] = lambda headers: None
        self.remote_headers: Mapping[str, str] = {}
        self._echo = LineEcho(Canceller) if services.settings.sip_echo_canceller else None
        self._keys = KeyQueue(self._press)
        stream.on_key = self._keys.press

    async def join(self, *, url: str = "", ready_token: str = "") -> None:
        """Raises rtc.ConnectError or TimeoutError."""
        self._url = url or self._url
        await self._connect(
            ready_token or token(self._services.settings.api_key, self.spec), JOIN_SECONDS
        )

    @property
    def connection(self) -> RoomConnection | None:
        return self._connection

    @property
    def attributes(self) -> Mapping[str, str]:
        """The participant's attributes, with what others changed while it is connected."""
        if self._connection is not None and self._connection.connected:
            return {**self._attributes, **self._connection.attributes}
        return self._attributes

    @property
    def has_agent(self) -> bool:
        return self._connection is not None and self._connection.has_agent

    def start_sound(self, *, joins_others: bool = False) -> None:
        """The phone is there: from now on it hears the room as it is, and is heard."""
        self.to_phone = self.from_phone = True
        if self._connection is not None:
            self._connection.begin_sound(joins_others=joins_others)
        self._services.clock.add(self, self._tick)

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        self._attributes.update(attributes)
        if self._connection is not None:
            self._connection.set_attributes(attributes)

    def set_status(self, status: str) -> None:
        self.set_attributes({"sip.callStatus": status})

    async def leave(self, reason: Reason.ValueType = Reason.CLIENT_INITIATED) -> None:
        self._closed = True
        self._services.clock.remove(self)
        await end(self._rejoining)
        await self._keys.aclose()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose(reason)

    def _tick(self) -> None:
        spoken = self._stream.listen()
        connection = self._connection
        heard: Pcm = SILENCE
        if connection is not None:
            connection.say(self._without_echo(spoken if self.from_phone else None))
            heard = connection.heard()
        told: Pcm | None = None
        if self.to_phone:
            told = self._stream.speak(heard if self.hears_room else SILENCE)
        else:
            self._stream.pause()
        if self._echo is not None:
            self._echo.sent(SILENCE if told is None else told)

    def _without_echo(self, spoken: Pcm | None) -> Pcm:
        pcm = SILENCE if spoken is None else spoken
        return pcm if self._echo is None else self._echo.without(pcm)

    def _end_call(self, headers: Mapping[str, str]) -> None:
        self.on_end_call(headers)

    async def _press(self, digit: str) -> bool:
        return self._connection is not None and await self._connection.press(digit)

    async def _connect(self, with_token: str, within: float | None, *, again: bool = False) -> None:
        listener = Listener(
            key=self._stream.press,
            sound=self.sound.set,
            end_call=self._end_call,
            remote_headers=lambda: self.remote_headers,
        )
        connection = RoomConnection(listener, after=self._before, agent=self.spec.expects_agent)
        connection.listener.lost = lambda final: self._lost(connection, final)
        if again:
            connection.expect_twin()
        try:
            await connection.connect(self._url, with_token, within=within)
        except BaseException:
            await connection.aclose()
            raise
        self._connection, self._before = connection, None

    def _lost(self, connection: RoomConnection, final: bool) -> None:
        if self._closed or connection is not self._connection:
            return
        if final:
            self.hung_up_on = connection.removed
            self.gone.set()
        elif self._rejoining is None:
            self._rejoining = asyncio.create_task(self._rejoin(connection))

    async def _rejoin(self, old: RoomConnection) -> None:
        since = time.monotonic()
        log.info("room.lost", call=self.spec.room)
        if await listens(self._url) and await old.recovers(GRACE_SECONDS):
            self._back(since)
            return
        self._connection, self._before = None, old
        # Not waited for: the SDK may be stuck in an attempt of its own for seconds.
        self._services.tasks.spawn(old.aclose())
        while not await self._try_again():
            if time.monotonic() - since > self._services.settings.sip_rejoin_for:
                log.warning("room.given_up", call=self.spec.room)
                self.gone.set()
                return
            await asyncio.sleep(RETRY_SECONDS)
        self._back(since)

    def _back(self, since: float) -> None:
        """In the room again, by a connection of ours or because the SDK has mended the old one,
        maybe in a room that was made anew and knows nothing of the call."""
        took = time.monotonic() - since
        self._rejoining = None
        self.rejoins += 1
        self.set_attributes(self._attributes)
        self._services.metrics.rejoins.inc()
        self._services.outbox.add(
            Problem(
                call=self.spec.room,
                source=SOURCE,
                what="rejoined",
                detail=f"the room was lost for {took:.1f} s",
            )
        )

    async def _try_again(self) -> bool:
        if not await listens(self._url):
            return False
        try:
            # Without a limit: two attempts under way would throw each other out of the room.
            again = token(self._services.settings.api_key, self.spec, again=True)
            await self._connect(again, None, again=True)
        except Exception as error:
            log.info("room.still_away", call=self.spec.room, error=repr(error))
            return False
        return True
