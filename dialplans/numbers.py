"""Telephone numbers in international form (ITU-T E.164) and how people at home write them.

Carriers and old telephone systems send national forms; which country they mean is taken from the
number of ours that was called.
"""

from __future__ import annotations

import re

from dialplans.call import ANONYMOUS
from dialplans.numbering import CALLING_CODES, INTERNATIONAL_PREFIX, TRUNK_PREFIX

E164 = re.compile(r"\+[1-9]\d{4,14}\Z", re.ASCII)

_SEPARATORS = re.compile(r"[\s()./\-\u2010-\u2015\u00a0]+")
_WITHHELD = frozenset(
    (
        "",
        "anonymous",
        "restricted",
        "unavailable",
        "unknown",
        "private",
        "withheld",
        "id unavailable",
    )
)
_SHORTEST_WITHOUT_PLUS = 10
_SHORTEST_WITHOUT_PREFIX = 7
"""Shorter ones are extensions and emergency calls, nobody's number."""


def is_e164(text: str) -> bool:
    return E164.match(text) is not None


def calling_code(number: str) -> str | None:
    """`49` of `+4989…`; None for what is no number or begins with no code in use."""
    if not is_e164(number):
        return None
    return next((number[1:n] for n in (2, 3, 4) if number[1:n] in CALLING_CODES), None)


def normalise(text: str, like: str) -> str | None:
    """`text` in E.164, national forms read as in the country of `like`; None if it is no number.

    >>> normalise("089 123456", like="+498920001000")
    '+4989123456'
    >>> normalise("011 44 20 7946 0000", like="+14155550100")
    '+442079460000'
    """
    digits = _SEPARATORS.sub("", _user_part(text))
    if digits.startswith("+"):
        return digits if is_e164(digits) else None
    code = calling_code(like)
    if code is None or not (digits.isascii() and digits.isdigit()):
        return None
    found = _international(digits, code)
    return found if found is not None and is_e164(found) else None


def _international(digits: str, code: str) -> str | None:
    abroad = INTERNATIONAL_PREFIX.get(code, "00")
    home = TRUNK_PREFIX.get(code, "0")
    if digits.startswith(abroad):
        return "+" + digits[len(abroad) :]
    if home and digits.startswith(home):
        return f"+{code}{digits[len(home) :]}"
    if digits.startswith(code) and len(digits) > _SHORTEST_WITHOUT_PLUS:
        return "+" + digits  # many carriers leave out nothing but the plus
    return f"+{code}{digits}" if len(digits) >= _SHORTEST_WITHOUT_PREFIX else None


def national(number: str) -> str:
    """How somebody in its own country dials it; the number itself where that would be ambiguous,
    so that `normalise(national(n), like=n)` is always `n`."""
    code = calling_code(number)
    if code is None:
        return number
    home = TRUNK_PREFIX.get(code, "0")
    written = ("" if home == code else home) + number[1 + len(code) :]
    return written if normalise(written, number) == number else number


def caller(text: str, like: str) -> str:
    """The caller as routing sees it: E.164, `anonymous`, or what the carrier sent."""
    if text.strip().lower() in _WITHHELD:
        return ANONYMOUS
    return normalise(text, like) or text


def _user_part(text: str) -> str:
    """`sip:+49…;phone-context=…@host` and `tel:+49…` are numbers too."""
    text = re.sub(r"^\s*(sips?|tel):", "", text, flags=re.IGNORECASE)
    return text.split("@", 1)[0].split(";", 1)[0]
