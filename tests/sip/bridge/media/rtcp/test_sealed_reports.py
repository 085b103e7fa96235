"""Reports on encrypted sound, and reports by the port of the sound: a telephone with libsrtp."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from pylibsrtp import Error, Policy, Session

from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.media.address import Address, Ours
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.g711 import FRAME, SILENCE
from sip.bridge.media.packet import Packet, is_rtcp
from sip.bridge.media.packet import build as rtp
from sip.bridge.media.ports import Ports
from sip.bridge.media.rtcp.packets import Block, Report, build, parse
from sip.bridge.media.srtp.suites import SUITES, Keys, Suite
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import parse as parse_sdp
from tests.sip.bridge.streams import open_stream
from tests.stack.free_ports import free_udp_range

HERE = "127.0.0.1"
SSRC = 77
WAIT = 2.0
CM_80 = SUITES["AES_CM_128_HMAC_SHA1_80"]


@dataclass
class SecurePhone:
    """Encrypts and decrypts with libsrtp itself, and with the keys of a description."""

    suite: Suite = CM_80
    mux: bool = False
    ours: bytes = b""
    theirs: bytes = b""
    sound: socket.socket = field(init=False)
    reports: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.ours, self.theirs = self.suite.new_key(), self.suite.new_key()
        self.sound, self.reports = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.sound, self.reports):
            one.bind((HERE, 0))
            one.setblocking(False)
        self.rekey()

    def rekey(self) -> None:
        profile = self.suite.profile
        out, inn = Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND
        self.seals = Session(Policy(key=self.ours, ssrc_type=out, srtp_profile=profile))
        self.opens = Session(Policy(key=self.theirs, ssrc_type=inn, srtp_profile=profile))

    def close(self) -> None:
        self.sound.close()
        self.reports.close()

    @property
    def keys(self) -> Keys:
        """As the leg has them."""
        return Keys(self.suite, self.theirs, self.ours)

    def remote(self, keys: Keys | None) -> Remote:
        return Remote(
            self.sound.getsockname(),
            PayloadTypes.static(0, 101),
            frozenset({HERE}),
            rtcp=self.reports.getsockname(),
            keys=keys,
            rtcp_mux=self.mux,
        )

    def speak(self, stream: RtpStream, packets: int) -> None:
        for index in range(packets):
            data = rtp(Packet(0, index, index * FRAME, SSRC, bytes(FRAME)))
            self.sound.sendto(self.seals.protect(data), (HERE, stream.port))

    def report(self, stream: RtpStream, data: bytes) -> None:
        by, port = (self.sound, stream.port) if self.mux else (self.reports, stream.port + 1)
        by.sendto(data, (HERE, port))

    async def heard(self) -> bytes:
        """The next report, as it came."""
        by = self.sound if self.mux else self.reports
        async with asyncio.timeout(WAIT):
            while True:
                data = await asyncio.get_running_loop().sock_recv(by, 2048)
                if is_rtcp(data):
                    return data


@pytest.fixture
async def stream() -> AsyncIterator[RtpStream]:
    made = await open_stream(Ports(HERE, PortRange(*free_udp_range(4))))
    yield made
    made.close()
    await asyncio.sleep(0)


async def until(stream: RtpStream, *, received: int = 0, reports: int = 0) -> None:
    async with asyncio.timeout(WAIT):
        while stream.reception.received < received or stream.reporter.reports < reports:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("mux", [False, True], ids=["a port of its own", "the port of the sound"])
@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
async def test_reports_of_encrypted_sound_are_encrypted_both_ways(
    stream: RtpStream, suite: Suite, mux: bool
) -> None:
    phone = SecurePhone(suite, mux)
    stream.aim(phone.remote(phone.keys))
    phone.speak(stream, 3)
    await until(stream, received=3)
    stream.speak(SILENCE)
    stream.rtcp.say()
    wire = await phone.heard()
    report = parse(phone.opens.unprotect_rtcp(wire))
    about = Block(stream.sender.ssrc, 0.0, 0, 1, 80)
    answer = build(Report(SSRC, blocks=(about,)))
    phone.report(stream, answer)  # in the clear: nobody's
    phone.report(stream, phone.seals.protect_rtcp(answer))
    await until(stream, reports=1)
    phone.close()

    assert report is not None
    assert report.sent is not None
    assert report.cname.encode() not in wire
    assert [block.ssrc for block in report.blocks] == [SSRC]
    assert stream.reporter.reports == 1
    assert stream.figures()["jitter_sent_ms"] == 10.0


async def test_reports_go_on_under_a_new_key_as_another_source(stream: RtpStream) -> None:
    """After a re-INVITE with new keys, each side's reports name what it sends now."""
    phone = SecurePhone()
    stream.aim(phone.remote(phone.keys))
    phone.speak(stream, 1)
    await until(stream, received=1)
    stream.speak(SILENCE)
    stream.rtcp.say()
    first = parse(phone.opens.unprotect_rtcp(await phone.heard()))
    phone.ours, phone.theirs = CM_80.new_key(), CM_80.new_key()
    phone.rekey()
    stream.aim(phone.remote(phone.keys))
    phone.speak(stream, 5)
    await until(stream, received=2)
    stream.speak(SILENCE)
    stream.rtcp.say()
    second = parse(phone.opens.unprotect_rtcp(await phone.heard()))
    phone.close()

    assert first is not None
    assert second is not None
    assert second.ssrc == stream.sender.ssrc != first.ssrc
    assert second.sent is not None
    assert second.sent.packets == 1


