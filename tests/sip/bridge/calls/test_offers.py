"""Offers as telephones make them, answered and heard on the real stack."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from aiosipua.message import SipResponse

from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.sdp.session import CONTENT_TYPE
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.wire import wire
from tests.sip.bridge.world import A_LAW, World, number, room_of

pytestmark = pytest.mark.stack

G729 = b"m=audio 40000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"
VIDEO = b"m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
ENCRYPTED = b"m=audio 40004 RTP/SAVP 0 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n"


def media(answer: SipResponse | None) -> list[str]:
    """The m= lines, without the leg's port."""
    assert answer is not None
    lines = [line[2:].split() for line in answer.text.splitlines() if line.startswith("m=")]
    return [" ".join([kind, "0" if port == "0" else "…", *rest]) for kind, port, *rest in lines]


def with_more(body: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """The description with other sections around its own."""
    head, mark, sound = body.partition(b"m=")
    return head + before + mark + sound + after


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        pytest.param(b"", VIDEO, ["audio … RTP/AVP 0 8 101", "video 0 RTP/AVP 96"], id="video"),
        pytest.param(
            ENCRYPTED + VIDEO,
            b"",
            ["audio 0 RTP/SAVP 0 8", "video 0 RTP/AVP 96", "audio … RTP/AVP 0 8 101"],
            id="encrypted sound and video first",
        ),
    ],
)
async def test_the_sound_is_taken_wherever_it_stands(
    world: World, line: Phones, before: bytes, after: bytes, answer: list[str]
) -> None:
    called = number(60)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        agent.hz = 440
        await caller.dial(with_more(describe(caller.local), before=before, after=after))
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert media(caller.answer) == answer


async def test_where_the_sound_is_may_be_a_name(world: World, line: Phones) -> None:
    called = number(61)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        named = describe(caller.local).replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 localhost")
        await caller.dial(named)
        await until(lambda: caller.heard_tone(440) > 0.9)
        again = await caller.reinvite(named)
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert again.status_code == 200


@pytest.mark.parametrize("packet_ms", [10, 30, 60])
async def test_packets_are_as_long_as_the_phone_wants_them(
    world: World, line: Phones, packet_ms: int
) -> None:
    """The timestamps go on by what is in them."""
    called = number(62)
    with wire() as phone:
        async with (
            person(world.livekit, room_of(called)),
            Caller(line, world.sip, called, silent=True) as caller,
        ):
            await caller.dial(describe(phone.local, packet_ms=packet_ms))
            packets = await phone.count(20)

    steps = {
        (after.timestamp - before.timestamp) & 0xFFFFFFFF
        for before, after in itertools.pairwise(packets)
    }
    assert {len(packet.payload) for packet in packets} == {8 * packet_ms}
    assert steps == {8 * packet_ms}


async def test_after_a_hold_time_has_gone_on_and_the_sound_begins_anew(
    world: World, line: Phones
) -> None:
    """RFC 3550 §5.1: the timestamp counts time, and the marker shows where speech begins again."""
    called = number(63)
    with wire() as phone:
        async with (
            person(world.livekit, room_of(called)),
            Caller(line, world.sip, called, silent=True) as caller,
        ):
            await caller.dial(describe(phone.local))
            await phone.count(5)
            hold = describe(phone.local).replace(b"t=0 0\r\n", b"t=0 0\r\na=sendonly\r\n", 1)
            held = await caller.reinvite(hold.replace(b"a=sendrecv\r\n", b""))
            await asyncio.sleep(0.3)
            phone.skip()
            await asyncio.sleep(1.0)
            while_held = phone.skip()
            last = phone.packets[-1]
            await caller.reinvite(describe(phone.local))
            first = (await phone.count(1))[0]

    assert "a=recvonly" in held.text
    assert while_held == 0
    assert first.marker
    assert (first.timestamp - last.timestamp) & 0xFFFFFFFF > 8000 * 0.7


async def test_a_phone_may_change_its_codec_in_mid_call(world: World, line: Phones) -> None:
    """Without a word: both were agreed on."""
    called = number(64)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing = tone(1000)
        await caller.dial(describe(caller.local))
        await until(lambda: agent.heard_tone(1000) > 0.9)
        caller.switch_codec(8)
        caller.playing = tone(1500)
        agent.heard.clear()
        await until(lambda: agent.heard_tone(1500) > 0.9)


