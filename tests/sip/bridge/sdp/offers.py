"""Descriptions for tests, written as telephones write them."""

from __future__ import annotations

from sip.bridge.media.address import Address
from sip.bridge.sdp.session import Session, parse

HOST = "198.51.100.7"
AUDIO = "m=audio 40000 RTP/AVP 0 8 101"
KEYS = "a=rtpmap:101 telephone-event/8000"
VIDEO = "m=video 40002 RTP/AVP 96"


def text(*lines: str, head: tuple[str, ...] = (f"c=IN IP4 {HOST}", "t=0 0")) -> str:
    """`head` is what stands above the first m= line."""
    return "\r\n".join(["v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", *head, *lines, ""])


def session(*lines: str, head: tuple[str, ...] = (f"c=IN IP4 {HOST}", "t=0 0")) -> Session:
    return parse(text(*lines, head=head))


def anywhere(address: Address) -> None:
    """Sound may be sent to any address."""


def media(body: bytes) -> list[str]:
    """The m= lines of a description."""
    return [line[2:] for line in body.decode().splitlines() if line.startswith("m=")]


def attributes(body: bytes) -> list[str]:
    return [line[2:] for line in body.decode().splitlines() if line.startswith("a=")]
