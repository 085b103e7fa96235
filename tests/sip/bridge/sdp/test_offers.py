"""Our offers, the answers to them, and what comes later in the call (RFC 3264)."""

from __future__ import annotations

import pytest

from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import SdpError, parse
from tests.sip.bridge.sdp.offers import AUDIO, HOST, KEYS, VIDEO, anywhere, media, session

LOCAL = Local("192.0.2.1", 20000)
MINE = "audio 20000 RTP/AVP"


@pytest.fixture
def call() -> Negotiation:
    return Negotiation(LOCAL)


def answered(call: Negotiation, *lines: str, **more: tuple[str, ...]) -> list[str]:
    call.answer(session(*lines, **more), anywhere)
    return media(call.said)


def version(body: bytes) -> tuple[str, int]:
    origin = next(line for line in body.decode().splitlines() if line.startswith("o="))
    _, session_id, number, *_ = origin.split()
    return session_id, int(number)


def test_our_offer_has_all_that_we_speak_and_is_read_back(call: Negotiation) -> None:
    body = call.offer()

    other = Negotiation(Local(HOST, 40000))
    theirs = other.answer(parse(body.decode()), anywhere)
    ours = call.take(parse(other.said.decode()), anywhere)
    assert media(body) == [f"{MINE} 9 0 8 101"]
    assert (theirs.sound.address, ours.sound.address) == (("192.0.2.1", 20000), (HOST, 40000))
    assert ours.payload_types == theirs.payload_types


def test_keys_have_a_number_for_each_way(call: Negotiation) -> None:
    """We are sent what we have named and send what they have: RFC 3264 §5.1."""
    call.offer()

    agreed = call.take(
        session(
            "m=audio 40000 RTP/AVP 8 96",
            "a=rtpmap:96 telephone-event/8000",
        ),
        anywhere,
    )

    numbers = agreed.payload_types
    assert (numbers.sends, numbers.codec, numbers.sends_keys) == (8, 8, 96)
    assert 101 in numbers.keys


def test_our_number_counts_where_theirs_means_something_else(call: Negotiation) -> None:
    """Their 101 is a codec: what comes under 101 is a key all the same."""
    call.offer()

    agreed = call.take(session("m=audio 40000 RTP/AVP 101 0", "a=rtpmap:101 PCMA/8000"), anywhere)

    numbers = agreed.payload_types
    assert (numbers.sends, numbers.codec) == (101, 8)
    assert numbers.keys == {101}
    assert 101 not in numbers.decodes


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([VIDEO], id="another kind"),
        pytest.param(["m=audio 0 RTP/AVP 0"], id="refused"),
        pytest.param([AUDIO, VIDEO], id="more sections than were offered"),
        pytest.param([], id="none"),
        pytest.param(["m=audio 40000 RTP/AVP 18"], id="a codec that was not offered"),
        pytest.param(["m=audio 40000 RTP/SAVP 0"], id="another profile"),
    ],
)
def test_what_is_no_answer_to_our_offer_is_not_taken(call: Negotiation, answer: list[str]) -> None:
    call.offer()

    with pytest.raises(SdpError):
        call.take(session(*answer), anywhere)


def test_a_second_answer_to_one_offer_is_taken_too(call: Negotiation) -> None:
    """A fork: early sound of one telephone, the call of another."""
    call.offer()
    call.take(session("m=audio 40000 RTP/AVP 0"), anywhere)

    again = call.take(session("m=audio 40002 RTP/AVP 8"), anywhere)

    assert (again.sound.address, again.payload_types.codec) == ((HOST, 40002), 8)


def test_the_version_rises_only_when_something_changes(call: Negotiation) -> None:
    """RFC 3264 §8."""
    seen = []
    for lines in ([AUDIO], [AUDIO], [AUDIO, "a=sendonly"], [AUDIO, "a=sendonly"], [AUDIO]):
        call.answer(session(*lines), anywhere)
        seen.append(version(call.said))

    assert [number - seen[0][1] for _, number in seen] == [0, 0, 1, 1, 2]
    assert len({session_id for session_id, _ in seen}) == 1


def test_a_section_that_was_refused_keeps_its_place_in_our_offer(call: Negotiation) -> None:
    """RFC 3264 §8: the sound stays where it was, and so do the numbers."""
    call.answer(session(VIDEO, "m=audio 40000 RTP/AVPF 107", "a=rtpmap:107 PCMA/8000"), anywhere)

    offer = call.offer()

    assert media(offer) == ["video 0 RTP/AVP 96", "audio 20000 RTP/AVPF 107 9 0 101"]
    agreed = call.take(session("m=video 0 RTP/AVP 96", "m=audio 40000 RTP/AVPF 0"), anywhere)
    assert agreed.payload_types.codec == 0


def test_sections_may_be_added_in_mid_call(call: Negotiation) -> None:
    answered(call, AUDIO)

    assert answered(call, AUDIO, VIDEO) == [f"{MINE} 0 8", "video 0 RTP/AVP 96"]


def test_an_offer_that_cannot_be_met_changes_nothing(call: Negotiation) -> None:
    answered(call, AUDIO, KEYS, VIDEO)
    before = call.said

    for lines in ([VIDEO], ["m=audio 40000 RTP/AVP 18", VIDEO], ["m=audio 40000 RTP/SAVP 0"]):
        with pytest.raises(SdpError):
            call.answer(session(*lines), anywhere)

    assert call.said == before
