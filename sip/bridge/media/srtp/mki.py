"""The master key identifier of a packet (RFC 3711 §3.1 and §3.4): which key it was made with.

It stands between what is encrypted and the tag, and is no part of what the tag is made of; libsrtp
neither has to know of it nor does, as it is reached here.
"""

from __future__ import annotations

from collections.abc import Iterable

from sip.bridge.media.srtp.suites import Suite


def put(packet: bytes, mki: bytes, suite: Suite, *, rtcp: bool) -> bytes:
    """Into a packet that is protected."""
    if not mki:
        return packet
    at = len(packet) - _tag(suite, rtcp)
    return packet[:at] + mki + packet[at:]


def take(
    packet: bytes, known: Iterable[bytes], suite: Suite, *, rtcp: bool
) -> tuple[bytes, bytes] | None:
    """Which of the `known` ones it has, and the packet without it; None where it has none."""
    end = len(packet) - _tag(suite, rtcp)
    for mki in known:
        start = end - len(mki)
        if start >= 0 and packet[start:end] == mki:
            return mki, packet[:start] + packet[end:]
    return None


def _tag(suite: Suite, rtcp: bool) -> int:
    return suite.rtcp_tag_bytes if rtcp else suite.tag_bytes
