"""Our own descriptions, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sip.bridge.media.keys import EVENT_FMTP
from sip.bridge.sdp.crypto import Crypto
from sip.bridge.sdp.formats import KEYS, Format
from sip.bridge.sdp.session import Section


@dataclass(frozen=True)
class Local:
    """Our end, as our descriptions state it."""

    host: str
    port: int


@dataclass(frozen=True)
class Stated:
    """What one audio section of ours says."""

    formats: Sequence[Format]
    direction: str = "sendrecv"
    protocol: str = "RTP/AVP"
    packet_ms: int = 20
    crypto: Sequence[Crypto] = ()
    rtcp_mux: bool = False
    """Whether reports go by the port of the sound (RFC 5761). Never offered first: who does not
    know it sends them to the next port all the same."""

    def lines(self, local: Local) -> list[str]:
        numbers = " ".join(str(stated.payload_type) for stated in self.formats)
        lines = [f"m=audio {local.port} {self.protocol} {numbers}"]
        for stated in self.formats:
            lines.append(f"a=rtpmap:{stated.payload_type} {stated.name}/8000")
            if stated.name == KEYS:
                lines.append(f"a=fmtp:{stated.payload_type} {EVENT_FMTP}")
        lines += [ours.line for ours in self.crypto]
        lines += ["a=rtcp-mux"] if self.rtcp_mux else []
        return [*lines, f"a=ptime:{self.packet_ms}", f"a={self.direction}"]


def refused(section: Section) -> list[str]:
    """Port 0, and the rest as it came (RFC 3264 §6)."""
    formats = " ".join(section.formats) or "0"
    return [f"m={section.kind} 0 {section.protocol} {formats}"]


def describe(local: Local, origin: str, timing: str, sections: Iterable[Sequence[str]]) -> bytes:
    """`origin` is session id and version."""
    family = "IP6" if ":" in local.host else "IP4"
    lines = [
        "v=0",
        f"o=switchboard {origin} IN {family} {local.host}",
        "s=Switchboard",
        f"c=IN {family} {local.host}",
        f"t={timing}",
        *(line for section in sections for line in section),
        "",
    ]
    return "\r\n".join(lines).encode()
