"""A phone that a test plays: it says and records exactly what the test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.media.address import Ours
from sip.bridge.media.clock import Clock
from sip.bridge.media.codecs.resample import WIDE_RATE, silence
from sip.bridge.media.g711 import Pcm
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import CODECS, Spoken
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import parse
from sip.bridge.signalling.client_transaction import ClientTransaction, derived
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Login, answer
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Request, new_tag
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard, Limits
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.descriptions import CONTENT_TYPE, LAWS, Local, describe, remote_in
from tests.sip.bridge.streams import close_stream, open_stream
from tests.stack.free_ports import free_udp_range

ANYTHING = Limits.of(calls=1e9, messages=1e9, octets=1e9, stranger_octets=1e9)
TONE_HZ = 1000


def tone(hz: float, frames: int = 50, loudness: int = 12000, rate: int = 8000) -> list[Pcm]:
    samples = np.arange(frames * rate // 50) / rate
    wave = (np.sin(2 * np.pi * hz * samples) * loudness).astype(np.int16)
    return list(wave.reshape(frames, -1))


def purity(pcm: Pcm, hz: float, rate: int = 8000) -> float:
    """How much of the energy is at this frequency, from 0 to 1; 0 for silence."""
    if len(pcm) < rate // 10:
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm.astype(float) * np.hanning(len(pcm)))) ** 2
    total = spectrum.sum()
    if total / len(pcm) < 1e5:
        return 0.0
    peak = round(hz * len(pcm) / rate)
    width = max(3, len(pcm) // 200)
    return float(spectrum[max(0, peak - width) : peak + width + 1].sum() / total)


@dataclass
class Phones:
    """Where a test's phones live: one address, many calls."""

    endpoint: Endpoint
    ports: Ports
    clock: Clock

    async def flow(self, to: Address, tcp: bool = False, tls: bool = False) -> Flow:
        transport = self.endpoint.transport
        if tls:
            return await transport.connect_tls(to, to[0])
        return await transport.connect(to) if tcp else transport.udp_flow(to)


@contextlib.asynccontextmanager
async def phones(
    address: Address = ("127.0.0.1", 0), certificates: Certificates | None = None
) -> AsyncIterator[Phones]:
    guard = Guard(ANYTHING)
    endpoint = Endpoint(address, guard=guard, agent="Phone", certificates=certificates)
    await endpoint.start()
    clock = Clock()
    made = Phones(endpoint, Ports("127.0.0.1", PortRange(*free_udp_range(200))), clock)
    try:
        yield made
    finally:
        await clock.aclose()
        await endpoint.aclose()
        await asyncio.sleep(0)  # closed transports let go of their sockets a turn later


