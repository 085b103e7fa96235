"""The keys of encrypted sound in a description: a=crypto (RFC 4568).

No error here has anything of a key in its text: errors are answered, recorded and logged.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sip.bridge.media.srtp.suites import SUITES, Keys, Suite

INLINE = "inline:"
MOST_LIFETIME = 2**48
"""Packets that one key may protect (RFC 3711 §9.2)."""

MOST_LINES = 32
"""Of one section; nobody offers as many."""

_TAG = re.compile(r"[0-9]{1,9}", re.ASCII)
_LIFETIME = re.compile(r"(2\^)?([0-9]{1,15})", re.ASCII)
_MKI = re.compile(r"[0-9]{1,10}:[0-9]{1,3}", re.ASCII)
_WINDOW = re.compile(r"WSH=[0-9]{2,9}", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"[A-Z0-9_]{1,40}", re.ASCII)


class CryptoError(ValueError):
    """A line that cannot be used; the text says why."""


@dataclass(frozen=True)
class Crypto:
    """One line. `key` is the master key with its salt, which its writer encrypts with."""

    tag: str
    suite: Suite
    key: bytes = field(repr=False)

    @property
    def line(self) -> str:
        key = base64.b64encode(self.key).decode()
        return f"a=crypto:{self.tag} {self.suite.name} {INLINE}{key}"

    def answered_with(self, key: bytes) -> Crypto:
        """Our line in the answer to theirs."""
        return Crypto(self.tag, self.suite, key)


def read(value: str) -> Crypto:
    """`1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:4 WSH=64`, without its `a=crypto:`.

    Raises CryptoError for what is no such line, and for one that asks for what is not done here.
    How long their key lasts is their business: before it is used up they give another.
    """
    parts = value.split()
    if len(parts) < 3 or not _TAG.fullmatch(parts[0]):
        raise CryptoError("an a=crypto that cannot be read")
    tag, name, key, *parameters = parts
    suite = SUITES.get(name.upper())
    if suite is None:
        raise CryptoError(f"{_shown(name)} is not spoken here")
    for parameter in parameters:
        # One with a minus may be ignored by whoever does not know it (RFC 4568 §6.3.7).
        if not parameter.startswith("-") and not _WINDOW.fullmatch(parameter):
            raise CryptoError(f"{_shown(parameter.partition('=')[0])} is not done here")
    return Crypto(tag, suite, _key(key, suite))


def choose(values: Iterable[str]) -> Crypto:
    """The first that can be used: they stand in the order of whoever offers (RFC 4568 §7.1.2).

    Raises CryptoError with the reason of the first that cannot.
    """
    problem: CryptoError | None = None
    for value in list(values)[:MOST_LINES]:
        try:
            return read(value)
        except CryptoError as error:
            problem = problem or error
    raise problem or CryptoError("no a=crypto")


def accepted(offered: Sequence[Crypto], theirs: Crypto) -> Keys:
    """What the line of their answer makes of ours: one of them, by its tag (RFC 4568 §7.1.3).

    Raises CryptoError.
    """
    for ours in offered:
        if int(ours.tag) == int(theirs.tag) and ours.suite == theirs.suite:
            return Keys(ours.suite, ours.key, theirs.key)
    raise CryptoError("an a=crypto that was not offered")


def _key(text: str, suite: Suite) -> bytes:
    head, rest = text[: len(INLINE)], text[len(INLINE) :]
    if head.lower() != INLINE:
        raise CryptoError("a key that is not inline")
    if ";" in rest:
        raise CryptoError("more than one key in an a=crypto")
    encoded, *more = rest.split("|")
    for text_ in more:
        if _MKI.fullmatch(text_):
            raise CryptoError("a master key identifier is not done here")
    if len(more) > 1 or not all(map(_is_lifetime, more)):
        raise CryptoError("an a=crypto that cannot be read")
    try:
        padded = encoded.rstrip("=")
        key = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CryptoError("a key that is not base64") from None
    if len(key) != suite.octets:
        raise CryptoError(f"a key of {len(key)} bytes, where {suite.name} has {suite.octets}")
    return key


def _is_lifetime(text: str) -> bool:
    found = _LIFETIME.fullmatch(text)
    if found is None:
        return False
    power, number = found[1], int(found[2])
    return number <= 48 if power else 0 < number <= MOST_LIFETIME


def _shown(name: str) -> str:
    """The name of something, where it is one: whatever else stands there is nobody's business."""
    return name.upper() if _WORD.fullmatch(name.upper()) else "an unknown word of a=crypto"
