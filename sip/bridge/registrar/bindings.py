"""What a REGISTER makes of the places where a telephone was known to be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from dialplans.telephony.addresses import Address, address, separated
from sip.bridge.signalling.message import SIP_PORT, Request
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.transport.flow import Flow

SHORTEST_S = 60
USUAL_S = 600
LONGEST_S = 3600
MOST = 10
"""Places of one telephone."""

_URI = re.compile(r"sips?:[!-;=?-~]{1,500}")
"""`sips:` is for who has come by TLS (RFC 3261 §26.2.2). Printable, without brackets: it becomes
the Request-URI of our calls."""


class BadRegisterError(Exception):
    """`code` is the answer."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


class Binding(msgspec.Struct, frozen=True):
    """`host` and `port` are where its packets came from: calls go back there, through any NAT."""

    contact: str
    host: str
    port: int
    tcp: bool
    until: float
    """Seconds since 1970."""
    call_id: str
    cseq: int
    q: float = 1.0
    path: tuple[str, ...] = ()
    """The proxies between (RFC 3327), the one next to us first."""
    agent: str = ""
    leg: str = ""
    """The name of the leg that it registered with: it is at an address, or over a connection, that
    others may not reach it by."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes a contact the same (RFC 3261 §19.1.4, as far as telephones write one)."""
        named = address(self.contact)
        return named.user, named.host.lower(), named.port or SIP_PORT


@dataclass(frozen=True)
class Asked:
    """A REGISTER whose sender has proved who it is."""

    request: Request
    flow: Flow
    now: float

    @property
    def contacts(self) -> list[str]:
        return [each for line in self.request.headers("contact") for each in separated(line)]


def applied(before: Iterable[Binding], asked: Asked) -> tuple[Binding, ...]:
    """All of it or nothing. Raises BadRegisterError."""
    kept = {binding.key: binding for binding in before if binding.until > asked.now}
    contacts = asked.contacts
    if "*" in contacts:
        return _all_gone(kept.values(), asked)
    for contact in contacts:
        made = _binding(contact, asked)
        known = kept.get(made.key)
        if known is not None:
            _in_order(known, asked)
        if made.until <= asked.now:
            kept.pop(made.key, None)
        else:
            kept[made.key] = made
    if len(kept) > MOST:
        raise BadRegisterError(403, "Too many contacts")
    return tuple(kept.values())


def _all_gone(kept: Iterable[Binding], asked: Asked) -> tuple[Binding, ...]:
    """`Contact: *` takes everything away, and stands alone (RFC 3261 §10.3, step 6)."""
    if len(asked.contacts) > 1 or (asked.request.header("expires") or "").strip() != "0":
        raise BadRegisterError(400, "Bad Request (Contact: * is for Expires: 0)")
    for binding in kept:
        _in_order(binding, asked)
    return ()


def _in_order(known: Binding, asked: Asked) -> None:
    """A request that was overtaken changes nothing (RFC 3261 §10.3, step 7)."""
    request = asked.request
    if known.call_id == request.call_id and request.cseq <= known.cseq:
        raise BadRegisterError(500, "Out of order")


def _binding(contact: str, asked: Asked) -> Binding:
    request, named = asked.request, address(contact)
    uri = _uri_of(contact)
    too_secure = uri.startswith("sips:") and not asked.flow.secure
    if not _URI.fullmatch(uri) or not named.host or too_secure:
        raise BadRegisterError(400, "Bad Request (Contact)")
    path = [each for line in request.headers("path") for each in separated(line)]
    return Binding(
        contact=uri,
        host=asked.flow.peer[0],
        port=_port(request, asked.flow, named),
        tcp=asked.flow.reliable,
        until=asked.now + _seconds(named, request),
        call_id=request.call_id,
        cseq=request.cseq,
        q=_q(named),
        path=tuple(path),
        agent=(request.header("user-agent") or "")[:80],
    )


def _uri_of(contact: str) -> str:
    """Without brackets the parameters are the header's, and a question mark is nobody's (RFC 3261
    §20.10): what is meant by it is not guessed."""
    inside = re.search(r"<([^<>]*)>", contact)
    found = inside[1] if inside else contact.partition(";")[0].replace("?", "<")
    scheme, colon, rest = found.strip().partition(":")
    return f"{scheme.lower()}{colon}{rest}"


def _port(request: Request, flow: Flow, contact: Address) -> int:
    """Where it came from, unless it says that it listens at another port of the same host."""
    elsewhere = contact.host.strip("[]") != flow.peer[0]
    if flow.reliable or elsewhere or "rport" in request.via.params:
        return flow.peer[1]
    return contact.port or SIP_PORT


def _seconds(contact: Address, request: Request) -> int:
    """What is asked for, within our bounds. Raises BadRegisterError for too little."""
    written = contact.parameters.get("expires") or request.header("expires") or ""
    seconds = int(written) if is_number(written.strip()) else USUAL_S
    if 0 < seconds < SHORTEST_S:
        raise BadRegisterError(423, "Interval Too Brief")
    return min(seconds, LONGEST_S)


def _q(contact: Address) -> float:
    try:
        return min(1.0, max(0.0, float(contact.parameters.get("q", "1"))))
    except ValueError:
        return 1.0
