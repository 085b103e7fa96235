"""Who calls, as far as we may know: withheld numbers, and what a trusted trunk says of them.

A carrier on a trunk sends the number of a withheld caller all the same and asks by `Privacy` that
nobody shows it (RFC 3323, RFC 3325 §7, TS 24.607 §4.5.2.12). Whoever reads a caller asks here, so
that no entrance shows what another hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from dialplans.telephony.addresses import Address, address, addresses

PUBLIC = frozenset(("none", "off", "no", "history"))
"""Words of `Privacy` that hide no caller; `history` hides who forwarded the call (RFC 7044). Any
other word hides it, also one that nobody knows: a number once shown cannot be taken back."""

_HIDDEN = """anonymous anonym restricted private privat withheld blocked hidden suppressed
numberwithheld callerwithheld calleridwithheld calleridblocked calleridrestricted unterdrückt"""
_UNKNOWN = "unavailable unknown idunavailable callerunknown nocallerid nonumber unbekannt"
_ENDS = ("", "caller", "number", "callerid", "user", "id")
_WITHHELD_NAMES = frozenset(word + end for word in _HIDDEN.split() for end in _ENDS)
_WITHHELD_USERS = (
    _WITHHELD_NAMES | {word + end for word in _UNKNOWN.split() for end in _ENDS} | {""}
)
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
WITHHELD_NUMBERS = frozenset(
    "+" + word.translate(_KEYPAD)
    for word in ("anonymous", "restricted", "blocked", "unknown", "unavailable")
)
"""Carriers that must send a number spell the word on the keypad: +266696687."""

_ASSERTED = ("p-asserted-identity", "remote-party-id", "p-preferred-identity")
_TELLING = frozenset(
    (
        "from",
        "contact",
        "identity",
        "identity-info",
        "p-charge-info",
        "p-served-user",
        "reply-to",
        "referred-by",
        "call-info",
        "organization",
        "subject",
        "authorization",
        "proxy-authorization",
        *_ASSERTED,
    )
)
"""Headers that say who somebody is (RFC 3323 §4.1, §5.1)."""

_ALIKE = 7
"""So many last digits are the same in every way of writing a number."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`shown` is what may be said of the caller, "" where the number is withheld. `asserted` is
    what a trusted trunk says about who it is in truth, for blocking and limits only."""

    shown: str
    asserted: str
    headers: Mapping[str, str]
    """Those that may be kept, names as they came."""


def identify(caller: str, headers: Mapping[str, str], *, trusted: bool) -> Identity:
    """`caller` is the From header, or what somebody wrote in its place."""
    known = {name.lower(): value for name, value in headers.items()}
    frm = address(caller)
    said = {name: addresses(known.get(name, "")) for name in _ASSERTED}
    if not _is_withheld(frm, known):
        vouched = [a for a in said[_ASSERTED[0]] if _digits(a)]
        return Identity(vouched[0].number if trusted and vouched else caller, "", headers)
    numbers = [a for a in (*chain(*said.values()), frm) if _digits(a)]
    told = [_digits(a) for a in (*numbers, address(known.get("contact", "")))]
    return Identity("", numbers[0].number if trusted and numbers else "", _without(headers, told))


def _is_withheld(frm: Address, headers: Mapping[str, str]) -> bool:
    """By `Privacy`, by what stands in From, or by the older Remote-Party-ID.

    A shown name may ask to be hidden too. That a name is unknown says nothing of the number.
    """
    asked = set(privacy(headers))
    return bool(
        (asked and not asked <= PUBLIC)
        or _word(frm.user) in _WITHHELD_USERS
        or frm.user in WITHHELD_NUMBERS
        or _word(frm.name) in _WITHHELD_NAMES
        or f".{frm.host.lower()}".endswith(".invalid")
        or any(map(_hides, addresses(headers.get("remote-party-id", ""))))
    )


def privacy(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The words of the Privacy header; `;` stands between them (RFC 3323 §4.2), many write commas.
    Names of `headers` are in small letters."""
    words = re.split(r"[;,\s]+", headers.get("privacy", "").lower())
    return tuple(bare for word in words if (bare := word.strip("\"'")))


def hidden_by(parameters: Mapping[str, str]) -> bool:
    """The `privacy` parameter of Remote-Party-ID and of Diversion (RFC 5806 §5): `name` hides no
    number, `off` nothing."""
    return parameters.get("privacy", "off").lower() not in ("off", "name", "none", "no")


def says_withheld(written: Address) -> bool:
    """Whether an address stands for somebody who is not named."""
    return _word(written.user) in _WITHHELD_USERS or f".{written.host}".endswith(".invalid")


def _hides(party: Address) -> bool:
    return party.parameters.get("party", "calling").lower() == "calling" and hidden_by(
        party.parameters
    )


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _digits(written: Address) -> str:
    """Its digits, or "" for what is none: a name says nothing that a list of numbers could hold."""
    if says_withheld(written) or any(c.isalpha() for c in written.user):
        return ""
    return re.sub(r"\D", "", written.user)


def _without(headers: Mapping[str, str], numbers: Iterable[str]) -> dict[str, str]:
    """Also without those of a carrier's own that hold the number, however it is written."""
    secret = {number[-_ALIKE:] for number in numbers if len(number) >= _ALIKE}
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _TELLING and not _holds(value, secret)
    }


def _holds(value: str, secret: Iterable[str]) -> bool:
    plain = re.sub(r"[\s().\-/]|%20|%28|%29", "", value)
    return any(digits in plain for digits in secret)
