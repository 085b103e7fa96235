"""A received message, checked once, so that nothing behind it meets a header it cannot read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiosipua.headers import Address, Via
from aiosipua.message import SipMessage, SipRequest, SipResponse

from sip.bridge.signalling.reading.parse import BadMessageError, is_number
from sip.bridge.signalling.reading.values import (
    problem_of_address,
    problem_of_via,
    read_address,
    read_via,
    stamped,
)

SIP_PORT = 5060
MAX_CSEQ = 2**31
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

MAGIC = "z9hg4bk"
"""A branch that begins so, and goes on, is like no other (RFC 3261 §8.1.1.7)."""

Key = tuple[str, ...]

Headers = Iterable[tuple[str, str]]


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


def new_tag() -> str:
    return secrets.token_hex(6)


def new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(8)}"


def check(raw: SipRequest, source: tuple[str, int]) -> Request:
    """Raises BadMessageError, with `raw` if it has a Via to answer to."""
    vias = raw.headers.get("via")
    if not 0 < len(vias) <= MAX_VIAS:
        raise BadMessageError(0, "Via")
    via = _stamp(raw, source)
    problem = _first_problem(raw)
    if problem:
        raise BadMessageError(400, problem, raw)
    number, method = numbered(raw)
    return Request(
        raw=raw,
        method=method,
        uri=raw.uri,
        via=via,
        frm=read_address(raw.get_header("from") or ""),
        to=read_address(raw.get_header("to") or ""),
        call_id=raw.get_header("call-id") or "",
        cseq=int(number),
    )


def numbered(raw: SipMessage) -> tuple[str, str]:
    """The number and the method of CSeq, any blanks between them; not checked."""
    number, *method = (raw.get_header("cseq") or "").split(None, 1) or [""]
    return number, method[0] if method else ""


def answers_to(raw: SipResponse) -> tuple[str, str]:
    """Branch and method of the request that a response answers. Raises BadMessageError."""
    vias = raw.headers.get("via")
    number, method = numbered(raw)
    if not 0 < len(vias) <= MAX_VIAS or not is_number(number):
        raise BadMessageError(0, "response without Via or CSeq")
    return read_via(vias[0]).branch or "", method


def _first_problem(raw: SipRequest) -> str:
    for name in ("from", "to", "call-id", "cseq"):
        values = raw.headers.get(name)
        if not values or not values[0]:
            return f"no {name}"
        if len(values) > 1:
            return f"more than one {name}"
    number, method = numbered(raw)
    if not (is_number(number) and int(number) < MAX_CSEQ):
        return "CSeq"
    if method != raw.method:
        return "CSeq names another method"
    return _problem_of_length(raw) or _problem_of_values(raw)


def _problem_of_length(raw: SipRequest) -> str:
    lengths = raw.headers.get("content-length")
    if not all(map(is_number, lengths)) or len(set(map(int, lengths))) > 1:
        return "Content-Length"
    if lengths and int(lengths[0]) > len(raw.body):
        return "body shorter than Content-Length"
    return ""


def _problem_of_values(raw: SipRequest) -> str:
    for name in ("from", "to", "contact"):
        for value in raw.headers.get(name):
            if problem := problem_of_address(value):
                return f"{name}: {problem}"
    for name in ("from", "to"):
        if _unbracketed_six(raw.get_header(name) or ""):
            return f"{name}: an IPv6 address without brackets"
    if _unbracketed_six(f"<{raw.uri}>"):
        return "Request-URI: an IPv6 address without brackets"
    return next(filter(None, map(problem_of_via, raw.headers.get("via"))), "")


def _unbracketed_six(address: str) -> bool:
    """RFC 5118 §4.2: nobody can tell where it ends and its port begins."""
    uri = read_address(address).uri
    return uri.scheme in ("sip", "sips") and uri.host.count(":") > 1 and uri.host[0] != "["


def _stamp(raw: SipRequest, source: tuple[str, int]) -> Via:
    """Write where the message really came from into its top Via (RFC 3261 §18.2.1, RFC 3581)."""
    first, *rest = raw.headers.get("via")
    via = read_via(first)
    via.params["received"] = source[0]
    if "rport" in via.params:
        via.params["rport"] = str(source[1])
    raw.headers.remove("via")
    for value in (stamped(first, via), *rest):
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
    if code > 100 and to_tag and not read_address(to).tag:
        made.headers.set_single("To", f"{to};tag={to_tag}")
    return made
