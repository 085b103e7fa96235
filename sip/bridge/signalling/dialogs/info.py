"""Keys that come as INFO, which some telephone systems send instead of RFC 4733."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sip.bridge.media.keys import DIGITS
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction

RELAY = "application/dtmf-relay"
BARE = "application/dtmf"
NO_PACKAGE = ("Recv-Info", "nil")
"""There is no Info Package that we take (RFC 6086 §4.2.3)."""

FLASH = len(DIGITS)
"""The hook was flashed (RFC 2833 §3.10), and no key pressed."""

_SIGNAL = re.compile(r"\s*signal\s*[=:]\s*(.*)", re.I)
_SPACES = re.compile(r"[\s,]+")


def answer(transaction: ServerTransaction, press: Callable[[str], None]) -> None:
    """Press what an INFO means. A package that was not agreed on is 469 (RFC 6086 §4.2.2), a body
    that nobody here can read 415, and one that says nothing 400; without a body it is a sign of
    life."""
    request = transaction.request
    if request.header("info-package"):
        transaction.respond(469, headers=[NO_PACKAGE])
        return
    kind = media_type(request.header("content-type"))
    if not request.body:
        transaction.respond(200)
        return
    if kind not in (RELAY, BARE):
        transaction.respond(415, headers=[("Accept", f"{RELAY}, {BARE}")])
        return
    keys = keys_of(request)
    if keys is None:
        transaction.respond(400, "Bad Request (no key)")
        return
    transaction.respond(200)
    for key in keys:
        press(key)


def keys_of(request: Request) -> str | None:
    """The keys in order, empty for a flash of the hook; None for a body that names none."""
    relay = media_type(request.header("content-type")) == RELAY
    found = list(_each(request.text, relay))
    known = [keys for keys in found if keys is not None]
    return "".join(known) if known and len(known) == len(found) else None


def _each(body: str, relay: bool) -> Iterator[str | None]:
    for line in body.splitlines():
        signal = _SIGNAL.fullmatch(line)
        if signal is not None:
            yield _keys(signal[1])
        elif not relay and line.strip():
            yield _keys(line)


def _keys(value: str) -> str | None:
    """`*` or its number, 10; several keys in a row as they stand. None for what is none."""
    value = _SPACES.sub("", value).strip("\"'").upper()
    if value.isascii() and value.isdigit() and len(value) == 2 and int(value) <= FLASH:
        return DIGITS[int(value) : int(value) + 1]
    return value if value and not set(value) - set(DIGITS) else None


def media_type(value: str | None) -> str:
    """`Application/DTMF ; charset=utf-8` as `application/dtmf`."""
    return (value or "").partition(";")[0].strip().lower()
