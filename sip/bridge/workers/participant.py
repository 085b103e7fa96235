"""A call's place in its room, for as long as the phone is there.

livekit-server may go away and come back in the middle of a call. The phone is kept meanwhile: it
hears silence, and as soon as the server answers, the same participant is in the same room again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import structlog

from dialplans.contracts.jobs import ON, ON_HOLD
from dialplans.process.background import Tasks, end
from sip.bridge.ffi.echo_canceller import Canceller
from sip.bridge.media.clock import Clock
from sip.bridge.media.codecs.resample import silence
from sip.bridge.media.echo import LineEcho
from sip.bridge.media.g711 import Pcm
from sip.bridge.media.stream import RtpStream
from sip.bridge.room.connection import RoomConnection
from sip.bridge.room.join_token import ParticipantSpec, token
from sip.bridge.room.key_queue import KeyQueue
from sip.bridge.room.listener import Listener
from sip.bridge.room.reachability import listens
from sip.bridge.room.reasons import Reason
from sip.bridge.room.side_room import SideRoom, has_side_room
from sip.bridge.room.tracks.mixer import mix
from sip.bridge.runtime.settings import Settings
from sip.bridge.workers.protocol import Entered

log = structlog.get_logger()

GRACE_SECONDS = 1.0
"""A connection that only hiccups is mended by the SDK itself within this."""

JOIN_SECONDS = 8.0
RETRY_SECONDS = 0.1


@dataclass(eq=False)
class Shared:
    """What the calls of one worker have together."""

    settings: Settings
    clock: Clock
    tasks: Tasks


@dataclass
class Reports:
    """What signalling wants to hear of. All run on the event loop."""

    sound: Callable[[], None] = lambda: None
    """Somebody's sound is there to be heard: the moment to answer."""
    company: Callable[[bool], None] = lambda agent: None
    """Whether an agent is there, whenever that has changed."""
    gone: Callable[[bool], None] = lambda removed: None
    """The room does not want the call any more, or could not be reached for too long. `removed`:
    somebody has hung up on the phone."""
    end_call: Callable[[Mapping[str, str]], None] = lambda headers: None
    attributes: Callable[[Mapping[str, str]], None] = lambda attributes: None
    """All of them, after somebody has changed some."""
    rejoined: Callable[[float], None] = lambda after: None


