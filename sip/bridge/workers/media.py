"""A call's sound and room as signalling sees them: one place in whichever worker has the call.

Everything that a worker has to know is kept here too, so that another one can take the call over
when the first has died: the socket, the last offer or answer, how the phone takes part."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import time
from collections.abc import Callable, Mapping

import structlog
from livekit.protocol.models import DisconnectReason
from msgspec.structs import replace

from sip.bridge.media.address import Address
from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.packet import Sender
from sip.bridge.media.ports import Ports
from sip.bridge.media.srtp.session import REPORTS_AHEAD
from sip.bridge.media.stream import Remote
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.workers.pool import Found, Pool, WorkerLink
from sip.bridge.workers.protocol import (
    Agreed,
    Aim,
    AttributesChanged,
    Close,
    Closed,
    Company,
    Down,
    EndCall,
    Enter,
    Entered,
    Figures,
    FirstPacket,
    Gone,
    Joined,
    Keep,
    Key,
    NotJoined,
    Open,
    Press,
    Pressed,
    Progress,
    Rejoined,
    Reported,
    SetAttributes,
    SetHeaders,
    Sound,
    Up,
)
from sip.bridge.workers.takeover import Takeover

log = structlog.get_logger()

CLOSE_SECONDS = 6.0
"""A worker takes 3.5 s at most to leave a room whose server does not answer."""


class NotJoinedError(Exception):
    """The room cannot be joined; the text says why."""


class Media:
    """Opens the port of the call's sound, unless it is `bound` already; raises NoPortError when
    none is left."""

    def __init__(
        self,
        pool: Pool,
        ports: Ports,
        call: str,
        spec: ParticipantSpec,
        bound: socket.socket | None = None,
    ) -> None:
        self.call = call
        self.spec = spec
        self.sound = asyncio.Event()
        self.gone = asyncio.Event()
        """The room does not want the call any more, or could not be reached for too long."""
        self.hung_up_on = False
        """Gone because the agent removed the phone from the room."""
        self.first_packet = asyncio.Event()
        self.has_agent = False
        self.room: Joined | None = None
        """Who the phone is in its room."""
        self.figures = self._before = Figures(sender=Sender())
        self.on_end_call: Callable[[Mapping[str, str]], None] = lambda headers: None
        self.on_rejoined: Callable[[float], None] = lambda after: None
        self.on_reported: Callable[[bytes, Address, bool], None] = lambda report, peer, sent: None
        self._pool = pool
        self._ports = ports
        if bound is None:
            self._socket, self.port = ports.open()
        else:
            self._socket, self.port = bound, ports.adopt(bound)
        self._link: WorkerLink | None = None
        self._figures_at = time.monotonic()
        self._attributes: dict[str, str] = dict(spec.attributes)
        self.rate = SAMPLE_RATE
        """Samples a second between the phone and the room, for the whole call; said before it
        joins."""
        self._takeover = Takeover()
        self._pressed = asyncio.Event()
        self._pressed.set()
        self._joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    def found(cls, pool: Pool, ports: Ports, found: Found) -> Media:
        """Of a call that a worker has from an earlier signalling process."""
        held, opened = found.held, found.held.opened
        media = cls(pool, ports, held.call, opened.spec, found.take_socket())
        media.room, media.has_agent = held.joined, held.agent
        media.rate = opened.rate
        media._takeover = Takeover.of(opened, held.state)
        media._joined.set_result(None)
        media._note(held.figures)
        if held.sound:
            media.sound.set()
        if media.figures.received:
            media.first_packet.set()
        media._link = found.link
        found.link.calls[media.call] = media
        return media

    def catch_up(self, found: Found) -> None:
        """With what the worker has said since it was asked what it has."""
        for message in found.later:
            self.receive(message)

    @property
    def socket(self) -> int:
        return self._socket.fileno()

    @property
    def attributes(self) -> Mapping[str, str]:
        """The participant's attributes, with what others have changed."""
        return self._attributes

    @property
    def entered(self) -> Entered:
        return self._takeover.takes_part

    async def join(self, *, url: str = "", token: str = "") -> Joined:
        """Raises NotJoinedError."""
        self._takeover.url, self._takeover.token = url, token
        self._pool.place(self)
        await self._joined
        assert self.room is not None
        return self.room

    def aim(self, remote: Remote, *, agreed: bool = True) -> None:
        """Follow an offer or answer. Until it is `agreed` (by the ACK, where the offer was theirs)
        a new address is sent nothing: what is said meanwhile is held back."""
        self._takeover.remote, self._takeover.agreed = remote, agreed
        self._tell(Aim(call=self.call, remote=remote, agreed=agreed))

    def agreed(self) -> None:
        """The ACK has come."""
        self._takeover.agreed = True
        self._tell(Agreed(call=self.call))

    def enter(self, *, joins_others: bool = False) -> None:
        """The phone is there: from now on it hears the room as it is, and is heard."""
        self._change(Entered(joins_others=joins_others))

    def enter_early(self, *, to_phone: bool, from_phone: bool) -> None:
        """The phone has not answered yet: it may be heard, and hears silence or nothing."""
        early = Entered(to_phone=to_phone, from_phone=from_phone, hears_room=False, early=True)
        self._change(early)

    def direct(self, *, to_phone: bool, from_phone: bool) -> None:
        self._change(replace(self.entered, to_phone=to_phone, from_phone=from_phone))

    def hears_room(self, hears: bool) -> None:
        """Whether the phone hears the room; else silence, such as while keys are dialled for it."""
        self._change(replace(self.entered, hears_room=hears))

    def keep(self, state: bytes) -> None:
        """What signalling has to know to go on with the call after its own death; given to
        `found` then."""
        if state != self._takeover.state:
            self._takeover.state = state
            self._tell(Keep(call=self.call, state=state))

    async def press(self, keys: str) -> None:
        """Send keys to the phone, if it understands telephone events; returns when it has them."""
        self._pressed.clear()
        self._tell(Press(call=self.call, keys=keys))
        await self._pressed.wait()

    def key(self, digit: str) -> None:
        """The phone has pressed a key, and said so by signalling."""
        self._tell(Key(call=self.call, digit=digit))

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        self._attributes.update(attributes)
        self._tell(SetAttributes(call=self.call, attributes=attributes))

    def set_status(self, status: str) -> None:
        self.set_attributes({"sip.callStatus": status})

    def set_headers(self, headers: Mapping[str, str]) -> None:
        """What whoever asks the participant for the phone's headers is told."""
        self._takeover.headers = headers
        self._tell(SetHeaders(call=self.call, headers=headers))

    async def close(self, reason: int = DisconnectReason.CLIENT_INITIATED) -> None:
        """Leave the room and give the port back; `figures` are the last ones then."""
        if self._socket.fileno() < 0:
            return
        try:
            if self._link is not None:
                self._tell(Close(call=self.call, reason=reason))
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._closed
        except TimeoutError:
            log.warning("call.worker_does_not_answer", id=self.call)
        finally:
            self._pool.forget(self)
            self._link = None
            self._socket.close()
            self._ports.release(self.port)

    def receive(self, message: Up) -> None:
        """Of the worker that has the call."""
        match message:
            case Joined():
                self.room = message
                _settle(self._joined, None)
            case NotJoined():
                _settle(self._joined, NotJoinedError(message.why))
            case Sound():
                self.sound.set()
            case Company():
                self.has_agent = message.agent
            case Gone():
                self.hung_up_on = message.removed
                self.gone.set()
            case FirstPacket():
                self.first_packet.set()
            case Pressed():
                self._pressed.set()
            case EndCall():
                self.on_end_call(message.headers)
            case AttributesChanged():
                self._attributes.update(message.attributes)
            case Rejoined():
                self.on_rejoined(message.after)
            case Reported():
                self.on_reported(message.report, (message.host, message.port), message.sent)
            case Progress() | Closed():
                self._note(message.figures)
                if isinstance(message, Closed):
                    _settle(self._closed, None)

    def worker_lost(self) -> None:
        """Another one takes the call, as soon as there is one."""
        self._link = None
        self._pressed.set()
        self._before = self.figures
        if not self._closed.done():
            self._pool.place(self)

    def opened(self, link: WorkerLink) -> Open:
        """What the worker that takes the call is told; it has it from now on."""
        self._link = link
        sender = self.figures.sender
        if self.room is not None:
            sender = sender.after(time.monotonic() - self._figures_at)
        spec = dataclasses.replace(self.spec, attributes=dict(self._attributes))
        opened = self._takeover.opened(self.call, spec, joined=self.room, sender=sender)
        reports = self.figures.reports + REPORTS_AHEAD if self.room is not None else 0
        return replace(opened, rate=self.rate, heard=self.figures.heard, reports=reports)

    def _change(self, entered: Entered) -> None:
        if entered != self._takeover.entered:
            self._takeover.entered = entered
            self._tell(Enter(call=self.call, how=entered))

    def _tell(self, message: Down) -> None:
        if self._link is not None:
            self._link.tell(message)

    def _note(self, figures: Figures) -> None:
        self.figures = figures.after(self._before)
        self._figures_at = time.monotonic()


def _settle(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
