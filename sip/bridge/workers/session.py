"""One call in its worker: the phone's sound on one side, the room on the other."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import structlog

from sip.bridge.media.address import Address
from sip.bridge.media.rtcp.as_json import as_json
from sip.bridge.media.rtcp.packets import Report
from sip.bridge.media.stream import RtpStream
from sip.bridge.room.connection import RoomConnection
from sip.bridge.workers.participant import Reports, Shared, SipParticipant
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
    Figures,
    FirstPacket,
    Gone,
    Held,
    Joined,
    Keep,
    Key,
    NotJoined,
    Open,
    Press,
    Pressed,
    Rejoined,
    Reported,
    SetAttributes,
    SetHeaders,
    Sound,
    Up,
)

log = structlog.get_logger()

KEY_POLL_SECONDS = 0.05


class Session:
    def __init__(
        self, shared: Shared, opened: Open, stream: RtpStream, tell: Callable[[Up], None]
    ) -> None:
        self._shared = shared
        self._opened = opened
        self._tell = tell
        self.call = call = opened.call
        self._agent = False
        self._sound = False
        self._joined: Joined | None = opened.joined
        self._state = opened.state
        self.stream = stream
        reports = Reports(
            sound=self._heard_somebody,
            company=self._company,
            gone=lambda removed: tell(Gone(call=call, removed=removed)),
            end_call=lambda headers: tell(EndCall(call=call, headers=headers)),
            attributes=lambda found: tell(AttributesChanged(call=call, attributes=found)),
            rejoined=lambda after: tell(Rejoined(call=call, after=after)),
        )
        self._participant = SipParticipant(shared, stream, opened.spec, reports)
        self._participant.remote_headers = opened.headers
        if shared.settings.sip_hep is not None:
            stream.rtcp.on_report = self._reported
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls, shared: Shared, opened: Open, bound: socket.socket, tell: Callable[[Up], None]
    ) -> Session:
        if opened.joined is not None:
            _drop_what_waits(bound)
        stream = RtpStream(bound, opened.sender, heard=opened.heard, reports=opened.reports)
        stream.set_rate(opened.rate)
        session = cls(shared, opened, stream, tell)
        if opened.remote is not None:
            session.stream.aim(opened.remote, answered=opened.agreed)
        await session.stream.start()
        session._begin()
        return session

    @property
    def socket(self) -> int:
        """The number of the one that the phone's sound comes by."""
        return self.stream.socket

    @property
    def figures(self) -> Figures:
        stream = self.stream
        return Figures(
            sender=stream.sender,
            codec=stream.codec_name,
            received=stream.reception.received,
            lost=stream.reception.lost,
            late=stream.late_or_skipped,
            sent=stream.sent,
            jitter_ms=stream.reception.jitter_ms,
            strangers=stream.strangers.packets,
            stranger=stream.strangers.host,
            unreadable=stream.unreadable,
            heard=stream.protection.heard,
            reports=stream.protection.reports,
            heard_at=stream.heard_at,
            quality=stream.figures(),
        )

    @property
    def held(self) -> Held:
        """All that signalling has to know to go on with the call."""
        return Held(
            call=self.call,
            opened=self._opened,
            joined=self._joined,
            state=self._state,
            figures=self.figures,
            sound=self._sound,
            agent=self._agent,
        )

    def take(self, message: Down) -> None:
        self._note(message)
        match message:
            case Keep():
                self._state = message.state
            case Aim():
                self.stream.aim(message.remote, answered=message.agreed)
            case Agreed():
                self.stream.answered()
            case Enter():
                self._participant.enter(message.how)
            case Press():
                self._spawn(self._press(message.keys))
            case Key():
                self._participant.key(message.digit)
            case SetAttributes():
                self._participant.set_attributes(message.attributes)
            case SetHeaders():
                self._participant.remote_headers = message.headers

    def _note(self, message: Down) -> None:
        """What another worker would have to be told."""
        change: dict[str, object] = {}
        match message:
            case Aim():
                change = {"remote": message.remote, "agreed": message.agreed}
            case Agreed():
                change = {"agreed": True}
            case Enter():
                change = {"entered": message.how}
            case SetHeaders():
                change = {"headers": message.headers}
            case SetAttributes():
                attributes = {**self._opened.spec.attributes, **message.attributes}
                change = {"spec": dataclasses.replace(self._opened.spec, attributes=attributes)}
        self._opened = msgspec.structs.replace(self._opened, **change)

    async def close(self, close: Close) -> None:
        """Leave the room, and say what the call's sound was like."""
        self.stream.reporter.holes.expect(False, time.monotonic())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._participant.leave(close.reason)
        figures = self.figures
        self.stream.close()
        self._tell(Closed(call=self.call, figures=figures))

    def _begin(self) -> None:
        opened = self._opened
        if opened.entered is not None:
            self._participant.enter(opened.entered)
        self._spawn(self._first_packet())
        if opened.joined is not None:
            self._participant.join_again(url=opened.url)
        else:
            self._spawn(self._join())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _join(self) -> None:
        opened = self._opened
        try:
            connection: RoomConnection = await self._participant.join(
                url=opened.url, ready_token=opened.token
            )
        except Exception as error:
            self._tell(NotJoined(call=self.call, why=str(error) or repr(error)))
            return
        self._joined = Joined(
            call=self.call,
            sid=connection.sid,
            identity=connection.identity,
            has_others=connection.has_others,
        )
        self._tell(self._joined)

    async def _first_packet(self) -> None:
        await self.stream.first_packet.wait()
        self._tell(FirstPacket(call=self.call))

    async def _press(self, keys: str) -> None:
        self.stream.press(keys)
        while self.stream.pressing:  # noqa: ASYNC110 - the clock empties it
            await asyncio.sleep(KEY_POLL_SECONDS)
        self._tell(Pressed(call=self.call))

    def _heard_somebody(self) -> None:
        self._sound = True
        self._tell(Sound(call=self.call))

    def _reported(self, report: Report, peer: Address, sent: bool) -> None:
        host, port = peer
        self._tell(
            Reported(call=self.call, report=as_json(report), host=host, port=port, sent=sent)
        )

    def _company(self, agent: bool) -> None:
        if agent is not self._agent:
            self._agent = agent
            self._tell(Company(call=self.call, agent=agent))


def _drop_what_waits(bound: socket.socket) -> None:
    """What the phone has said while nobody listened is too old to be heard."""
    while True:
        try:
            bound.recv(1)
        except BlockingIOError:
            return
