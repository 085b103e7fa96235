"""Finds the session description in a message by what the message says of its body (RFC 5621)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiosipua.message import SipMessage

from sip.bridge.sdp.session import CONTENT_TYPE, Headers, SdpError

MULTIPART = "multipart/"
ACCEPT = f"{CONTENT_TYPE}, multipart/mixed, multipart/alternative, multipart/related"
MAX_DEPTH = 4
MAX_PARTS = 32

_TOO_MUCH = "a body of too many parts"
_PARAMETER = re.compile(
    r"""[ \t]*(?:;[ \t]*)+([^\s=;"]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*+)"|([^;"]*)))?"""
)
_COMPACT = {"c": "content-type", "e": "content-encoding"}
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]+")
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})


class BodyError(SdpError):
    """A body that this leg cannot read, and must (RFC 3261 §8.2.3)."""

    code = 415

    def __init__(self, why: str, *, encoded: bool = False) -> None:
        super().__init__(why)
        self.headers: Headers = (
            (("Accept-Encoding", "identity"),) if encoded else (("Accept", ACCEPT),)
        )


@dataclass(frozen=True)
class Value:
    """A header with parameters. `name` and the names of the parameters are in lower case."""

    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Value:
        name = text.partition(";")[0]
        found: dict[str, str] = {}
        at = len(name)
        # One after the other, not by searching: that would read what has no end again and again.
        while read := _PARAMETER.match(text, at):
            key, quoted, plain = read.groups("")
            found[key.lower()] = re.sub(r"\\(.)", r"\1", quoted) or plain.strip()
            at = read.end()
        return cls(name.strip().lower(), found)


@dataclass(frozen=True)
class Part:
    """A body, or one of a body's parts."""

    kind: Value
    disposition: Value
    encoding: str
    content: bytes

    @property
    def handling(self) -> str:
        return self.disposition.parameters.get("handling", "").lower()

    @property
    def describes(self) -> bool:
        """A description for early media (RFC 3959) is not that of the session."""
        return self.kind.name == CONTENT_TYPE and self.disposition.name != "early-session"


def description_in(message: SipMessage) -> str | None:
    """The text of the description; None where the message brings none, so that it wants an offer.

    Raises BodyError. A body without Content-Type is taken for a description.
    """
    if not message.body.strip():
        return None
    part = Part(
        Value.read(message.get_header("content-type") or CONTENT_TYPE),
        Value.read(message.get_header("content-disposition") or ""),
        (message.get_header("content-encoding") or "").strip().lower(),
        message.body,
    )
    if part.encoding not in ("", "identity"):
        raise BodyError(f"the encoding {part.encoding} is not read here", encoded=True)
    found = _find(part, 0)
    if found is None and part.handling != "optional" and not _is_optional(part):
        raise BodyError(f"{part.kind.name} is not read here")
    return None if found is None else found.content.decode(errors="replace")


def _is_optional(part: Part) -> bool:
    """Whether nothing in it has to be understood."""
    if not part.kind.name.startswith(MULTIPART):
        return part.handling == "optional"
    parts = _parts(part)
    return bool(parts) and all(inner.handling == "optional" for inner in parts)


def _find(part: Part, depth: int) -> Part | None:
    """Raises BodyError for a part beside the description that has to be understood and cannot be.

    RFC 3261 §20.11 means that of every part that does not say otherwise. Who sends ISUP or a
    location along mostly forgets to, and wants the call: only what is called required is.
    """
    if part.describes and part.encoding in ("", "identity"):
        return part
    if not part.kind.name.startswith(MULTIPART):
        return None
    if depth >= MAX_DEPTH:
        raise BodyError(_TOO_MUCH)
    alternatives = part.kind.name == "multipart/alternative"
    found: Part | None = None
    for inner in _parts(part):
        here = _find(inner, depth + 1)
        if here is not None and (found is None or alternatives):
            found = here  # the last of the alternatives is the best (RFC 2046 §5.1.4)
        elif here is None and inner.handling == "required" and not alternatives:
            raise BodyError(f"{inner.kind.name} is not read here")
    return found


def _parts(part: Part) -> list[Part]:
    """Raises BodyError where there is no telling them apart."""
    boundary = part.kind.parameters.get("boundary", "").rstrip()
    if not 0 < len(boundary) <= 200:
        raise BodyError("a multipart body without a boundary")
    line = rb"(?:^|\r\n|\n|\r)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r|\n|$)"
    pieces = re.split(line, part.content, maxsplit=MAX_PARTS + 1)
    found: list[Part] = []
    # What stands before the first boundary is nobody's; each piece has the mark of its boundary.
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if mark:
            break
        if len(found) >= MAX_PARTS:
            raise BodyError(_TOO_MUCH)
        found.append(_part(piece))
    return found


def _part(piece: bytes) -> Part:
    """The piece begins with the end of its boundary's line."""
    piece = re.sub(rb"\A(?:\r\n|\n|\r)", b"", piece, count=1)
    head, content = b"", piece
    if piece[:1] in (b"\r", b"\n"):
        content = piece.lstrip(b"\r\n")
    elif end := _HEAD_END.search(piece):
        head, content = piece[: end.start()], piece[end.end() :]
    headers = _headers(head.decode(errors="replace"))
    encoding = headers.get("content-encoding", "").strip().lower()
    transfer = headers.get("content-transfer-encoding", "").strip().lower()
    return Part(
        Value.read(headers.get("content-type", "text/plain")),
        Value.read(headers.get("content-disposition", "")),
        encoding if transfer in _PLAIN else transfer,
        content,
    )


def _headers(head: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _LINE_END.split(_FOLD.sub(" ", head)):
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.setdefault(_COMPACT.get(key, key), value.strip())
    return found
