"""A message out of its bytes (RFC 3261 §7, §25.1), and no more work than it is worth."""

from __future__ import annotations

import re

from aiosipua.headers import CaseInsensitiveDict
from aiosipua.message import SipMessage, SipRequest, SipResponse

from sip.bridge.signalling.reading.values import separated
from sip.bridge.transport.framing import MAX_HEAD_BYTES

MAX_LINES = 256
MAX_SEPARATORS = 600
"""Commas and semicolons: each makes a value or a parameter that has to be taken apart."""

MAX_DIGITS = 10

COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""All short forms that IANA keeps (sip-parameters, "Header Fields")."""

SEVERAL = frozenset(
    (
        "via",
        "contact",
        "route",
        "record-route",
        "path",
        "service-route",
        "allow",
        "supported",
        "require",
        "proxy-require",
        "unsupported",
        "accept",
        "accept-encoding",
        "accept-language",
        "warning",
    )
)
"""Headers whose values may stand in one line, with commas between them."""

_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
"""RFC 3261 §25.1: what a method or the name of a header may be."""

_REQUEST_URI = re.compile(r"[^\s<>\"\x00-\x20\x7f]+")
_STATUS = re.compile(r"SIP/2\.0[ \t]+([1-6]\d\d)(?:[ \t]+(.*))?", re.ASCII | re.IGNORECASE)
_SIP = re.compile(r"SIP/\d+\.\d+", re.ASCII | re.IGNORECASE)


class BadMessageError(ValueError):
    """Not a message we can work on. `code` is what to answer, if an answer can be addressed."""

    def __init__(self, code: int, reason: str, raw: SipRequest | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.raw = raw


def is_number(text: str) -> bool:
    """Digits, and not so many of them that Python would refuse to read them."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def parse(data: bytes) -> SipMessage:
    """Raises BadMessageError, without an answer for what would cost too much to read, and for what
    is no request."""
    head, body = _divided(data.lstrip(b"\r\n"))
    first, *lines = _LINE_END.split(head.decode("utf-8", "replace"))
    if first[:4].upper() == "SIP/":
        return _response(first, _headers(lines), body)
    return _request(first, _headers(lines), body)


def _divided(data: bytes) -> tuple[bytes, bytes]:
    """Headers in one line each, and the body. What makes reading slow is counted before."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    end, mark = ends[0] if ends else (len(data), 0)
    if end > MAX_HEAD_BYTES:
        raise BadMessageError(0, "headers too long")
    head = _FOLD.sub(b" ", data[:end])
    if head.count(b"\n") > MAX_LINES or head.count(b"\r") > MAX_LINES:
        raise BadMessageError(0, "too many headers")
    if head.count(b",") + head.count(b";") > MAX_SEPARATORS:
        raise BadMessageError(0, "too many values")
    return head, data[end + mark :]


def _headers(lines: list[str]) -> CaseInsensitiveDict:
    """A line that is no header is none."""
    found = CaseInsensitiveDict()
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip()
        name = COMPACT.get(name.lower(), name)
        if not colon or not _TOKEN.fullmatch(name):
            continue
        if name.lower() not in SEVERAL:
            found.append(name, value.strip())
            continue
        for each in separated(value, ","):
            if each:
                found.append(name, each)
    return found


def _response(first: str, headers: CaseInsensitiveDict, body: bytes) -> SipResponse:
    status = _STATUS.fullmatch(first.strip())
    if status is None:
        raise BadMessageError(0, "status line")
    body = _measured(headers, body)
    return SipResponse(headers, body, int(status[1]), status[2] or "")


def _request(first: str, headers: CaseInsensitiveDict, body: bytes) -> SipRequest:
    words = first.split()
    method = words[0] if words else ""
    if len(words) < 3 or not _SIP.fullmatch(words[-1]) or not _TOKEN.fullmatch(method):
        raise BadMessageError(0, "request line")
    body = _measured(headers, body)
    raw = SipRequest(headers, body, method, words[1])
    if words[-1].upper() != "SIP/2.0":
        raise BadMessageError(505, "version", raw)
    if len(words) > 3 or not _REQUEST_URI.fullmatch(words[1]):
        raise BadMessageError(400, "Request-URI", raw)
    return raw


def _measured(headers: CaseInsensitiveDict, body: bytes) -> bytes:
    """As much of it as Content-Length says (RFC 3261 §18.3); `check` looks at what it says."""
    said = headers.get_first("content-length") or ""
    return body[: int(said)] if is_number(said) else body
