"""Offers and answers for one G.711 stream (RFC 4566, RFC 3264)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sip.bridge.media.address import Address, Ours, may_be_sent_to, plain, usable_address
from sip.bridge.media.g711 import codec
from sip.bridge.media.keys import EVENT_FMTP
from sip.bridge.media.stream import Remote

PREFERENCE = (0, 8)
KEY_PAYLOAD_TYPE = 101
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MIRROR = {"sendonly": "recvonly", "recvonly": "sendonly"}
MAX_LINES = 400
CONTENT_TYPE = "application/sdp"


class SdpError(ValueError):
    """The description offers nothing this leg can send to; the text says what is missing."""


@dataclass(frozen=True)
class Description:
    """What the other side says about its audio. `address` is None where it wants no sound."""

    address: Address | None
    payload_type: int
    key_payload_type: int | None
    direction: str

    def remote_by(self, ours: Ours, peer: str, *others: str) -> Remote:
        """For a stream, as told by `peer`; signalling of the call comes from `others` too.

        Raises MediaAddressError for an address that sound is never sent to.
        """
        behind_nat = self.address is not None and not may_be_sent_to(self.address, peer, ours)
        hosts = frozenset(map(plain, (peer, *others)))
        types = self.payload_type, self.key_payload_type
        return Remote(self.address, *types, hosts=hosts, behind_nat=behind_nat)

    @property
    def may_be_silent(self) -> bool:
        """Whether the other side has said that it need not send: hold, or it only listens."""
        return self.holds or self.direction == "recvonly"

    @property
    def holds(self) -> bool:
        """Whether the other side will not hear us (RFC 3264 §8.4, the old form included)."""
        return self.direction in ("sendonly", "inactive") or self.address is None

    @property
    def mirrored(self) -> str:
        """The direction to answer with."""
        if self.address is None:
            return "inactive"
        return _MIRROR.get(self.direction, self.direction)


@dataclass(frozen=True)
class Local:
    """Our end, as our descriptions state it."""

    host: str
    port: int


def parse(text: str) -> Description:
    """The first active audio stream; raises SdpError."""
    session_host, media, found = "", None, []
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise SdpError("description too long")
    for line in lines:
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            media = _Media(value)
            found.append(media)
        elif kind == "c" and media is None:
            session_host = _connection(value)
        elif kind == "c" and media is not None:
            media.host = _connection(value)
        elif kind == "a" and media is not None:
            media.attribute(value)
    audio = next((m for m in found if m.kind == "audio" and m.port != 0), None)
    if audio is None:
        raise SdpError("no audio")
    return audio.describe(session_host)


def _connection(value: str) -> str:
    parts = value.split()
    return parts[2].split("/")[0] if len(parts) == 3 else ""


class _Media:
    """One m= section while it is read."""

    def __init__(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 4:
            raise SdpError("m= line")
        self.kind, port, self.protocol, *self.formats = parts
        self.port = _number(port.split("/")[0])
        self.host = ""
        self.direction = "sendrecv"
        self.maps: dict[int, str] = {}

    def attribute(self, value: str) -> None:
        name, _, rest = value.partition(":")
        if name in DIRECTIONS:
            self.direction = name
        elif name == "rtpmap":
            number, _, encoding = rest.partition(" ")
            self.maps[_number(number)] = encoding.strip().lower()

    def describe(self, session_host: str) -> Description:
        if self.protocol.upper() not in ("RTP/AVP", "RTP/AVPF"):
            raise SdpError(f"{self.protocol} is not spoken here")
        offered = [_number(text) for text in self.formats if text.isascii() and text.isdigit()]
        known = [pt for pt in PREFERENCE if pt in offered and self._is_g711(pt)]
        if not known:
            raise SdpError("neither PCMU nor PCMA is offered")
        keys = (pt for pt in offered if self.maps.get(pt, "").startswith("telephone-event/8000"))
        host = self.host or session_host
        address = usable_address(host, self.port)
        if address is None and host not in ("0.0.0.0", "::"):
            raise SdpError(f"{host}:{self.port} is no address to send to")
        return Description(address, known[0], next(keys, None), self.direction)

    def _is_g711(self, payload_type: int) -> bool:
        name = f"{codec(payload_type).name.lower()}/8000"
        return self.maps.get(payload_type, name) in (name, f"{name}/1")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise SdpError(f"not a number: {text[:20]}")
    return int(text)


def build(
    local: Local,
    *,
    payload_types: tuple[int, ...] = PREFERENCE,
    keys: int | None = KEY_PAYLOAD_TYPE,
    direction: str = "sendrecv",
) -> bytes:
    """A description of our stream; the session version is the clock, so it always rises."""
    version = time.time_ns() // 1_000_000
    family = "IP6" if ":" in local.host else "IP4"
    formats = [*payload_types, *([] if keys is None else [keys])]
    lines = [
        "v=0",
        f"o=- {local.port} {version} IN {family} {local.host}",
        "s=Switchboard",
        f"c=IN {family} {local.host}",
        "t=0 0",
        f"m=audio {local.port} RTP/AVP {' '.join(map(str, formats))}",
        *(f"a=rtpmap:{pt} {codec(pt).name}/8000" for pt in payload_types),
    ]
    if keys is not None:
        lines += [f"a=rtpmap:{keys} telephone-event/8000", f"a=fmtp:{keys} {EVENT_FMTP}"]
    lines += ["a=ptime:20", f"a={direction}", ""]
    return "\r\n".join(lines).encode()


def answer(local: Local, offer: Description) -> bytes:
    return build(
        local,
        payload_types=(offer.payload_type,),
        keys=offer.key_payload_type,
        direction=offer.mirrored,
    )
