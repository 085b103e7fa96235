"""A phone that is called: it rings, answers, refuses, is referred, as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from dialplans.process.background import Tasks
from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.media.address import Ours
from sip.bridge.media.codecs.resample import silence
from sip.bridge.media.g711 import Pcm
from sip.bridge.media.stream import RtpStream
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import Spoken
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import CONTENT_TYPE, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Challenger, Login, Verdict
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.caller import Phones, phones, purity
from tests.sip.bridge.descriptions import LAWS
from tests.sip.bridge.streams import close_stream, open_stream


@dataclass(eq=False)
class Callee:
    line: Phones
    answers: bool = True
    rings_for: float = 0.0
    speaks_early: bool = False
    """It is heard while it rings: 183 with its description."""
    answer_repeats: bool = True
    """Whether its 200 says again what its 183 has said."""
    refuse_with: int = 0
    muted: bool = False
    media_port: int = 0
    """The port in its answer, where that is not its own."""
    codecs: tuple[int, ...] = LAWS
    encryption: Encryption = Encryption.OFF
    login: Login | None = None
    transfer_result: int = 200
    invites: list[Request] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    heard: list[Pcm] = field(default_factory=list)
    playing: list[Pcm] = field(default_factory=list)
    cancelled: bool = False
    proved: bool = False
    refer: Request | None = None
    bye: asyncio.Event = field(default_factory=asyncio.Event)
    dialog: Dialog | None = None
    stream: RtpStream | None = None
    _challenger: Challenger = field(default_factory=Challenger)
    _tasks: Tasks = field(default_factory=Tasks)
    _position: int = 0

    @property
    def address(self) -> tuple[str, int]:
        return self.line.endpoint.transport.address

    def invited(self, transaction: ServerTransaction) -> None:
        self.invites.append(transaction.request)
        transaction.respond(100)
        if self.login is not None and not self._proves(transaction, self.login):
            return
        if not self.speaks_early:
            transaction.respond(180)
        if self.speaks_early:
            self._tasks.spawn(self._speak_early(transaction))
        elif self.refuse_with:
            transaction.respond(self.refuse_with)
        elif self.answers:
            self._tasks.spawn(self._answer(transaction))
        else:
            transaction.on_cancel = lambda: self._cancelled(transaction)

    def _proves(self, transaction: ServerTransaction, login: Login) -> bool:
        request = transaction.request
        given = request.header("proxy-authorization")
        call_id = request.call_id
        verdict = self._challenger.verify(login, given, method="INVITE", call_id=call_id)
        self.proved = verdict is Verdict.RIGHT
        if not self.proved:
            challenge = self._challenger.challenge(login, call_id)
            transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])
        return self.proved

    def _cancelled(self, transaction: ServerTransaction) -> None:
        self.cancelled = True
        transaction.respond(487)

    async def _speak_early(self, transaction: ServerTransaction) -> None:
        headers, body = await self._described(transaction)
        self._acknowledged()
        transaction.respond(183, headers=headers, body=body)
        self.line.clock.add(self, self._tick)
        await asyncio.sleep(self.rings_for)
        if self.refuse_with:
            transaction.respond(self.refuse_with)
        elif self.answers:
            self._up(transaction)
            more = (headers, body) if self.answer_repeats else (headers[:1], b"")
            transaction.respond(200, headers=more[0], body=more[1])

    async def _answer(self, transaction: ServerTransaction) -> None:
        await asyncio.sleep(self.rings_for)
        headers, body = await self._described(transaction)
        self._up(transaction)
        transaction.respond(200, headers=headers, body=body)
        self.line.clock.add(self, self._tick)

    async def _described(
        self, transaction: ServerTransaction
    ) -> tuple[list[tuple[str, str]], bytes]:
        self.stream = await open_stream(self.line.ports)
        self.stream.on_key = self.keys.append
        local = Local("127.0.0.1", self.media_port or self.stream.port)
        negotiation = Negotiation(local, Spoken(self.codecs), self.encryption)
        self.stream.set_rate(negotiation.rate)
        allowed = Allowed(Ours(), transaction.flow.peer[0])
        agreed = negotiation.answer(parse(transaction.request.text), allowed)
        self.stream.aim(allowed.remote(agreed), answered=False)
        contact = ("Contact", self.line.endpoint.contact(transaction.flow))
        return [contact, ("Content-Type", CONTENT_TYPE)], negotiation.said

    def _up(self, transaction: ServerTransaction) -> None:
        self.dialog = Dialog.answering(self.line.endpoint, transaction)
        self.dialog.handlers.bye = self.bye.set
        self.dialog.handlers.refer = self._referred
        self.dialog.handlers.ack = lambda ack: self._acknowledged()

    def _acknowledged(self) -> None:
        assert self.stream is not None
        self.stream.answered()

    def _tick(self) -> None:
        assert self.stream is not None
        pcm = self.stream.listen()
        if pcm is not None:
            self.heard.append(pcm)
        if self.muted:
            return
        frame = silence(self.stream.rate)
        if self.playing:
            frame = self.playing[self._position % len(self.playing)]
            self._position += 1
        self.stream.speak(frame)

    def heard_tone(self, hz: float) -> float:
        if not self.heard or self.stream is None:
            return 0.0
        return purity(np.concatenate(self.heard[-40:]), hz, self.stream.rate)

    def _referred(self, transaction: ServerTransaction) -> None:
        self.refer = transaction.request
        transaction.respond(202)
        self._tasks.spawn(self._notify())

    async def _notify(self) -> None:
        assert self.dialog is not None
        for code in (100, self.transfer_result):
            headers = [
                ("Event", "refer"),
                ("Subscription-State", "active"),
                ("Content-Type", "message/sipfrag"),
            ]
            body = f"SIP/2.0 {code} So it went\r\n".encode()
            await self.dialog.ask("NOTIFY", headers=headers, body=body).final()

    async def hang_up(self) -> None:
        self.line.clock.remove(self)
        if self.dialog is not None:
            await self.dialog.bye()

    async def aclose(self) -> None:
        await self.hang_up()
        await self._tasks.aclose()
        if self.stream is not None:
            close_stream(self.line.ports, self.stream)


@contextlib.asynccontextmanager
async def callee(certificates: Certificates | None = None) -> AsyncIterator[Callee]:
    async with phones(certificates=certificates) as line:
        made = Callee(line)
        line.endpoint.on_invite = made.invited
        try:
            yield made
        finally:
            await made.aclose()
