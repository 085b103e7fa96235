"""Offers and answers."""

from __future__ import annotations

import pytest

from sip.bridge.signalling import sdp

LOCAL = sdp.Local("192.0.2.1", 20000)


def offer(media: str = "m=audio 40000 RTP/AVP 0 8 101", more: str = "", host: str = "c") -> str:
    connection = "" if host != "c" else "c=IN IP4 198.51.100.7\r\n"
    return (
        f"v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\n{connection}t=0 0\r\n{media}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\n{more}"
    )


def test_an_ordinary_offer() -> None:
    found = sdp.parse(offer())

    assert found.address == ("198.51.100.7", 40000)
    assert (found.payload_type, found.key_payload_type) == (0, 101)
    assert (found.direction, found.holds) == ("sendrecv", False)


def test_a_law_is_taken_when_it_is_all_there_is() -> None:
    assert sdp.parse(offer("m=audio 40000 RTP/AVP 18 8")).payload_type == 8


def test_the_connection_of_the_stream_counts_more_than_that_of_the_session() -> None:
    found = sdp.parse(offer(more="c=IN IP4 203.0.113.9\r\n"))

    assert found.address == ("203.0.113.9", 40000)


def test_keys_at_another_clock_rate_are_not_ours() -> None:
    """Wide-band codecs bring telephone-event/48000 as well."""
    text = offer("m=audio 40000 RTP/AVP 0 101 110").replace("/8000", "/48000")

    assert sdp.parse(text + "a=rtpmap:110 telephone-event/8000\r\n").key_payload_type == 110


def test_payload_type_zero_that_is_mapped_to_something_else_is_not_g711() -> None:
    with pytest.raises(sdp.SdpError, match="PCMU"):
        sdp.parse(offer("m=audio 40000 RTP/AVP 0", "a=rtpmap:0 G722/8000\r\n"))


@pytest.mark.parametrize(
    ("direction", "answered", "holds"),
    [
        ("sendrecv", "sendrecv", False),
        ("sendonly", "recvonly", True),
        ("recvonly", "sendonly", False),
        ("inactive", "inactive", True),
    ],
)
def test_directions_are_mirrored(direction: str, answered: str, holds: bool) -> None:
    """RFC 3264 §6.1."""
    found = sdp.parse(offer(more=f"a={direction}\r\n"))

    assert found.holds is holds
    assert f"a={answered}\r\n" in sdp.answer(LOCAL, found).decode()


def test_the_address_of_zeros_is_hold() -> None:
    found = sdp.parse(offer().replace("198.51.100.7\r\nt", "0.0.0.0\r\nt"))

    assert found.holds
    assert found.address is None
    assert found.mirrored == "inactive"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\r\n",
        offer("m=video 40000 RTP/AVP 0"),
        offer("m=audio 0 RTP/AVP 0"),
        offer("m=audio 99999 RTP/AVP 0"),
        offer("m=audio 22 RTP/AVP 0"),
        offer("m=audio -1 RTP/AVP 0"),
        offer("m=audio 4٠000 RTP/AVP 0"),
        offer("m=audio 40000 RTP/SAVP 0"),
        offer("m=audio 40000 RTP/AVP 18"),
        offer("m=audio 40000"),
        offer(host="none"),
        offer().replace("198.51.100.7\r\nt", "phone.example\r\nt"),
        offer().replace("198.51.100.7\r\nt", "224.0.0.1\r\nt"),
        offer(more="a=rtpmap:x PCMU/8000\r\n"),
        "a=x\r\n" * 1000,
    ],
)
def test_an_offer_that_cannot_be_used_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.parse(text)


def test_our_own_description_is_read_back() -> None:
    """What we build is what we would accept."""
    found = sdp.parse(sdp.build(sdp.Local("192.0.2.1", 20002)).decode())

    assert found.address == ("192.0.2.1", 20002)
    assert found.key_payload_type == sdp.KEY_PAYLOAD_TYPE


def test_an_answer_names_only_what_was_agreed() -> None:
    answer = sdp.answer(LOCAL, sdp.parse(offer("m=audio 40000 RTP/AVP 8 0 101"))).decode()

    assert "m=audio 20000 RTP/AVP 0 101\r\n" in answer
    assert "a=rtpmap:8" not in answer