class SipParticipant:
    def __init__(
        self, shared: Shared, stream: RtpStream, spec: ParticipantSpec, reports: Reports
    ) -> None:
        self._shared = shared
        self._stream = stream
        self._reports = reports
        self.spec = spec
        self.entered = Entered(to_phone=False, from_phone=False)
        self._attributes: dict[str, str] = dict(spec.attributes)
        self._url = shared.settings.livekit_url
        self._connection: RoomConnection | None = None
        self._before: RoomConnection | None = None
        self._rejoining: asyncio.Task[None] | None = None
        self._closed = False
        self._ticking = False
        self.remote_headers: Mapping[str, str] = {}
        self._silence = silence(stream.rate)
        self._echo: LineEcho | None = None
        if shared.settings.sip_echo_canceller:
            self._echo = LineEcho(lambda: Canceller(stream.rate), stream.rate)
        self._side: SideRoom | None = None
        if has_side_room(spec):
            self._side = SideRoom(shared.settings.api_key, spec, stream.rate)
        self._beside: asyncio.Task[None] | None = None
        self._on_hold = spec.attributes.get(ON_HOLD) == ON
        self._keys = KeyQueue(self._press)
        stream.on_key = self._keys.press

    async def join(self, *, url: str = "", ready_token: str = "") -> RoomConnection:
        """Raises rtc.ConnectError or TimeoutError."""
        self._url = url or self._url
        made = ready_token or token(self._shared.settings.api_key, self.spec)
        return await self._connect(made, JOIN_SECONDS)

    def join_again(self, *, url: str = "") -> None:
        """Take the place of one whose worker has died. It takes as long as it takes; `reports` say
        how it went."""
        self._url = url or self._url
        self._rejoining = asyncio.create_task(self._rejoin(None))

    @property
    def connection(self) -> RoomConnection | None:
        return self._connection

    @property
    def attributes(self) -> Mapping[str, str]:
        """The participant's attributes, with what others changed while it is connected."""
        if self._connection is not None and self._connection.connected:
            return {**self._attributes, **self._connection.attributes}
        return self._attributes

    def key(self, digit: str) -> None:
        """The phone has pressed a key, and said so by signalling."""
        self._stream.key_by_info(digit)

    def enter(self, how: Entered) -> None:
        """The phone is there: from now on it hears the room as it is, and is heard. Where it was
        heard early, what the room has said meanwhile is not for it."""
        answers = not how.early and (self.entered.early or not self._ticking)
        self.entered = how
        self._stream.reporter.holes.expect(how.from_phone, time.monotonic())
        if answers and self._connection is not None:
            self._connection.begin_sound(joins_others=how.joins_others)
        if self._side is not None and self._beside is None and not how.early:
            self._beside = asyncio.create_task(self._side.run(self._url))
        if not self._ticking:
            self._ticking = True
            self._shared.clock.add(self, self._tick)

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        self._attributes.update(attributes)
        if self._connection is not None:
            self._connection.set_attributes(attributes)

    async def leave(self, reason: int = Reason.CLIENT_INITIATED) -> None:
        self._closed = True
        self._shared.clock.remove(self)
        await end(self._rejoining, self._beside)
        await self._keys.aclose()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose(cast("Reason.ValueType", reason))

    def _tick(self) -> None:
        how = self.entered
        spoken = self._stream.listen()
        connection = self._connection
        heard: Pcm = self._silence
        if connection is not None:
            speaks = how.from_phone and not self._on_hold
            connection.say(self._without_echo(spoken if speaks else None))
            heard = self._heard(connection.heard())
        told: Pcm | None = None
        if how.to_phone:
            told = self._stream.speak(heard if how.hears_room else self._silence)
        else:
            self._stream.pause()
        if self._echo is not None:
            self._echo.sent(self._silence if told is None else told)

    def _heard(self, room: Pcm) -> Pcm:
        """With what is whispered to a person who has the call by this telephone. A caller on hold
        hears music, which is for nobody else."""
        heard = self._silence if self._on_hold else room
        whispered = self._side.heard() if self._side is not None else []
        return mix([heard, *whispered], self._silence) if whispered else heard

    def _changed(self) -> None:
        self._on_hold = self.attributes.get(ON_HOLD) == ON
        self._reports.attributes(self.attributes)

    def _without_echo(self, spoken: Pcm | None) -> Pcm:
        pcm = self._silence if spoken is None else spoken
        return pcm if self._echo is None else self._echo.without(pcm)

    async def _press(self, digit: str) -> bool:
        return self._connection is not None and await self._connection.press(digit)

    async def _connect(
        self, with_token: str, within: float | None, *, again: bool = False
    ) -> RoomConnection:
        listener = Listener(
            key=self._stream.press,
            sound=self._reports.sound,
            end_call=self._reports.end_call,
            remote_headers=lambda: self.remote_headers,
            company=lambda: self._reports.company(connection.has_agent),
            attributes=self._changed,
        )
        connection = RoomConnection(
            listener,
            rate=self._stream.rate,
            after=self._before,
            agent=self.spec.expects_agent,
        )
        connection.listener.lost = lambda final: self._lost(connection, final)
        if again:
            connection.expect_twin()
        try:
            await connection.connect(self._url, with_token, within=within)
        except BaseException:
            await connection.aclose()
            raise
        self._connection, self._before = connection, None
        self._reports.company(connection.has_agent)
        return connection

    def _lost(self, connection: RoomConnection, final: bool) -> None:
        if self._closed or connection is not self._connection:
            return
        if final:
            self._reports.gone(connection.removed)
        elif self._rejoining is None:
            self._rejoining = asyncio.create_task(self._rejoin(connection))

    async def _rejoin(self, old: RoomConnection | None) -> None:
        since = time.monotonic()
        log.info("room.lost", call=self.spec.room)
        if old is not None:
            if await listens(self._url) and await old.recovers(GRACE_SECONDS):
                self._back(since)
                return
            self._connection, self._before = None, old
            # Not waited for: the SDK may be stuck in an attempt of its own for seconds.
            self._shared.tasks.spawn(old.aclose())
        while not await self._try_again():
            if time.monotonic() - since > self._shared.settings.sip_rejoin_for:
                log.warning("room.given_up", call=self.spec.room)
                self._reports.gone(False)
                return
            await asyncio.sleep(RETRY_SECONDS)
        self._back(since)

    def _back(self, since: float) -> None:
        """In the room again, by a connection of ours or because the SDK has mended the old one,
        maybe in a room that was made anew and knows nothing of the call."""
        self._rejoining = None
        self.set_attributes(self._attributes)
        self._reports.rejoined(time.monotonic() - since)

    async def _try_again(self) -> bool:
        if not await listens(self._url):
            return False
        try:
            # Without a limit: two attempts under way would throw each other out of the room.
            again = token(self._shared.settings.api_key, self.spec, again=True)
            await self._connect(again, None, again=True)
        except Exception as error:
            log.info("room.still_away", call=self.spec.room, error=repr(error))
            return False
        return True
