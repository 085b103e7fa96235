"""How a call came to our number: forwarded by whom, and what was dialled at first.

Facts of a call, never its way: that is the Request-URI's alone (RFC 3261 §8.2.2.1, §16.5).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from urllib.parse import unquote

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
LONGEST_REASON = 32
_CAUSE = re.compile(r";\s*cause\s*=\s*\"?([0-9]{1,3})\b", re.IGNORECASE)
_OF_STATUS = {
    "302": "unconditional",
    "404": "unknown",
    "408": "no-answer",
    "480": "unavailable",
    "486": "user-busy",
    "487": "deflection",
    "503": "unavailable",
    "600": "user-busy",
    "603": "do-not-disturb",
}
"""RFC 4458 §2, and what else a telephone answers, in the words of Diversion."""
_OF_Q850 = {"17": "user-busy", "18": "no-answer", "19": "no-answer", "20": "unavailable"}
_HIDE_HISTORY = frozenset(("history", "header", "session", "full"))


def forwarded_from(headers: Mapping[str, str], called: str, like: str) -> tuple[str, ...]:
    """The numbers that sent the call on, the last one first: of Diversion (RFC 5806) and of
    History-Info (RFC 7044). `anonymous` is one that does not want to be named.

    Names of `headers` are in small letters.
    """
    return tuple(_forwarded(headers, called, like))


def forwarded_because(headers: Mapping[str, str], called: str, like: str) -> tuple[str, ...]:
    """Why each of `forwarded_from` did, in the words of RFC 5806 (`user-busy`, `no-answer`,
    `unconditional`, …); empty where nothing says so."""
    return tuple(_forwarded(headers, called, like).values())


def _forwarded(headers: Mapping[str, str], called: str, like: str) -> dict[str, str]:
    """Who sent the call on, and why."""
    told: list[tuple[str, str]] = []
    for one in addresses(headers.get("diversion", ""))[:MOST]:
        number = ANONYMOUS if hidden_by(one.parameters) else _reading(one, like)
        told.append((number, _word(one.parameters.get("reason", ""))))
    history = addresses(headers.get("history-info", ""))[-MOST - 1 :]
    whole = not _HIDE_HISTORY.isdisjoint(privacy(headers))
    for one, after in reversed(list(itertools.pairwise(history))):
        secret = whole or "privacy=" in one.headers.lower()
        why = _why_left(one) or _OF_STATUS.get(after.parameters.get("cause", ""), "")
        told.append((ANONYMOUS if secret else _reading(one, like), why))
    found: dict[str, str] = {}
    for number, why in told:
        if number not in ("", called):
            found[number] = found.get(number) or why
    return found


def _why_left(one: Address) -> str:
    """By the Reason that a target of a history gave, escaped within its URI (RFC 7044 §10.2)."""
    named = (part.partition("=") for part in one.headers.split("&"))
    text = next((unquote(value) for name, _, value in named if name.lower() == "reason"), "")
    protocol = text.partition(";")[0].strip().lower()
    cause = _CAUSE.search(text)
    if cause is None:
        return ""
    return (_OF_Q850 if protocol == "q.850" else _OF_STATUS).get(cause[1], "")


def _word(text: str) -> str:
    """A reason as it is written, if it is one word: anybody can write it."""
    bare = text.strip().lower()[:LONGEST_REASON]
    return bare if bare.replace("-", "").isalnum() and bare.isascii() else ""


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
