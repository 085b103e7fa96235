"""Whom a telephone wants its call sent to: Refer-To in all its spellings (RFC 3515 §2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from dialplans.telephony.addresses import address, separated
from sip.bridge.calls.transfers.replacement import Replaces
from sip.bridge.signalling.addresses import HOST, NAME_ADDR
from sip.bridge.signalling.message import Request

KNOWN = ("sip", "tel")
"""`sips:` would have to go by TLS all the way, which nobody here can promise."""

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)\s*:")


class ReferToError(ValueError):
    """`code` is what to answer; the text says why."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class ReferTo:
    """`user` is the number or name that is dialled, without escapes; `uri` has neither the method
    nor the headers that the URI had."""

    uri: str
    user: str
    host: str = ""
    port: int | None = None
    transport: str = ""
    replaces: Replaces | None = None

    @classmethod
    def of(cls, request: Request) -> ReferTo:
        """Raises ReferToError."""
        values = [one for line in request.headers("refer-to") for one in separated(line)]
        if len(values) != 1:
            said = "no Refer-To" if not values else "more than one Refer-To"
            raise ReferToError(400, f"Bad Request ({said})")
        return cls.read(values[0])

    @classmethod
    def read(cls, value: str) -> ReferTo:
        """Of a header's value. Raises ReferToError."""
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise ReferToError(400, "Bad Request (Refer-To)")
        found = NAME_ADDR.match(value.strip())
        written = found[1].strip("<> ") if found is not None else value.strip()
        scheme = _SCHEME.match(written)
        if scheme is None:
            raise ReferToError(400, "Bad Request (Refer-To is no URI)")
        if scheme[1].lower() not in KNOWN:
            raise ReferToError(416, "Unsupported URI Scheme")
        bare, headers = _parted(written[scheme.end() :].strip())
        rest, *parameters = _outside_user(bare)
        kept = [one for one in parameters if not _is(one, "method")]
        method = next((_value(one) for one in parameters if _is(one, "method")), "INVITE")
        if method.upper() != "INVITE":
            raise ReferToError(501, f"Not Implemented (to refer to {_shown(method)})")
        uri = ";".join((f"{scheme[1].lower()}:{rest}", *kept))
        read = address(f"<{uri}>")
        if scheme[1].lower() == "sip" and not HOST.fullmatch(read.host):
            raise ReferToError(400, "Bad Request (Refer-To has no host)")
        if scheme[1].lower() == "tel" and not read.user:
            raise ReferToError(400, "Bad Request (Refer-To has no number)")
        transport = next((_value(one).lower() for one in kept if _is(one, "transport")), "")
        return cls(uri, read.number, read.host.lower(), read.port, transport, _replaces(headers))


def _parted(text: str) -> tuple[str, str]:
    """What stands before and after the `?` of a URI. A user may hold one (RFC 3261 §25.1), and
    headers an `@` that nobody has escaped."""
    before, at, after = text.partition("@")
    question = before.find("?")
    if not at or ("=" in before[question:] and question >= 0):
        before, after = text.partition("?")[::2]
        return before, after
    host, _, headers = after.partition("?")
    return f"{before}@{host}", headers


def _outside_user(text: str) -> list[str]:
    """Split where parameters of the URI begin: a user may have some of its own."""
    user, at, host = text.rpartition("@")
    first, *rest = host.split(";")
    return [f"{user}{at}{first}", *rest]


def _replaces(headers: str) -> Replaces | None:
    """The one header of a URI that is looked at; others are nobody's business to write into our
    requests (RFC 3261 §19.1.5). Raises ReferToError for one that names no dialog."""
    named = [one.partition("=") for one in headers.split("&")]
    values = [unquote(value) for name, _, value in named if unquote(name).lower() == "replaces"]
    if not values:
        return None
    found = Replaces.read(values[0]) if len(values) == 1 else None
    if found is None or any(ord(c) < 32 for c in values[0]):
        raise ReferToError(400, "Bad Request (Replaces in Refer-To)")
    return found


def _is(parameter: str, name: str) -> bool:
    return parameter.partition("=")[0].strip().lower() == name


def _value(parameter: str) -> str:
    return unquote(parameter.partition("=")[2].strip().strip('"'))


def _shown(word: str) -> str:
    return "".join(c for c in word if c.isalnum())[:20] or "no method"
