"""A received message, checked once, so that nothing behind it meets a header it cannot read."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiosipua.headers import Address, Via, parse_address, parse_via, stringify_via
from aiosipua.message import SipMessage, SipRequest, SipResponse

from sip.bridge.transport.framing import MAX_HEAD_BYTES

SIP_PORT = 5060
MAX_CSEQ = 2**31
MAX_DIGITS = 10
MAX_VIAS = 70
SEVERAL_LINES = frozenset(
    (
        "privacy",
        "p-asserted-identity",
        "p-preferred-identity",
        "remote-party-id",
        "diversion",
        "history-info",
    )
)

MAX_LINES = 256
MAX_SEPARATORS = 600
"""Commas and semicolons: each makes a value or a parameter that has to be taken apart."""

_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]+")

COMPACT = {
    b"a": b"Accept-Contact",
    b"b": b"Referred-By",
    b"c": b"Content-Type",
    b"d": b"Request-Disposition",
    b"e": b"Content-Encoding",
    b"f": b"From",
    b"i": b"Call-ID",
    b"j": b"Reject-Contact",
    b"k": b"Supported",
    b"l": b"Content-Length",
    b"m": b"Contact",
    b"n": b"Identity-Info",
    b"o": b"Event",
    b"r": b"Refer-To",
    b"s": b"Subject",
    b"t": b"To",
    b"u": b"Allow-Events",
    b"v": b"Via",
    b"x": b"Session-Expires",
    b"y": b"Identity",
}
"""All short forms that IANA keeps (sip-parameters, "Header Fields")."""

_SHORT = re.compile(rb"(?m)^([abcdefijklmnorstuvxy])(?=[ \t]*:)", re.I)
MAGIC = "z9hg4bk"
"""A branch that begins so, and goes on, is like no other (RFC 3261 §8.1.1.7)."""

_AS_REGISTERED = {
    name.title().encode(): name.encode()
    for name in ("Min-SE", "P-Called-Party-ID", "RAck", "RSeq", "Remote-Party-ID")
}
_SPELT = re.compile(rb"(?m)^(" + b"|".join(_AS_REGISTERED) + rb")(?=:)")

Key = tuple[str, ...]

Headers = Iterable[tuple[str, str]]


class BadMessageError(ValueError):
    """Not a message we can work on. `code` is what to answer, if an answer can be addressed."""

    def __init__(self, code: int, reason: str, raw: SipRequest | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.raw = raw


@dataclass(frozen=True)
class Request:
    """A request with all that RFC 3261 §8.1.1 demands of it. Max-Forwards is forgiven, and so are a
    From without a tag and a Via without a branch, as RFC 2543 had them."""

    raw: SipRequest
    method: str
    uri: str
    via: Via
    frm: Address
    to: Address
    call_id: str
    cseq: int

    @property
    def body(self) -> bytes:
        return self.raw.body

    @property
    def text(self) -> str:
        return self.raw.text

    def header(self, name: str) -> str | None:
        return self.raw.get_header(name)

    def headers(self, name: str) -> list[str]:
        return self.raw.get_header_values(name)

    def all_headers(self) -> Mapping[str, str]:
        """Names in lower case and the first value of each; all values, with a comma between them,
        of those that may stand in several lines (RFC 3261 §7.3.1) and are read by us."""
        return {
            name.lower(): ", ".join(values) if name.lower() in SEVERAL_LINES else values[0]
            for name, values in self.raw.headers.items()
            if values
        }

    def tokens(self, name: str) -> frozenset[str]:
        """Option tags and the like: `Supported: timer, 100rel`."""
        return option_tags(self.raw, name)

    def understands(self, option: str) -> bool:
        """Whether whoever asks knows an extension: it says so, or wants the same of us."""
        return option in self.tokens("supported") | self.tokens("require")

    @property
    def transaction(self) -> Key:
        """What its retransmissions share with it, and nothing else does (RFC 3261 §17.2.3)."""
        return self._key(self.method, self.to.tag or "")

    @property
    def dialog(self) -> tuple[str, str, str]:
        """Call-ID, our tag and theirs: telephones that answer one forked INVITE differ in theirs
        alone."""
        return (self.call_id, self.to.tag or "", self.frm.tag or "")

    @property
    def of_invite(self) -> tuple[Key, Key]:
        """By which the INVITE is found that an ACK or a CANCEL belongs to. The second is of an
        INVITE without a To tag, to whose answer an ACK adds one; it tells only old ones apart."""
        return self._key("INVITE", self.to.tag or ""), self._key("INVITE", "")

    def _key(self, method: str, to_tag: str) -> Key:
        via = self.via
        sent_by = f"{via.host.lower()}:{via.port or ''}"
        branch = via.branch or ""
        if branch.lower().startswith(MAGIC) and len(branch) > len(MAGIC):
            return (branch, sent_by, self.call_id, method)
        own = {name: value for name, value in via.params.items() if name not in _STAMPED}
        tags = (to_tag, self.frm.tag or "")
        return (str(own), sent_by, self.call_id, method, str(self.cseq), self.uri, *tags)


_STAMPED = ("received", "rport")


def option_tags(message: SipMessage, name: str) -> frozenset[str]:
    """In lower case, from all lines of a header."""
    return frozenset(
        token.strip().lower()
        for value in message.headers.get(name)
        for token in value.split(",")
        if token.strip()
    )


def is_number(text: str) -> bool:
    """Digits, and not so many of them that Python would refuse to read them."""
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def new_tag() -> str:
    return secrets.token_hex(6)


def new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"


def parse(data: bytes) -> SipMessage:
    """Raises BadMessageError, without an answer for what would cost too much to read."""
    data = _affordable(data)
    try:
        raw = SipMessage.parse(data)
    except (ValueError, IndexError) as error:
        raise BadMessageError(0, str(error)) from error
    if isinstance(raw, SipResponse) and not 100 <= raw.status_code <= 699:
        raise BadMessageError(0, "status code out of range")
    first = data.split(b"\n", 1)[0].split()
    if isinstance(raw, SipRequest) and (len(first) != 3 or first[2].upper() != b"SIP/2.0"):
        other_version = len(first) == 3 and first[2].upper().startswith(b"SIP/")
        code = 505 if other_version else 400
        raise BadMessageError(code, "request line", raw)
    return raw


def wire(message: SipMessage) -> bytes:
    """What is sent: names of headers as IANA has them, because not everybody compares them without
    regard to case (RFC 3261 §7.3.1 would have it so)."""
    head, end, body = bytes(message).partition(b"\r\n\r\n")
    return _SPELT.sub(lambda found: _AS_REGISTERED[found[1]], head) + end + body


def _affordable(data: bytes) -> bytes:
    """The message with each header in one line, by its long name. What makes reading slow is
    counted before."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        end = data.find(b"\n\n")
    if end < 0:
        end = len(data)
    if end > MAX_HEAD_BYTES:
        raise BadMessageError(0, "headers too long")
    head = _FOLD.sub(b" ", data[:end])
    if head.count(b"\n") > MAX_LINES or head.count(b"\r") > MAX_LINES:
        raise BadMessageError(0, "too many headers")
    if head.count(b",") + head.count(b";") > MAX_SEPARATORS:
        raise BadMessageError(0, "too many values")
    return _SHORT.sub(lambda found: COMPACT[found[1].lower()], head) + data[end:]


