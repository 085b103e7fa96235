"""Which section the sound goes by, and what it says."""

from __future__ import annotations

import pytest

from sip.bridge.media.address import Address, MediaAddressError
from sip.bridge.sdp.formats import CODECS
from sip.bridge.sdp.session import SdpError
from sip.bridge.sdp.sound import Sound, choose
from tests.sip.bridge.sdp.offers import AUDIO, HOST, KEYS, VIDEO, anywhere, session


def sound(*lines: str, head: tuple[str, ...] = (f"c=IN IP4 {HOST}", "t=0 0")) -> Sound:
    return choose(session(*lines, head=head), anywhere, CODECS)


def test_an_ordinary_description() -> None:
    found = sound(AUDIO, KEYS)

    assert found.address == (HOST, 40000)
    assert [f.payload_type for f in found.formats] == [0, 8]
    assert found.keys is not None
    assert found.keys.payload_type == 101
    assert (found.direction, found.holds, found.packet_ms) == ("sendrecv", False, 20)


@pytest.mark.parametrize(
    ("before", "place"),
    [
        pytest.param([], 0, id="alone"),
        pytest.param([VIDEO], 1, id="video"),
        pytest.param(["m=image 5000 udptl t38"], 1, id="fax"),
        pytest.param(["m=audio 40004 RTP/SAVP 0"], 1, id="encrypted"),
        pytest.param(["m=audio 40004 UDP/TLS/RTP/SAVPF 0"], 1, id="DTLS"),
        pytest.param(["m=audio 0 RTP/AVP 0"], 1, id="switched off"),
        pytest.param(["m=audio 40004 RTP/AVP 18"], 1, id="another codec"),
        pytest.param(["m=audio 40004 RTP/AVP 0", "c=IN IP4 224.0.0.1"], 1, id="multicast"),
        pytest.param(["m=audio 22 RTP/AVP 0"], 1, id="a port that is none"),
        pytest.param([VIDEO, "m=text 40006 RTP/AVP 98", "m=application 9 TCP/BFCP *"], 3, id="all"),
    ],
)
def test_the_first_sound_that_can_be_used_is_taken(before: list[str], place: int) -> None:
    found = sound(*before, AUDIO, KEYS)

    assert found.place == place
    assert found.address == (HOST, 40000)


def test_an_address_that_is_not_allowed_is_passed_over() -> None:
    """Dual stack as two sections (RFC 4091): the leg has no IPv6 address."""

    def four(address: Address) -> None:
        if ":" in address[0]:
            raise MediaAddressError("no IPv6 here")

    both = session("m=audio 40002 RTP/AVP 0", "c=IN IP6 2001:db8::7", AUDIO)
    six = session("m=audio 40002 RTP/AVP 0", "c=IN IP6 2001:db8::7")

    assert choose(both, four, CODECS).address == (HOST, 40000)
    with pytest.raises(MediaAddressError):
        choose(six, four, CODECS)


@pytest.mark.parametrize("protocol", ["RTP/AVP", "RTP/AVPF", "rtp/avp"])
def test_profiles_without_encryption_are_spoken(protocol: str) -> None:
    assert sound(f"m=audio 40000 {protocol} 0").section.protocol == protocol


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param([], "no audio", id="nothing"),
        pytest.param([VIDEO], "no audio", id="video alone"),
        pytest.param(["m=audio 0 RTP/AVP 0"], "no audio", id="switched off"),
        pytest.param(["m=audio 40000 RTP/SAVP 0"], "SAVP", id="encrypted"),
        pytest.param(["m=audio 40000 RTP/AVP 18 101", KEYS], "codec", id="keys alone"),
        pytest.param(["m=audio 99999 RTP/AVP 0"], "address", id="a port that is none"),
        pytest.param([AUDIO, "c=IN IP4 224.0.0.1"], "address", id="multicast"),
        pytest.param([AUDIO, "c=IN IP4 phone.example"], "address", id="a name not looked up"),
        pytest.param([AUDIO, "c=IN IP4 127.1"], "address", id="half an address"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(lines: list[str], why: str) -> None:
    with pytest.raises(SdpError, match=why):
        sound(*lines)


def test_without_any_connection_there_is_no_address() -> None:
    with pytest.raises(SdpError, match="no host"):
        sound(AUDIO, head=("t=0 0",))


@pytest.mark.parametrize("zeros", ["IP4 0.0.0.0", "IP6 ::", "IP6 0:0:0:0:0:0:0:0"])
def test_an_address_of_zeros_is_hold(zeros: str) -> None:
    """RFC 3264 §8.4, in the session as in the section."""
    for found in (sound(AUDIO, f"c=IN {zeros}"), sound(AUDIO, head=(f"c=IN {zeros}",))):
        assert (found.address, found.holds, found.mirrored) == (None, True, "inactive")


@pytest.mark.parametrize(
    ("direction", "mirrored", "holds", "may_be_silent"),
    [
        ("sendrecv", "sendrecv", False, False),
        ("sendonly", "recvonly", True, True),
        ("recvonly", "sendonly", False, True),
        ("inactive", "inactive", True, True),
    ],
)
def test_directions_are_mirrored(
    direction: str, mirrored: str, holds: bool, may_be_silent: bool
) -> None:
    """RFC 3264 §6.1."""
    found = sound(AUDIO, f"a={direction}")

    assert (found.mirrored, found.holds, found.may_be_silent) == (mirrored, holds, may_be_silent)


@pytest.mark.parametrize(
    ("lines", "packet_ms"),
    [
        ([], 20),
        (["a=ptime:30"], 30),
        (["a=ptime:10"], 10),
        (["a=ptime: 60 "], 60),
        (["a=ptime:20.0"], 20),
        (["a=ptime:25"], 20),
        (["a=ptime:5"], 10),
        (["a=ptime:200"], 60),
        (["a=ptime:0"], 20),
        (["a=ptime:soon"], 20),
        (["a=ptime:999999999999999999999"], 20),
        (["a=maxptime:10"], 10),
        (["a=maxptime:150"], 20),
        (["a=ptime:60", "a=maxptime:40"], 40),
        (["a=ptime:30", "a=maxptime:20"], 20),
    ],
)
def test_packets_are_as_long_as_the_phone_wants_them(lines: list[str], packet_ms: int) -> None:
    assert sound(AUDIO, *lines).packet_ms == packet_ms


def test_the_length_may_stand_above_all_sections() -> None:
    assert sound(AUDIO, head=(f"c=IN IP4 {HOST}", "t=0 0", "a=ptime:40")).packet_ms == 40
