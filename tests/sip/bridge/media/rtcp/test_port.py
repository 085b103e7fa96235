"""The port beside a call's sound: who is reported to, and whose reports count."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from sip.bridge.media.address import Ours, rtcp_address
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.g711 import FRAME, SILENCE
from sip.bridge.media.packet import Packet
from sip.bridge.media.packet import build as rtp
from sip.bridge.media.ports import Ports
from sip.bridge.media.rtcp.packets import Block, Report, build, middle, ntp, parse
from sip.bridge.media.source import NEAR_PACKETS
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from tests.sip.bridge.streams import open_stream
from tests.stack.free_ports import free_udp_range

HERE = "127.0.0.1"
SSRC = 77
WAIT = 2.0


class Telephone:
    """Two sockets, as telephones have them; `report` says something of the leg's sound."""

    def __init__(self, host: str = HERE) -> None:
        self.sound, self.reports = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)
        )
        for one in (self.sound, self.reports):
            one.bind((host, 0))
            one.setblocking(False)

    def close(self) -> None:
        self.sound.close()
        self.reports.close()

    @property
    def address(self) -> tuple[str, int]:
        found: tuple[str, int] = self.sound.getsockname()
        return found

    def remote(self, **more: object) -> Remote:
        facts = {"hosts": frozenset({HERE}), "rtcp": self.reports.getsockname(), **more}
        return Remote(self.address, PayloadTypes.static(0, 101), **facts)  # type: ignore[arg-type]

    def speak(self, stream: RtpStream, packets: int = 1) -> None:
        for index in range(packets):
            packet = Packet(0, index, index * FRAME, SSRC, bytes(FRAME))
            self.sound.sendto(rtp(packet), (HERE, stream.port))

    def report(self, stream: RtpStream, report: Report) -> None:
        self.reports.sendto(build(report), (HERE, stream.port + 1))

    async def heard(self) -> Report | None:
        """The next report, or None where none comes."""
        try:
            async with asyncio.timeout(WAIT):
                data = await asyncio.get_running_loop().sock_recv(self.reports, 2048)
        except TimeoutError:
            return None
        return parse(data)

    def has_heard_nothing(self) -> bool:
        for one in (self.reports, self.sound):
            try:
                one.recv(2048)
            except BlockingIOError:
                continue
            return False
        return True


@contextmanager
def telephone(host: str = HERE) -> Iterator[Telephone]:
    made = Telephone(host)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
async def stream() -> AsyncIterator[RtpStream]:
    made = await open_stream(Ports(HERE, PortRange(*free_udp_range(4))))
    yield made
    made.close()
    await asyncio.sleep(0)


async def until_received(stream: RtpStream, packets: int = 1) -> None:
    async with asyncio.timeout(WAIT):
        while stream.reception.received < packets:
            await asyncio.sleep(0.005)


async def until_reported(stream: RtpStream) -> None:
    async with asyncio.timeout(WAIT):
        while not stream.reporter.reports:
            await asyncio.sleep(0.005)


async def test_a_phone_is_told_what_was_sent_and_what_came(stream: RtpStream) -> None:
    with telephone() as phone:
        stream.aim(phone.remote())
        phone.speak(stream, 3)
        await until_received(stream, 3)
        stream.speak(SILENCE)
        stream.rtcp.say()

        report = await phone.heard()

    assert report is not None
    assert report.cname
    assert report.sent is not None
    assert (report.sent.packets, report.sent.octets) == (1, FRAME)
    assert [(block.ssrc, block.lost) for block in report.blocks] == [(SSRC, 0)]


async def test_the_round_trip_and_the_loss_of_our_sound_are_in_the_figures(
    stream: RtpStream,
) -> None:
    """The phone holds our report for half a second and says so: that is no way to go."""
    with telephone() as phone:
        stream.aim(phone.remote())
        for _ in range(10):
            stream.speak(SILENCE)
        stream.rtcp.say()
        first = await phone.heard()
        assert first is not None
        assert first.sent is not None
        held = 0.5
        await asyncio.sleep(held)
        last_sr = middle(first.sent.ntp)
        block = Block(first.ssrc, 0.1, 1, 10, 80, last_sr, delay=held)
        phone.report(stream, Report(SSRC, None, (block,), "a phone"))
        await until_reported(stream)
        found = stream.figures()

    assert 0 <= found["round_trip_ms"] < 400
    assert found["loss_sent_pct"] == 10
    assert found["jitter_sent_ms"] == 10
    assert 1 < found["mos_sent"] < 3


