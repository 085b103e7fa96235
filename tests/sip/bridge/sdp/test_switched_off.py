"""Sound that the other side switches off by a port of 0 (RFC 3264 §8.2)."""

from __future__ import annotations

import pytest

from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation, switches_off
from tests.sip.bridge.sdp.offers import AUDIO, VIDEO, anywhere, media, session

OFF = "m=audio 0 RTP/AVP 0"
FAX = "m=image 5000 udptl t38"


def version(call: Negotiation) -> str:
    origin = next(line for line in call.said.decode().splitlines() if line.startswith("o="))
    return origin.split()[2]


@pytest.mark.parametrize(
    ("lines", "off"),
    [
        ([OFF], True),
        ([OFF, OFF], True),
        ([OFF, VIDEO], True),
        (["m=video 0 RTP/AVP 96", OFF], True),
        ([OFF, AUDIO], False),
        ([OFF, FAX], False),
        ([FAX], False),
        ([VIDEO], False),
        ([], False),
    ],
)
def test_what_switches_the_sound_off(lines: list[str], off: bool) -> None:
    """A fax in its place is not that: who offers one has to hear that it is not spoken here."""
    assert switches_off(session(*lines)) is off


def test_each_section_is_answered_and_comes_back_in_its_place() -> None:
    call = Negotiation(Local("192.0.2.1", 20000))
    call.answer(session(VIDEO, AUDIO), anywhere)
    versions = [version(call)]
    call.switch_off(session("m=video 0 RTP/AVP 96", OFF))
    off = media(call.said)
    versions.append(version(call))
    call.switch_off(session("m=video 0 RTP/AVP 96", OFF))
    same = version(call)
    call.answer(session("m=video 0 RTP/AVP 96", AUDIO), anywhere)
    versions.append(version(call))

    assert off == ["video 0 RTP/AVP 96", "audio 0 RTP/AVP 0"]
    assert media(call.said) == ["video 0 RTP/AVP 96", "audio 20000 RTP/AVP 0 8"]
    assert versions == ["1", "2", "3"]
    assert same == "2"


def test_our_own_offer_brings_it_back() -> None:
    call = Negotiation(Local("192.0.2.1", 20000))
    call.answer(session(AUDIO, VIDEO), anywhere)
    call.switch_off(session(OFF))
    call.offer()

    assert media(call.said)[0].startswith("audio 20000 RTP/AVP 0 8")