@dataclass(eq=False)
class Caller:
    """One call of a phone. `codes` are all answers in order; `heard` is what came by RTP."""

    phones: Phones
    target: Address
    called: str
    number: str = "+4917012345"
    login: Login | None = None
    tcp: bool = False
    tls: bool = False
    scheme: str = "sip"
    encryption: Encryption = Encryption.OFF
    headers: tuple[tuple[str, str], ...] = ()
    codes: list[int] = field(default_factory=list)
    heard: list[Pcm] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    playing: list[Pcm] = field(default_factory=list)
    silent: bool = False
    acknowledges: bool = True
    bye: asyncio.Event = field(default_factory=asyncio.Event)
    took: float = 0.0
    dialog: Dialog | None = None
    answer: SipResponse | None = None
    call_id: str = field(default_factory=new_tag)
    tag: str = field(default_factory=new_tag)
    ack_body: bytes = b""
    negotiation: Negotiation | None = None
    remote: Remote | None = None
    offers: list[Request] = field(default_factory=list)
    agrees_with: tuple[tuple[str, str], ...] = ()
    """Headers of the 200 to each of `offers`."""
    stream: RtpStream = field(init=False)
    flow: Flow = field(init=False)
    invite: ClientTransaction = field(init=False)
    _position: int = 0

    async def __aenter__(self) -> Caller:
        self.stream = await open_stream(self.phones.ports)
        self.stream.on_key = self.keys.append
        self.flow = await self.phones.flow(self.target, self.tcp, self.tls)
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.hang_up()

    @property
    def local(self) -> Local:
        return Local("127.0.0.1", self.stream.port)

    def request(self, cseq: int, body: bytes, extra: tuple[tuple[str, str], ...]) -> SipRequest:
        uri = f"{self.scheme}:{self.called}@{self.target[0]}:{self.target[1]}"
        made = SipRequest(method="INVITE", uri=uri)
        made.headers.append("Via", self.phones.endpoint.via(self.flow))
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.number}@carrier.example>;tag={self.tag}"),
            ("To", f"<{uri}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} INVITE"),
            ("Contact", self.phones.endpoint.contact(self.flow)),
            *([("Content-Type", CONTENT_TYPE)] if body else []),
            *self.headers,
            *extra,
        ):
            made.headers.set_single(name, value)
        made.body = body
        return made

    def ring(self, body: bytes | None = None, extra: tuple[tuple[str, str], ...] = ()) -> None:
        """Send the INVITE and return at once."""
        self._begun = time.monotonic()
        if body is None and self.encryption is not Encryption.OFF:
            self.negotiation = Negotiation(self.local, Spoken(LAWS), self.encryption)
            body = self.negotiation.offer()
        body = describe(self.local) if body is None else body
        request = self.request(1 + len(self.codes), body, extra)
        self.invite = self.phones.endpoint.send(request, self.flow, self.target)

    async def dial(self, body: bytes | None = None) -> int:
        """Call until there is a final answer; answers a challenge once. Returns the code."""
        self.ring(body)
        code = await self.final()
        if code in (401, 407) and self.login is not None and self.codes.count(407) == 1:
            assert self.answer is not None
            proof = answer(self.login, self.answer, "INVITE", self.invite.request.uri)
            assert proof is not None
            self.ring(body, (proof,))
            code = await self.final()
        return code

    async def final(self) -> int:
        """The final answer to the INVITE that rings; 0 if none comes."""
        while True:
            async with asyncio.timeout(20):
                response = await self.invite.next()
            self.codes.append(response.status_code if response else 0)
            if response is None or response.status_code >= 200:
                break
        self.took = time.monotonic() - self._begun
        self.answer = response
        if response is not None and response.status_code == 200:
            self._up(response)
        return self.codes[-1]

    def renew(self) -> None:
        """Be a new call of the same phone."""
        self.call_id, self.tag = new_tag(), new_tag()

    def cancel(self) -> ClientTransaction:
        cancel = derived(self.invite.request, "CANCEL")
        return self.phones.endpoint.send(cancel, self.flow, self.target)

    async def provisional(self, code: int) -> SipResponse | None:
        """Wait until this code came, without a final one. None if it had come before."""
        response = None
        while code not in self.codes:
            async with asyncio.timeout(20):
                response = await self.invite.next()
            assert response is not None
            assert response.status_code < 200, response.status_code
            self.codes.append(response.status_code)
        return response

    def dialog_of(self, ringing: SipResponse) -> Dialog:
        """That a provisional answer has made."""
        return Dialog.calling(self.phones.endpoint, self.invite, ringing)

    def _up(self, response: SipResponse) -> None:
        self.dialog = Dialog.calling(self.phones.endpoint, self.invite, response)
        self.dialog.handlers.bye = self.bye.set
        self.dialog.handlers.offer = self._offered
        self.remote = self.remote_of(response)
        self.stream.aim(self.remote)
        self.phones.clock.add(self, self.tick)
        if self.acknowledges:
            self.acknowledge()

    def remote_of(self, response: SipResponse) -> Remote:
        if self.negotiation is None:
            codecs = CODECS if self.stream.rate == WIDE_RATE else LAWS
            return remote_in(response.text, self.target[0], codecs)
        allowed = Allowed(Ours(), self.target[0])
        return allowed.remote(self.negotiation.take(parse(response.text), allowed))

    def acknowledge(self) -> None:
        assert self.dialog is not None
        self.dialog.acknowledge(self.ack_body)

    def _offered(self, transaction: ServerTransaction) -> None:
        """Agree to whatever is asked, with the description of before."""
        self.offers.append(transaction.request)
        contact = ("Contact", self.phones.endpoint.contact(self.flow))
        headers = [contact, ("Content-Type", CONTENT_TYPE), *self.agrees_with]
        body = describe(self.local, payload_types=(0,))
        transaction.respond(200, headers=headers, body=body)

    def tick(self) -> None:
        pcm = self.stream.listen()
        if pcm is not None:
            self.heard.append(pcm)
        if self.silent:
            return
        frame = silence(self.stream.rate)
        if self.playing:
            frame = self.playing[self._position % len(self.playing)]
            self._position += 1
        self.stream.speak(frame)

    def heard_tone(self, hz: float, frames: int = 40) -> float:
        if not self.heard:
            return 0.0
        return purity(np.concatenate(self.heard[-frames:]), hz, self.stream.rate)

    async def reinvite(self, body: bytes) -> SipResponse:
        assert self.dialog is not None
        asked = self.dialog.ask("INVITE", headers=[("Content-Type", CONTENT_TYPE)], body=body)
        async with asyncio.timeout(10):
            response = await asked.final()
        assert response is not None
        self.dialog.acknowledge()
        return response

    async def ask(self, method: str, body: bytes, *headers: tuple[str, str]) -> SipResponse:
        """A request in the dialog, with a description if no header says otherwise."""
        assert self.dialog is not None
        kind = headers or (("Content-Type", CONTENT_TYPE),)
        async with asyncio.timeout(10):
            response = await self.dialog.ask(method, headers=kind, body=body).final()
        assert response is not None
        return response

    def switch_codec(self, codec: int) -> None:
        """Speak another one from now on, under its static number."""
        self._change(sends=codec, codec=codec)

    def expect_keys(self, payload_type: int) -> None:
        """The number under which keys come to this phone."""
        self._change(keys=frozenset((payload_type,)))

    def _change(self, **numbers: Any) -> None:
        assert self.remote is not None
        changed = replace(self.remote.payload_types, **numbers)
        self.remote = replace(self.remote, payload_types=changed)
        self.stream.aim(self.remote)

    async def hang_up(self) -> None:
        self.phones.clock.remove(self)
        if self.dialog is not None:
            await self.dialog.bye()
        close_stream(self.phones.ports, self.stream)
