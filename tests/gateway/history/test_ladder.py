"""What was said in SIP for a call, as a record shows it, as a capture file and in the terminal."""

from __future__ import annotations

import ipaddress
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialplans.contracts import events as ev
from dialplans.contracts.sip_message import SipMessage
from gateway.history.commands import app
from gateway.history.ladder import Ladder, Rung, ladder
from gateway.history.pcap import pcap
from gateway.records.store import Records
from gateway.storage.database import Database
from tests.gateway.running import Gateway, started

CALL = "call-442079460100-lad"
T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CALLER = "+491701234567"
INVITE = (
    f"INVITE sip:+442079460100@192.0.2.1 SIP/2.0\r\nFrom: <sip:{CALLER}@192.0.2.7>\r\n"
    "CSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 8\r\n"
)
OK = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 5000 RTP/AVP 8\r\n"
BYE = "BYE sip:192.0.2.1 SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n"


def message(n: int, ms: float, text: str, *, sent: bool = False, **more: int) -> SipMessage:
    at = T0 + timedelta(milliseconds=ms)
    return SipMessage(n=n, at=at, sent=sent, peer="192.0.2.7:5062", text=text, **more)


def told(
    *messages: SipMessage, after: float = 5, dialogue: str = "a@b", **more: object
) -> ev.Signalled:
    return ev.Signalled(
        call=CALL,
        source="bridge",
        at=T0 + timedelta(seconds=after),
        dialogue=dialogue,
        local="192.0.2.1:5060",
        messages=list(messages),
        **more,  # type: ignore[arg-type]
    )


STORY = (
    started(CALL, caller=CALLER),
    told(message(1, 0, INVITE), message(2, 240, OK, sent=True)),
    told(
        message(2, 240, OK, sent=True, repeats=1),
        message(3, 9000, BYE),
        after=12,
        left_out=2,
        left_out_bytes=900,
    ),
)


def test_messages_are_in_their_order_each_once_as_it_was_last_told() -> None:
    found = ladder(CALL, reversed(STORY), hide=False)

    assert [(r.ms, r.sent, r.line, r.cseq, r.sdp, r.repeats) for r in found.rungs] == [
        (0, False, "INVITE", "1 INVITE", True, 0),
        (240, True, "200 OK", "1 INVITE", True, 1),
        (9000, False, "BYE", "2 BYE", False, 0),
    ]
    assert (found.local, found.left_out, found.left_out_bytes) == ("192.0.2.1:5060", 2, 900)


def test_two_dialogues_of_one_call_are_one_ladder() -> None:
    """A number that was rung for the caller has messages of its own, with the same numbers."""
    rung = told(message(1, 5000, BYE, sent=True), dialogue="other", leg="sip-1", after=6)

    found = ladder(CALL, (*STORY, rung), hide=False)

    assert [(r.line, r.leg) for r in found.rungs] == [
        ("INVITE", ""),
        ("200 OK", ""),
        ("BYE", "sip-1"),
        ("BYE", ""),
    ]


def test_whoever_may_not_see_numbers_sees_who_spoke_when_and_no_more() -> None:
    wrong = message(4, 9100, f"SIP/2.0 404 no {CALLER}\r\n\r\n", sent=True)

    found = ladder(CALL, (*STORY, told(wrong, after=13)), hide=True)

    text = repr(found)
    assert "1234567" not in text
    assert "192.0.2" not in text
    assert [r.line for r in found.rungs][:3] == ["INVITE", "200 OK", "BYE"]
    assert {r.peer for r in found.rungs} == {"•1"}


async def test_the_record_has_the_ladder_for_each_role_as_it_may_see_it(gateway: Gateway) -> None:
    await gateway.happen(*STORY)
    supervisor, viewer = [await gateway.signed_in(role) for role in ("supervisor", "viewer")]

    seen = (await supervisor.get(f"/api/calls/{CALL}/ladder")).json()
    hidden = (await viewer.get(f"/api/calls/{CALL}/ladder")).text
    record = (await supervisor.get(f"/api/calls/{CALL}")).json()
    missing = await supervisor.get("/api/calls/nobody/ladder")

    assert CALLER in seen["rungs"][0]["text"]
    assert "1234567" not in hidden
    assert "INVITE" in hidden
    assert [e["event"]["kind"] for e in record["events"]] == ["started"]
    assert missing.status_code == 404


def packets(data: bytes) -> list[tuple[float, bytes]]:
    magic, major, minor, *_, link = struct.unpack_from("!IHHiIII", data)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101)
    found, at = [], 24
    while at < len(data):
        seconds, micro, length, whole = struct.unpack_from("!IIII", data, at)
        assert length == whole
        found.append((seconds + micro / 1e6, data[at + 16 : at + 16 + length]))
        at += 16 + length
    return found