async def test_a_strangers_report_is_not_read(stream: RtpStream) -> None:
    """Nor one from the phone's host that neither comes from the port that it named nor names the
    source of its sound."""
    with telephone() as phone, telephone("127.0.0.2") as stranger, telephone() as neighbour:
        stream.aim(phone.remote())
        phone.speak(stream)
        await until_received(stream)
        for sender, ssrc in ((stranger, SSRC), (neighbour, SSRC + 1)):
            sender.report(stream, Report(ssrc, None, (Block(1, 1, 9, 9, 9),), "x"))
        phone.reports.sendto(b"\x80\xc9\xff\xff" + bytes(40), (HERE, stream.port + 1))
        phone.report(stream, Report(SSRC, cname="phone"))
        await until_reported(stream)

    assert stream.reporter.reports == 1


async def test_reports_follow_those_of_a_phone_behind_a_nat(stream: RtpStream) -> None:
    """What its description names is out of reach; nothing is sent on a guess."""
    with telephone() as phone:
        nobody = Remote(
            ("10.9.9.9", 4000),
            PayloadTypes.static(0, 101),
            hosts=frozenset({HERE}),
            behind_nat=True,
        )
        stream.aim(nobody)
        phone.speak(stream, NEAR_PACKETS + 1)
        await until_received(stream)
        stream.rtcp.say()
        before = phone.has_heard_nothing()
        phone.report(stream, Report(SSRC, cname="phone"))
        await until_reported(stream)
        stream.rtcp.say()

        report = await phone.heard()

    assert before
    assert report is not None


async def test_nobody_is_reported_to_before_the_ack(stream: RtpStream) -> None:
    with telephone() as phone:
        stream.aim(phone.remote(), answered=False)
        phone.speak(stream)
        await until_received(stream)
        stream.rtcp.say()
        before = phone.has_heard_nothing()
        stream.answered()
        stream.rtcp.say()

        report = await phone.heard()

    assert before
    assert report is not None


async def test_an_address_that_nobody_vouches_for_gets_no_report(stream: RtpStream) -> None:
    """A description that names somebody else's host: its sound stops after three seconds, and
    reports do not begin."""
    with telephone() as victim:
        stream.aim(victim.remote(hosts=frozenset({"127.0.0.9"})))
        for _ in range(5):
            stream.speak(SILENCE)
        stream.rtcp.say()
        await asyncio.sleep(0.05)

        assert victim.has_heard_nothing()


async def test_reports_on_the_port_of_the_sound_disturb_nobody(stream: RtpStream) -> None:
    """A phone that muxes without being asked to (RFC 5761) loses its reports, not its call."""
    with telephone() as phone:
        stream.aim(phone.remote())
        phone.sound.sendto(build(Report(SSRC, cname="phone")), (HERE, stream.port))
        phone.speak(stream)
        await until_received(stream)

    assert stream.reception.received == 1
    assert stream.strangers.packets == 0


async def test_goodbye_is_said(stream: RtpStream) -> None:
    with telephone() as phone:
        stream.aim(phone.remote())
        phone.speak(stream)
        await until_received(stream)
        stream.close()

        report = await phone.heard()

    assert report is not None
    assert report.bye


async def test_a_call_goes_on_where_somebody_has_taken_the_port_for_reports() -> None:
    low, high = free_udp_range(2)
    with telephone() as phone, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, low + 1))
        stream = await open_stream(Ports(HERE, PortRange(low, high)))
        try:
            stream.aim(phone.remote())
            phone.speak(stream)
            await until_received(stream)
            stream.rtcp.say()
        finally:
            stream.close()
        await asyncio.sleep(0)

        assert phone.has_heard_nothing()


@pytest.mark.parametrize(
    ("sound", "port", "expected"),
    [
        (("198.51.100.7", 4000), None, ("198.51.100.7", 4001)),
        (("198.51.100.7", 4000), 9000, ("198.51.100.7", 9000)),
        (("198.51.100.7", 65535), None, None),
        (("198.51.100.7", 4000), 53, None),
        (("127.0.0.1", 5059), None, None),
        (("127.0.0.1", 4000), 5060, None),
        (None, 4000, None),
    ],
)
def test_reports_go_to_no_service(
    sound: tuple[str, int] | None, port: int | None, expected: tuple[str, int] | None
) -> None:
    ours = Ours(bound="198.51.100.1", ports=frozenset({5060}))

    assert rtcp_address(sound, port, ours) == expected


def test_a_moment_is_told_to_the_65536th_of_a_second() -> None:
    now = time.time()

    assert (middle(ntp(now + 1)) - middle(ntp(now))) % (1 << 32) in (65535, 65536, 65537)
