"""A session description as values (RFC 4566). What they mean for a call stands in `sound`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

CONTENT_TYPE = "application/sdp"

MAX_LINES = 400
MAX_SECTIONS = 40
MAX_FORMATS = 128
"""RTP has no more payload types than that."""

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

_LINE_END = re.compile(r"\r\n|\r|\n")
_MAX_DIGITS = 6

Attributes = tuple[tuple[str, str], ...]
Headers = tuple[tuple[str, str], ...]


class SdpError(ValueError):
    """A description that cannot be used; the text says why, `code` and `headers` what to answer."""

    code = 488
    headers: Headers = ()


@dataclass(frozen=True)
class Connection:
    """A c= line. `host` may be a name."""

    host: str
    six: bool = False


@dataclass(frozen=True)
class Section:
    """An m= line with what belongs to it. `common` are the attributes of the whole session, which
    are the default of every section's."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: Connection | None = None
    attributes: Attributes = ()
    common: Attributes = ()

    def values(self, name: str) -> list[str]:
        """Of all attributes of this name, the section's own or else those of the session."""
        own = [value for known, value in self.attributes if known == name]
        return own or [value for known, value in self.common if known == name]

    @property
    def direction(self) -> str:
        """RFC 4566 §6: the session's, where the section says nothing."""
        for attributes in (self.attributes, self.common):
            for name, _ in reversed(attributes):
                if name in DIRECTIONS:
                    return name
        return "sendrecv"


@dataclass(frozen=True)
class Session:
    sections: tuple[Section, ...]
    timing: str = "0 0"


def parse(text: str) -> Session:
    """Forgives line ends, blanks and lines of no meaning to us; raises SdpError for what is too
    long, and for an m= line that could not be answered."""
    lines = _LINE_END.split(text)
    if len(lines) > MAX_LINES:
        raise SdpError("the description is too long")
    reading = _Reading()
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if equals:
            reading.line(kind.strip(), value.strip())
    return reading.session()


@dataclass
class _Lines:
    """What was read under one m= line, or above the first."""

    media: Section | None = None
    connection: Connection | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)


class _Reading:
    def __init__(self) -> None:
        self._common = self._current = _Lines()
        self._found: list[_Lines] = []
        self._timing = ""

    def line(self, kind: str, value: str) -> None:
        if kind == "m":
            if len(self._found) >= MAX_SECTIONS:
                raise SdpError("too many m= lines")
            self._current = _Lines(_media(value))
            self._found.append(self._current)
        elif kind == "c":
            self._current.connection = self._current.connection or _connection(value)
        elif kind == "a":
            name, _, rest = value.partition(":")
            self._current.attributes.append((name.strip().lower(), rest.strip()))
        elif kind == "t":
            self._timing = self._timing or _timing(value)

    def session(self) -> Session:
        sections = []
        for found in self._found:
            assert found.media is not None
            media = found.media
            sections.append(
                Section(
                    media.kind,
                    media.port,
                    media.protocol,
                    media.formats,
                    found.connection or self._common.connection,
                    tuple(found.attributes),
                    tuple(self._common.attributes),
                )
            )
        return Session(tuple(sections), self._timing or "0 0")


def _media(value: str) -> Section:
    """The tokens of the line go back to the sender as they are, so they have to be printable."""
    tokens = value.split()
    if len(tokens) < 3 or not all(token.isascii() and token.isprintable() for token in tokens):
        raise SdpError("an m= line that cannot be read")
    if len(tokens) > MAX_FORMATS + 3:
        raise SdpError("too many formats")
    kind, port, protocol, *formats = tokens
    digits = port.partition("/")[0]
    if not (digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise SdpError("an m= line without a port")
    return Section(kind.lower(), int(digits), protocol, tuple(formats))


def _connection(value: str) -> Connection | None:
    """The first address counts: several are layers of multicast, which nobody speaks here."""
    parts = value.split()
    if len(parts) != 3:
        return None
    return Connection(parts[2].partition("/")[0], parts[1].upper() == "IP6")


def _timing(value: str) -> str:
    """An answer repeats it (RFC 3264 §6)."""
    parts = value.split()
    digits = len(parts) == 2 and all(p.isascii() and p.isdigit() and len(p) <= 20 for p in parts)
    return " ".join(parts) if digits else ""