def total(data: bytes) -> int:
    """RFC 1071: what a packet with a right checksum adds up to."""
    data += b"\0" * (len(data) % 2)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value > 0xFFFF:
        value = (value & 0xFFFF) + (value >> 16)
    return value


def test_a_capture_has_the_messages_between_their_addresses_at_their_times() -> None:
    found = packets(pcap(ladder(CALL, STORY, hide=False)))

    (at, first), (_, second), _ = found
    assert at == pytest.approx(T0.timestamp())
    assert [round(one[0] - at, 3) for one in found] == [0, 0.24, 9]
    assert first[12:20] == b"".join(
        ipaddress.ip_address(host).packed for host in ("192.0.2.7", "192.0.2.1")
    )
    assert struct.unpack_from("!HH", first, 20) == (5062, 5060)
    assert struct.unpack_from("!HH", second, 20) == (5060, 5062)
    assert first[28:] == INVITE.encode()
    for _, packet in found:
        pseudo = packet[12:20] + struct.pack("!IHH", len(packet) - 20, 0, 17)
        assert total(packet[:20]) == 0xFFFF
        assert total(pseudo + packet[20:]) == 0xFFFF
        assert int.from_bytes(packet[2:4], "big") == len(packet)


@pytest.mark.parametrize(
    ("local", "peer", "version"),
    [
        ("[2001:db8::1]:5060", "[2001:db8::7]:5062", 6),
        ("192.0.2.1:5060", "[2001:db8::7]:5062", 6),
        ("[2001:db8::1]:5060", "192.0.2.7:5062", 4),
        ("a.name.example:5060", "192.0.2.7:5062", 4),
        ("", "•", 4),
    ],
)
def test_any_address_makes_a_capture_that_can_be_read(local: str, peer: str, version: int) -> None:
    rung = Rung(at=T0, ms=0, sent=True, transport="UDP", peer=peer, line="BYE", text=BYE * 3)

    ((_, packet),) = packets(pcap(Ladder(call=CALL, local=local, rungs=[rung])))

    assert packet[0] >> 4 == version
    if version == 6:
        pseudo = packet[8:40] + struct.pack("!IHH", len(packet) - 40, 0, 17)
        assert total(pseudo + packet[40:]) == 0xFFFF


@pytest.fixture
async def kept(tmp_path: Path) -> dict[str, str]:
    """The environment of a command, with a database that has three calls."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'switchboard.db'}"
    database = Database(url)
    await database.migrate()
    await Records(database).append([*STORY, started("call-4420-two"), started("call-4420-three")])
    await database.close()
    return {"SWITCHBOARD_DATABASE_URL": url, "SWITCHBOARD_HOME": str(tmp_path)}


def test_a_part_of_the_id_is_enough(kept: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["0-lad"], env=kept)

    assert done.exit_code == 0, done.output
    head, first, second, third, rest = done.output.rstrip().splitlines()
    assert head == f"{CALL}   us: 192.0.2.1:5060"
    assert first.split() == ["0", "ms", "UDP", "192.0.2.7:5062", "──▶", "INVITE", "(SDP)"]
    assert second.split() == [
        "240",
        "ms",
        "UDP",
        "192.0.2.7:5062",
        "◀──",
        "200",
        "OK",
        "(SDP)",
        "×2",
    ]
    assert third.split() == ["9000", "ms", "UDP", "192.0.2.7:5062", "──▶", "BYE"]
    assert rest == "2 more messages (900 bytes) were too many to keep"


def test_whole_messages_are_shown_when_asked_for(kept: dict[str, str]) -> None:
    done = CliRunner().invoke(app, [CALL, "--full"], env=kept)

    assert f"      From: <sip:{CALLER}@192.0.2.7>\n" in done.output


def test_a_capture_is_written_to_a_file(kept: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "call.pcap"

    done = CliRunner().invoke(app, [CALL, "--pcap", str(file)], env=kept)

    assert done.output == f"3 messages in {file}\n"
    assert len(packets(file.read_bytes())) == 3


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (["nobody"], "no call has 'nobody' in its id"),
        (["%"], "no call has '%' in its id"),
        (["call-44"], "'call-44' is in the ids of these calls: give more of it"),
        (["call-4420-two"], "call-4420-two has no SIP messages"),
        ([CALL, "--pcap", "/nowhere/at.pcap"], "'/nowhere/at.pcap' cannot be written: there is no"),
    ],
)
def test_what_cannot_be_shown_says_why(kept: dict[str, str], wanted: list[str], why: str) -> None:
    done = CliRunner().invoke(app, wanted, env=kept)

    assert done.exit_code == (2 if "--pcap" in wanted else 1)
    assert f"switchboard: {why}" in done.stderr