async def test_the_next_worker_uses_no_number_of_a_report_again(stream: RtpStream) -> None:
    """libsrtp drops what came before, and would drop the reports of a worker that began anew."""
    phone = SecurePhone()
    stream.aim(phone.remote(phone.keys))
    phone.speak(stream, 1)
    await until(stream, received=1)
    for _ in range(20):
        stream.speak(SILENCE)
        stream.rtcp.say()
    for _ in range(20):
        phone.opens.unprotect_rtcp(await phone.heard())
    told, sender = stream.protection.reports, stream.sender
    bound = socket.socket(type=socket.SOCK_DGRAM)
    bound.bind((HERE, 0))
    bound.setblocking(False)
    next_one = RtpStream(bound, sender.after(0.5), reports=told)
    await next_one.start()
    next_one.aim(phone.remote(phone.keys))
    next_one.speak(SILENCE)
    next_one.rtcp.say()
    report = parse(phone.opens.unprotect_rtcp(await phone.heard()))
    next_one.close()
    phone.close()

    assert told == 20
    assert report is not None
    assert report.ssrc == sender.ssrc


async def test_reports_by_the_other_port_are_nobodys_once_they_share_one(
    stream: RtpStream,
) -> None:
    phone = SecurePhone(mux=True)
    stream.aim(phone.remote(None))
    phone.sound.sendto(rtp(Packet(0, 1, 1, SSRC, bytes(FRAME))), (HERE, stream.port))
    await until(stream, received=1)
    report = build(Report(SSRC))
    phone.reports.sendto(report, (HERE, stream.port + 1))
    phone.sound.sendto(report, (HERE, stream.port))
    await until(stream, reports=1)
    with pytest.raises(Error):
        phone.opens.unprotect_rtcp(report)
    phone.close()

    assert stream.reporter.reports == 1
    assert stream.strangers.packets == 0


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("", ("198.51.100.7", 40001)),
        ("a=rtcp:41000", ("198.51.100.7", 41000)),
        ("a=rtcp:41000 IN IP4 198.51.100.7", ("198.51.100.7", 41000)),
        ("a=rtcp:41000 IN IP4 198.51.100.20", ("198.51.100.20", 41000)),  # the signalling's
        ("a=rtcp:41000 IN IP4 203.0.113.9", None),  # a third: nobody is sent reports by others
        ("a=rtcp:53", None),
        ("a=rtcp:41000 IN IP4 media.example", None),
        ("a=rtcp:nonsense", ("198.51.100.7", 40001)),
    ],
)
def test_reports_go_where_the_description_wants_them(line: str, where: Address | None) -> None:
    text = (
        "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
        f"m=audio 40000 RTP/AVP 0\r\n{line}\r\n"
    )
    allowed = Allowed(Ours(bound="198.51.100.1"), "198.51.100.20")
    negotiation = Negotiation(Local("198.51.100.1", 20000))
    remote = allowed.remote(negotiation.answer(parse_sdp(text), allowed))

    assert remote.rtcp == where
