"""Which payload types of a description mean what (RFC 3551 §6, RFC 4733, RFC 3389)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sip.bridge.media.codecs.payload_types import G722_TYPE, NAMES
from sip.bridge.sdp.session import Section

PCMU, PCMA, G722 = 0, 8, G722_TYPE
CODECS = (G722, PCMU, PCMA)
"""What is spoken here, the best first, by the static payload types, which name the codecs."""

NOISE = "CN"
KEYS = "telephone-event"

_STATIC = {**NAMES, 13: NOISE}
_BY_NAME = {name.lower(): static for static, name in NAMES.items()}
_SPELLED = {name.lower(): name for name in (*NAMES.values(), NOISE, KEYS)}
_CLOCK_RATE = "8000"
_RTCP = range(64, 96)
"""A packet of such a type would be taken for RTCP (RFC 5761 §4)."""


@dataclass(frozen=True)
class Format:
    """One payload type of a section; `name` as in rtpmap."""

    payload_type: int
    name: str

    @property
    def codec(self) -> int | None:
        """The static payload type of its codec; None for what is no sound."""
        return _BY_NAME.get(self.name.lower())


@dataclass(frozen=True)
class Spoken:
    """Our codecs, the best first. An answer keeps the order of the offer among them, unless a trunk
    has stated ours."""

    codecs: tuple[int, ...] = CODECS
    ours_first: bool = False
    tones: bool = False
    """Whether keys come as tones in the sound as well."""

    @classmethod
    def of_trunk(cls, names: Iterable[str], *, only: bool, tones: bool = False) -> Spoken:
        """`only` those, or those before all others. What is not spoken here is left out."""
        known = [_BY_NAME.get(name.lower()) for name in names]
        named = tuple(dict.fromkeys(codec for codec in known if codec is not None))
        others = () if only else tuple(codec for codec in CODECS if codec not in named)
        return cls((*named, *others), bool(named), tones)


ALL = Spoken()


def formats_of(section: Section) -> list[Format]:
    """Those of its formats that mean something here, in its order, each once."""
    maps = _maps(section)
    found: dict[str, Format] = {}
    for text in section.formats:
        payload_type = _payload_type(text)
        if payload_type is None:
            continue
        name = maps.get(payload_type, _STATIC.get(payload_type, ""))
        if name and name not in found:
            found[name] = Format(payload_type, name)
    return list(found.values())


def _maps(section: Section) -> dict[int, str]:
    """The names that rtpmap gives, empty for one that is not spoken here."""
    maps = {}
    for value in section.values("rtpmap"):
        number, _, encoding = " ".join(value.split()).partition(" ")
        payload_type = _payload_type(number)
        if payload_type is not None and encoding:
            maps[payload_type] = _name(encoding.replace(" ", ""))
    return maps


def _name(encoding: str) -> str:
    """`PCMA/8000/1` in any case; rate and channels may be left out."""
    name, _, rest = encoding.partition("/")
    rate, _, channels = rest.partition("/")
    if (rate or _CLOCK_RATE) != _CLOCK_RATE or channels not in ("", "1"):
        return ""
    return _SPELLED.get(name.lower(), "")


def _payload_type(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        return None
    number = int(text)
    return number if number < 128 and number not in _RTCP else None
