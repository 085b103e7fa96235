"""Answers to offers of any telephone (RFC 3264)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import Spoken
from sip.bridge.sdp.negotiation import Agreement, Negotiation
from sip.bridge.sdp.session import SdpError, parse
from tests.sip.bridge.sdp.offers import (
    AUDIO,
    HOST,
    KEYS,
    VIDEO,
    anywhere,
    attributes,
    media,
    session,
    text,
)

LOCAL = Local("192.0.2.1", 20000)
MINE = "audio 20000 RTP/AVP"


@pytest.fixture
def call() -> Negotiation:
    return Negotiation(LOCAL)


def answered(call: Negotiation, *lines: str, **more: tuple[str, ...]) -> list[str]:
    call.answer(session(*lines, **more), anywhere)
    return media(call.said)


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        pytest.param([AUDIO, KEYS, VIDEO], [f"{MINE} 0 8 101", "video 0 RTP/AVP 96"], id="video"),
        pytest.param(
            [VIDEO, AUDIO, KEYS], ["video 0 RTP/AVP 96", f"{MINE} 0 8 101"], id="video first"
        ),
        pytest.param(
            ["m=audio 40004 RTP/SAVP 8 0", AUDIO],
            ["audio 0 RTP/SAVP 8 0", f"{MINE} 0 8"],
            id="encrypted beside plain",
        ),
        pytest.param(
            [AUDIO, "m=audio 40004 RTP/AVP 0"], [f"{MINE} 0 8", "audio 0 RTP/AVP 0"], id="two"
        ),
        pytest.param(
            ["m=image 5000 udptl t38", AUDIO, "m=text 5002 RTP/AVP 98 100"],
            ["image 0 udptl t38", f"{MINE} 0 8", "text 0 RTP/AVP 98 100"],
            id="fax and text",
        ),
        pytest.param(
            [AUDIO, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=message 0 TCP/MSRP *"],
            [
                f"{MINE} 0 8",
                "application 0 UDP/DTLS/SCTP webrtc-datachannel",
                "message 0 TCP/MSRP *",
            ],
            id="data",
        ),
        pytest.param(
            [AUDIO, "m=video 0 RTP/AVP"], [f"{MINE} 0 8", "video 0 RTP/AVP 0"], id="no formats"
        ),
    ],
)
def test_every_section_is_answered_in_its_place(
    call: Negotiation, offered: list[str], answer: list[str]
) -> None:
    assert answered(call, *offered) == answer


@pytest.mark.parametrize("protocol", ["RTP/AVP", "RTP/AVPF"])
def test_the_profile_of_the_offer_is_that_of_the_answer(call: Negotiation, protocol: str) -> None:
    """RFC 4585 §4.3; what feedback is offered is not promised."""
    lines = [f"m=audio 40000 {protocol} 0", "a=rtcp-fb:* nack", "a=rtcp-fb:0 ccm tmmbr"]

    assert answered(call, *lines) == [f"audio 20000 {protocol} 0"]
    assert not any(a.startswith("rtcp") for a in attributes(call.said))


def test_what_is_not_done_here_is_not_promised(call: Negotiation) -> None:
    """ICE, BUNDLE, feedback, alternative addresses; one port for RTP and RTCP is."""
    call.answer(
        session(
            AUDIO,
            KEYS,
            "a=mid:0",
            "a=rtcp:40001",
            "a=rtcp-mux",
            "a=ice-ufrag:8hhY",
            "a=candidate:1 1 UDP 2130706431 198.51.100.7 40000 typ host",
            "a=altc:1 IP6 2001:db8::1 40000",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc",
            head=(f"c=IN IP4 {HOST}", "t=0 0", "a=group:BUNDLE 0", "a=ice-lite"),
        ),
        anywhere,
    )

    names = {line.partition(":")[0] for line in attributes(call.said)}
    assert names == {"rtpmap", "fmtp", "ptime", "sendrecv", "rtcp-mux"}


def test_one_port_for_sound_and_reports_is_what_both_have_said(call: Negotiation) -> None:
    """RFC 5761 §5.1: never offered first, kept in offers of ours once it was agreed on, and given
    up where a later description says nothing of it."""
    first = call.answer(session(AUDIO, "a=rtcp-mux"), anywhere)
    again = parse(call.offer().decode())
    kept = call.take(session(AUDIO, "a=rtcp-mux"), anywhere)
    dropped = call.take(session(AUDIO), anywhere)
    without = call.answer(session(AUDIO), anywhere)
    said = [line for line in attributes(call.said) if line == "rtcp-mux"]

    assert (first.rtcp_mux, kept.rtcp_mux) == (True, True)
    assert again.sections[0].values("rtcp-mux") == [""]
    assert (dropped.rtcp_mux, without.rtcp_mux, said) == (False, False, [])


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("a=rtcp:53020", ("", 53020)),
        ("a=rtcp:53020 IN IP4 198.51.100.9", ("198.51.100.9", 53020)),
        ("a=rtcp:53020 in ip6 2001:db8::7", ("2001:db8::7", 53020)),
        ("a=rtcp: 9  IN  IP4  198.51.100.9 ", ("198.51.100.9", 9)),
        ("a=rtcp:", None),
        ("a=rtcp:x", None),
        ("a=rtcp:²", None),
        ("a=rtcp:530200", None),
        ("a=rtcp:53020 IN", None),
        ("a=rtcp:53020 ATM NSAP 47", None),
        ("a=ptime:20", None),
    ],
)
def test_where_reports_are_wanted_is_read(
    call: Negotiation, written: str, where: tuple[str, int] | None
) -> None:
    assert call.answer(session(AUDIO, written), anywhere).sound.rtcp == where


def test_an_answer_has_the_numbers_and_the_order_of_the_offer(call: Negotiation) -> None:
    lines = [
        "m=audio 40000 RTP/AVP 18 107 0 97 13",
        "a=rtpmap:107 pcma/8000/1",
        "a=rtpmap:97 telephone-event/8000",
    ]

    assert answered(call, *lines) == [f"{MINE} 107 0 13 97"]
    assert {"rtpmap:107 PCMA/8000", "rtpmap:97 telephone-event/8000", "fmtp:97 0-15"} <= set(
        attributes(call.said)
    )


def test_the_order_of_a_trunk_goes_before_that_of_the_offer() -> None:
    call = Negotiation(LOCAL, Spoken((8, 0), ours_first=True))

    agreed = call.answer(session("m=audio 40000 RTP/AVP 0 8"), anywhere)

    assert media(call.said) == [f"{MINE} 8 0"]
    assert agreed.payload_types.codec == 8


def test_a_codec_that_the_trunk_does_not_name_is_not_spoken() -> None:
    call = Negotiation(LOCAL, Spoken((8,), ours_first=True))

    assert answered(call, AUDIO) == [f"{MINE} 8"]
    with pytest.raises(SdpError, match="codec"):
        call.answer(session("m=audio 40000 RTP/AVP 0"), anywhere)


def test_tones_are_listened_for_all_through_the_call_if_the_trunk_says_so() -> None:
    """Also by whoever goes on with it, and whoever takes a place in it."""
    call = Negotiation(LOCAL, Spoken((8,), tones=True))
    others = (Negotiation.resumed(call.state), call.anew())
    told = [each.answer(session(AUDIO), anywhere).payload_types for each in (call, *others)]

    assert [numbers.tones for numbers in told] == [True] * 3
    assert not Negotiation(LOCAL).answer(session(AUDIO), anywhere).payload_types.tones


def test_the_time_and_the_packets_length_are_those_of_the_offer(call: Negotiation) -> None:
    call.answer(session(AUDIO, "a=ptime:30", head=(f"c=IN IP4 {HOST}", "t=5 9")), anywhere)

    assert b"\r\nt=5 9\r\n" in call.said
    assert "ptime:30" in attributes(call.said)


@pytest.mark.parametrize(
    ("head", "own", "direction"),
    [
        ([], ["a=sendonly"], "recvonly"),
        (["a=sendonly"], [], "recvonly"),
        (["a=sendonly"], ["a=recvonly"], "sendonly"),
        ([], ["c=IN IP4 0.0.0.0"], "inactive"),
        ([], [], "sendrecv"),
    ],
)
def test_hold_is_answered_wherever_it_stands(
    call: Negotiation, head: list[str], own: list[str], direction: str
) -> None:
    call.answer(session(AUDIO, *own, head=(f"c=IN IP4 {HOST}", "t=0 0", *head)), anywhere)

    assert attributes(call.said)[-1] == direction


def test_every_agreed_codec_is_decoded_and_the_first_is_sent(call: Negotiation) -> None:
    agreed = call.answer(session("m=audio 40000 RTP/AVP 8 97", "a=rtpmap:97 PCMU/8000"), anywhere)

    numbers = agreed.payload_types
    assert (numbers.sends, numbers.codec) == (8, 8)
    assert numbers.decodes == {8: 8, 97: 0}


def test_a_phone_without_keys_is_sent_none(call: Negotiation) -> None:
    assert call.answer(session(AUDIO), anywhere).payload_types.sends_keys is None


def test_comfort_noise_is_agreed_on_when_it_is_offered(call: Negotiation) -> None:
    agreed = call.answer(session("m=audio 40000 RTP/AVP 0 13"), anywhere)

    assert media(call.said) == [f"{MINE} 0 13"]
    assert agreed.payload_types.noise == {13}
    assert 13 not in agreed.payload_types.decodes


def test_our_address_may_be_of_ipv6() -> None:
    body = Negotiation(Local("2001:db8::1", 20000)).offer()

    assert b"c=IN IP6 2001:db8::1\r\n" in body
    assert b" IN IP6 2001:db8::1\r\ns=" in body


_OTHERS = st.lists(
    st.sampled_from(
        [
            VIDEO,
            AUDIO,
            "m=audio 0 RTP/AVP 0",
            "m=audio 40000 RTP/SAVP 8",
            "m=image 5000 udptl t38",
            "m=audio 40000 RTP/AVP 111",
            "m=text 0 RTP/AVP",
            "a=sendonly",
            "a=rtpmap:111 PCMA",
            "c=IN IP4 0.0.0.0",
            "c=IN IP6 2001:db8::1",
        ]
    ),
    max_size=12,
)


@given(_OTHERS)
def test_an_answer_has_as_many_sections_as_the_offer(lines: list[str]) -> None:
    """And is itself a description of one sound, which can be answered."""
    call = Negotiation(LOCAL)
    offer = parse(text(*lines))
    agreed: Agreement | None = None
    with contextlib.suppress(SdpError):
        agreed = call.answer(offer, anywhere)
    if agreed is None:
        return

    said = parse(call.said.decode())
    used = [section for section in said.sections if section.port]
    assert [s.kind for s in said.sections] == [s.kind for s in offer.sections]
    assert [s.protocol for s in said.sections] == [s.protocol for s in offer.sections]
    assert [section.port for section in used] == [LOCAL.port]
    assert said.sections[agreed.sound.place] is used[0]


def test_wide_band_is_offered_at_the_rate_that_the_standard_writes() -> None:
    """RFC 3551 §4.5.2: 8000, although there are 16,000 samples a second."""
    call = Negotiation(LOCAL)

    agreed = call.answer(session("m=audio 40000 RTP/AVP 9 8", "a=rtpmap:9 G722/8000"), anywhere)

    assert media(call.said) == [f"{MINE} 9 8"]
    assert "rtpmap:9 G722/8000" in attributes(call.said)
    assert (agreed.payload_types.codec, call.rate) == (9, 16000)


def test_a_call_that_began_narrow_stays_narrow() -> None:
    """Its place in the room has one rate; an offer of both is answered with what it can."""
    call = Negotiation(LOCAL)
    answered(call, AUDIO)
    call.stay_narrow()

    assert call.rate == 8000
    assert answered(call, "m=audio 40000 RTP/AVP 9 8") == [f"{MINE} 8"]
    assert media(call.offer()) == [f"{MINE} 8 0 101"]


@pytest.mark.parametrize("spoken", [Spoken(), Spoken((8,)), Spoken((9, 8), ours_first=True)])
def test_whoever_takes_the_place_of_another_is_answered_on_the_same_terms(spoken: Spoken) -> None:
    """A call that has begun narrow stays so, and a trunk's codecs and encryption are its own."""
    first = Negotiation(LOCAL, spoken, Encryption.ALLOWED)
    first.stay_narrow()
    second = first.anew()

    assert second.rate == 8000
    assert second.encryption is Encryption.ALLOWED
    assert media(second.offer()) == media(first.offer())
    assert second.state.origin[0] != first.state.origin[0]