def check(raw: SipRequest, source: tuple[str, int]) -> Request:
    """Raises BadMessageError, with `raw` if it has a Via to answer to."""
    vias = raw.headers.get("via")
    if not 0 < len(vias) <= MAX_VIAS:
        raise BadMessageError(0, "Via")
    via = _stamp(raw, parse_via(vias[0]), source)
    problem = _first_problem(raw)
    if problem:
        raise BadMessageError(400, problem, raw)
    number, _, method = (raw.get_header("cseq") or "").partition(" ")
    return Request(
        raw=raw,
        method=method.strip(),
        uri=raw.uri,
        via=via,
        frm=parse_address(raw.get_header("from") or ""),
        to=parse_address(raw.get_header("to") or ""),
        call_id=raw.get_header("call-id") or "",
        cseq=int(number),
    )


def answers_to(raw: SipResponse) -> tuple[str, str]:
    """Branch and method of the request that a response answers. Raises BadMessageError."""
    vias = raw.headers.get("via")
    number, _, method = (raw.get_header("cseq") or "").partition(" ")
    if not 0 < len(vias) <= MAX_VIAS or not is_number(number):
        raise BadMessageError(0, "response without Via or CSeq")
    return parse_via(vias[0]).branch or "", method.strip()


def _first_problem(raw: SipRequest) -> str:
    for name in ("from", "to", "call-id", "cseq"):
        values = raw.headers.get(name)
        if not values or not values[0]:
            return f"no {name}"
        if len(values) > 1:
            return f"more than one {name}"
    number, _, method = (raw.get_header("cseq") or "").partition(" ")
    if not (is_number(number) and int(number) < MAX_CSEQ):
        return "CSeq"
    if method.strip() != raw.method:
        return "CSeq names another method"
    length = raw.get_header("content-length")
    if length is not None and not is_number(length):
        return "Content-Length"
    if length is not None and int(length) > len(raw.body):
        return "body shorter than Content-Length"
    return ""


def _stamp(raw: SipRequest, via: Via, source: tuple[str, int]) -> Via:
    """Write where the message really came from into its top Via (RFC 3261 §18.2.1, RFC 3581)."""
    via.params["received"] = source[0]
    if "rport" in via.params:
        via.params["rport"] = str(source[1])
    rest = raw.headers.get("via")[1:]
    raw.headers.remove("via")
    for value in (stringify_via(via), *rest):
        raw.headers.append("Via", value)
    return via


def reply_port(via: Via, source: tuple[str, int]) -> int:
    """The port a UDP response goes to (RFC 3261 §18.2.2, RFC 3581 §4)."""
    return source[1] if "rport" in via.params else sent_by_port(via)


def sent_by_port(via: Via) -> int:
    """Where whoever wrote it listens."""
    return via.port if via.port is not None and 0 < via.port < 65536 else SIP_PORT


def response(raw: SipRequest, code: int, reason: str, *, to_tag: str = "") -> SipResponse:
    """A response with the headers that are copied from the request (RFC 3261 §8.2.6)."""
    made = SipResponse(status_code=code, reason_phrase=reason)
    for name in ("Via", "Record-Route"):
        for value in raw.headers.get(name):
            made.headers.append(name, value)
    for name in ("From", "To", "Call-ID", "CSeq"):
        made.headers.set_single(name, raw.get_header(name) or "")
    to = raw.get_header("to") or ""
    if code > 100 and to_tag and not parse_address(to).tag:
        made.headers.set_single("To", f"{to};tag={to_tag}")
    return made