async def test_keys_have_a_number_for_each_way(world: World, line: Phones) -> None:
    """The leg's offer says 101 and the answer, in the ACK, says 96: 101 is sent to it, 96 by it."""
    called = number(65)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        agent.hz = 440
        caller.ack_body = describe(caller.local, payload_types=(8,), keys=96)
        await caller.dial(body=b"")
        caller.expect_keys(96)
        await until(lambda: caller.heard_tone(440) > 0.9)
        caller.stream.press("4")
        await until(lambda: agent.keys)
        await agent.press("7")
        await until(lambda: caller.keys)

    assert agent.keys == ["4"]
    assert caller.keys == ["7"]


async def test_an_answer_that_never_comes_ends_the_call(world: World, line: Phones) -> None:
    """The offer was ours; an ACK without a description leaves nobody to talk to."""
    called = number(66)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial(body=b"")
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert ended.kind == "ended"


async def test_a_description_among_other_parts_is_found(world: World, line: Phones) -> None:
    """ISUP of an old exchange beside it."""
    called = number(67)
    kind = ("Content-Type", 'multipart/mixed; boundary="next part"')
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=(kind,)) as caller,
    ):
        agent.hz = 440
        code = await caller.dial(
            b"--next part\r\nContent-Type: application/isup;version=etsi121\r\n"
            b"Content-Disposition: signal;handling=optional\r\n\r\n\x01\x00\xffm=x\r\n"
            b"--next part\r\nContent-Type: application/sdp\r\n\r\n"
            + describe(caller.local)
            + b"\r\n--next part--\r\n"
        )
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert code == 200


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (("Content-Encoding", "gzip"), ("accept-encoding", "identity")),
        (("Content-Type", "application/x-sdp-like"), ("accept", CONTENT_TYPE)),
    ],
)
async def test_a_body_that_cannot_be_read_is_415(
    world: World, line: Phones, header: tuple[str, str], answer: tuple[str, str]
) -> None:
    """And says what could be; nobody is rung."""
    async with Caller(line, world.sip, number(68), headers=(header,)) as caller:
        code = await caller.dial()

    assert code == 415
    assert caller.codes == [100, 415]
    assert caller.answer is not None
    assert (caller.answer.get_header(answer[0]) or "").startswith(answer[1])


async def test_an_offer_that_cannot_be_met_leaves_the_call_as_it_was(
    world: World, line: Phones
) -> None:
    """488 with a Warning for a re-INVITE and for an UPDATE; 415 for what cannot be read."""
    called = number(69)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        other = describe(caller.local).partition(b"m=")[0] + G729
        refused = [
            await caller.reinvite(other),
            await caller.ask("UPDATE", other),
            await caller.ask("UPDATE", other, ("Content-Type", "text/plain")),
        ]
        caller.heard.clear()
        agent.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        held = await caller.ask("UPDATE", describe(caller.local, direction="sendonly"))

    assert [response.status_code for response in refused] == [488, 488, 415]
    assert (refused[0].get_header("warning") or "").startswith("399 ")
    assert (refused[1].get_header("warning") or "").startswith("399 ")
    assert "a=recvonly" in held.text


async def test_a_trunk_says_which_codecs_are_spoken_on_it(world: World, line: Phones) -> None:
    """What is offered beyond them is left out, and nothing else at all is 488."""
    async with person(world.livekit, room_of(A_LAW)) as agent:
        async with Caller(line, world.sip, A_LAW) as caller:
            agent.hz = 440
            await caller.dial(describe(caller.local))
            await until(lambda: caller.heard_tone(440) > 0.9)
        async with Caller(line, world.sip, A_LAW) as other:
            code = await other.dial(describe(other.local, payload_types=(0,)))

    assert media(caller.answer) == ["audio … RTP/AVP 8 101"]
    assert code == 488


async def test_a_wide_band_phone_is_heard_and_hears_above_4_khz(world: World, line: Phones) -> None:
    """G.722: 16 kHz from the phone to the room and back. Another codec in mid-call is heard too."""
    called = number(70)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.stream.set_rate(WIDE_RATE)
        caller.playing, agent.hz = tone(6000, rate=WIDE_RATE), 5500
        await caller.dial(describe(caller.local, payload_types=(9, 0)))
        await until(lambda: caller.heard_tone(5500) > 0.9)
        await until(lambda: agent.heard_tone(6000) > 0.9)
        caller.playing = tone(1000, rate=WIDE_RATE)
        caller.switch_codec(0)
        agent.heard.clear()
        await until(lambda: agent.heard_tone(1000) > 0.9)
        narrow = await caller.reinvite(describe(caller.local))
        agent.hz = 440
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert media(caller.answer) == ["audio … RTP/AVP 9 0 101"]
    assert media(narrow) == ["audio … RTP/AVP 0 8 101"]
