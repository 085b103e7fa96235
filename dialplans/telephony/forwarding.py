"""How a call came to our number: forwarded by whom, and what was dialled at first.

Facts of a call, never its way: that is the Request-URI's alone (RFC 3261 §8.2.2.1, §16.5).
"""

from __future__ import annotations

from collections.abc import Mapping

from dialplans.telephony.addresses import Address, address, addresses
from dialplans.telephony.call import ANONYMOUS
from dialplans.telephony.identity import hidden_by, privacy, says_withheld
from dialplans.telephony.numbers import read

DIALLED = ("to", "p-called-party-id")
FORWARDED = ("diversion", "history-info")
FORWARDING_HEADERS = ("To", "P-Called-Party-ID", "Diversion", "History-Info")
"""What a leg must hand on so that the worker knows how a call came here."""
MOST = 5
"""So many numbers of each header are looked at; a call that was forwarded more often is lost."""
_HIDE_HISTORY = frozenset(("history", "header", "session", "full"))


def forwarded_from(headers: Mapping[str, str], called: str, like: str) -> tuple[str, ...]:
    """The numbers that sent the call on, the last one first: of Diversion (RFC 5806) and of
    History-Info (RFC 7044). `anonymous` is one that does not want to be named.

    Names of `headers` are in small letters.
    """
    diverted = [
        ANONYMOUS if hidden_by(one.parameters) else _reading(one, like)
        for one in addresses(headers.get("diversion", ""))[:MOST]
    ]
    history = addresses(headers.get("history-info", ""))[-MOST - 1 :]
    whole = not _HIDE_HISTORY.isdisjoint(privacy(headers))
    hidden = [whole or "privacy=" in one.headers.lower() for one in history]
    targets = [
        ANONYMOUS if secret else _reading(one, like)
        for one, secret in zip(history, hidden, strict=True)
    ]
    found = dict.fromkeys((*diverted, *reversed(targets[:-1])))
    return tuple(number for number in found if number not in ("", called))


def dialled(headers: Mapping[str, str], called: str, like: str) -> tuple[str, ...]:
    """What the caller asked for, where that is not the number the call came to: To, and
    P-Called-Party-ID (RFC 7315 §4.2). Names of `headers` are in small letters."""
    written = [address(headers[name]) for name in DIALLED if headers.get(name)]
    numbers = dict.fromkeys(_reading(one, like) for one in written)
    return tuple(number for number in numbers if number not in ("", ANONYMOUS, called))


def public(headers: Mapping[str, str], like: str) -> dict[str, str]:
    """The headers with the numbers of those left out who do not want to be named."""
    known = {name.lower(): value for name, value in headers.items()}
    kept = dict(headers)
    secret = not _HIDE_HISTORY.isdisjoint(privacy(known))
    for name, value in headers.items():
        if name.lower() == "diversion" and any(hidden_by(a.parameters) for a in addresses(value)):
            kept[name] = ", ".join(
                _shown(a, hidden_by(a.parameters), like) for a in addresses(value)
            )
        elif name.lower() == "history-info":
            entries = [(a, secret or "privacy=" in a.headers.lower()) for a in addresses(value)]
            if any(hidden for _, hidden in entries):
                kept[name] = ", ".join(_shown(a, hidden, like) for a, hidden in entries)
    return kept


def _shown(one: Address, hidden: bool, like: str) -> str:
    facts = "".join(
        f";{name}={one.parameters[name]}"
        for name in ("reason", "counter", "index")
        if one.parameters.get(name, "").replace(".", "").replace("-", "").isalnum()
    )
    if hidden:
        return f"<sip:anonymous@anonymous.invalid>{facts};privacy=full"
    return f"<sip:{read(one.number, like)}@{one.host}>{facts}"


def _reading(one: Address, like: str) -> str:
    """ "" for a name: only numbers can be asked for."""
    if says_withheld(one):
        return ANONYMOUS
    number = read(one.number, like)
    return "" if any(c.isalpha() for c in number) else number
