"""Copies for a Homer: HEP 3, to the byte, and nobody waits for it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from sip.bridge.media.rtcp.as_json import as_json
from sip.bridge.media.rtcp.packets import Block, Report, Sent, ntp
from sip.bridge.runtime.hep_target import HepTarget
from sip.bridge.trace.hep import RTCP, SIP, Hep, packet
from sip.bridge.trace.ladder import Hop

AT = datetime(2026, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)
CAME = Hop(False, "UDP", "192.0.2.7", 5062)
SENT = Hop(True, "TCP", "192.0.2.7", 5062)
US = "192.0.2.1:5060"
MESSAGE = b"INVITE sip:x SIP/2.0\r\nAuthorization: Digest response=secret\r\n\r\n"


def chunks(data: bytes) -> dict[int, bytes]:
    """By their types, as a collector reads them."""
    assert data[:4] == b"HEP3"
    assert int.from_bytes(data[4:6], "big") == len(data)
    found, at = {}, 6
    while at < len(data):
        vendor, number, length = struct.unpack_from("!HHH", data, at)
        assert vendor == 0
        found[number] = data[at + 6 : at + length]
        at += length
    return found


def host(raw: bytes) -> str:
    return str(ipaddress.ip_address(raw))


def test_a_message_that_came_goes_from_its_sender_to_us() -> None:
    found = chunks(packet(SIP, b"x", (US, CAME), AT, ("a@b", 7, "pw")))

    assert (found[1], found[2]) == (bytes([2]), bytes([17]))
    assert (host(found[3]), host(found[4])) == ("192.0.2.7", "192.0.2.1")
    assert (found[7], found[8]) == ((5062).to_bytes(2, "big"), (5060).to_bytes(2, "big"))
    assert int.from_bytes(found[9], "big") == int(AT.timestamp())
    assert int.from_bytes(found[10], "big") == 250_000
    assert found[11] == bytes([1])
    assert int.from_bytes(found[12], "big") == 7
    assert (found[14], found[15], found[17]) == (b"pw", b"x", b"a@b")


def test_one_that_we_send_goes_the_other_way() -> None:
    found = chunks(packet(SIP, b"x", (US, SENT), AT, ("a@b", 7, "")))

    assert (host(found[3]), host(found[4])) == ("192.0.2.1", "192.0.2.7")
    assert found[2] == bytes([6])
    assert 14 not in found


@pytest.mark.parametrize("local", ["[2001:db8::1]:5060", US, "sip.example:5060", ""])
def test_both_ends_have_addresses_of_one_family(local: str) -> None:
    six = Hop(False, "UDP", "2001:db8::7", 5062)

    found = chunks(packet(SIP, b"x", (local, six), AT, ("a@b", 7, "")))

    assert len(found[5]) == len(found[6]) == 16
    assert 3 not in found


def test_a_report_is_the_json_of_homers_agents() -> None:
    block = Block(9, 0.5, 3, 70_000, 160, 77, 1.5)

    found = json.loads(as_json(Report(5, Sent(ntp(1_700_000_000.5), 160, 12, 1920), (block,))))
    receiver = json.loads(as_json(Report(5)))

    assert (found["type"], found["ssrc"], found["report_count"]) == (200, 5, 1)
    assert found["sender_information"] == {
        "ntp_timestamp_sec": 1_700_000_000,
        "ntp_timestamp_usec": 500_000,
        "rtp_timestamp": 160,
        "packets": 12,
        "octets": 1920,
    }
    assert found["report_blocks"] == [
        {
            "source_ssrc": 9,
            "fraction_lost": 128,
            "packets_lost": 3,
            "highest_seq_no": 70_000,
            "ia_jitter": 160,
            "lsr": 77,
            "dlsr": 98_304,
        }
    ]
    assert (receiver["type"], "sender_information" in receiver) == (201, False)


@asynccontextmanager
async def sender(target: HepTarget) -> AsyncIterator[Hep]:
    made = Hep(target)
    made.local = US
    made.start()
    try:
        yield made
    finally:
        await made.aclose()


async def test_copies_arrive_without_what_is_secret() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as homer:
        homer.bind(("127.0.0.1", 0))
        homer.setblocking(False)
        port = homer.getsockname()[1]
        async with sender(HepTarget("localhost", port, 7, "pw")) as hep:
            async with asyncio.timeout(5):
                while not hep.sent:
                    hep.message(MESSAGE, CAME, AT, "a@b")
                    await asyncio.sleep(0.01)
            hep.report(b"{}", "192.0.2.1:20001", SENT, AT, "a@b")
            first = chunks(await loop.sock_recv(homer, 65536))
            second = chunks(await loop.sock_recv(homer, 65536))

    assert b"secret" not in first[15]
    assert first[15].startswith(b"INVITE sip:x SIP/2.0\r\nAuthorization: Digest ")
    assert (second[11], second[15]) == (bytes([RTCP]), b"{}")
    assert second[7] == (20001).to_bytes(2, "big")


async def test_a_collector_that_is_not_there_costs_copies_and_nothing_else() -> None:
    """Its name is not known, or nobody listens: the calls do not notice."""
    async with sender(HepTarget("no.such.host.invalid", 9060)) as hep:
        hep.message(MESSAGE, CAME, AT, "a@b")
        lost = hep.lost
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    async with sender(HepTarget("127.0.0.1", port)) as hep:
        await asyncio.sleep(0.05)
        for _ in range(20):
            hep.message(MESSAGE, CAME, AT, "a@b")

    assert lost == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("homer:9060", HepTarget("homer", 9060)),
        ("10.0.0.9:9060;id=12", HepTarget("10.0.0.9", 9060, 12)),
        ("[2001:db8::9]:9060; id=1 ;password=a=b", HepTarget("2001:db8::9", 9060, 1, "a=b")),
    ],
)
def test_a_target_is_read(text: str, expected: HepTarget) -> None:
    assert HepTarget.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "homer",
        ":9060",
        "homer:0",
        "homer:99999",
        "homer:９０６０",
        "homer:9060;id=x",
        "homer:9060;id=4294967296",
        "homer:9060;Password=hunter2",
        "homer:9060;password",
        "homer:9060;id=1;id=2",
        "homer;password=hunter2",
    ],
)
def test_a_target_that_is_none_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        HepTarget.parse(text)

    assert "host:port" in str(refused.value) or "2^32" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(HepTarget("h", 1, 1, "hunter2"))
