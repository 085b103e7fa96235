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
MOST_KEYS = 16
"""Of one line."""
LONGEST_MKI = 128
"""Bytes (RFC 4568 §6.1)."""

_LIFETIME = re.compile(r"(2\^)?([0-9]{1,15})", re.ASCII)
_MKI = re.compile(r"([0-9]{1,310}):([0-9]{1,3})", re.ASCII)
_DECLARED = re.compile(
    r"WSH=[0-9]{2,9}|KDR=0|FEC_ORDER=(?:FEC_SRTP|SRTP_FEC)", re.ASCII | re.IGNORECASE
)
"""What changes nothing here: the window of who writes it is a hint (RFC 4568 §6.3.6), keys are
derived once, and no redundancy is ever agreed on that could be encrypted in one order or another.
"""
_WORD = re.compile(r"[A-Z0-9_]{1,40}", re.ASCII)


class CryptoError(ValueError):
    """A line that cannot be used; the text says why."""


@dataclass(frozen=True)
class Crypto:
    """One line. `key` is the master key with its salt, which its writer encrypts with; `mki` stands
    in each of its packets, if it is not empty, and says so. `others` are further keys, each with
    its identifier, that the writer may change over to."""

    tag: str
    suite: Suite
    key: bytes = field(repr=False)
    mki: bytes = b""
    others: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)

    @property
    def line(self) -> str:
        key = base64.b64encode(self.key).decode()
        named = f"|{int.from_bytes(self.mki)}:{len(self.mki)}" if self.mki else ""
        return f"a=crypto:{self.tag} {self.suite.name} {INLINE}{key}{named}"

    @property
    def by_mki(self) -> tuple[tuple[bytes, bytes], ...]:
        """Every key of the line by its identifier; empty where packets have none."""
        return ((self.mki, self.key), *self.others) if self.mki else ()

    def answered_with(self, key: bytes) -> Crypto:
        """Our line in the answer to theirs. Who names keys in packets has ours named as well."""
        mki = (1).to_bytes(len(self.mki)) if self.mki else b""
        return Crypto(self.tag, self.suite, key, mki)

    def heard_by(self, ours: Crypto) -> Keys:
        """What both lines come to, this one being theirs."""
        return Keys(ours.suite, ours.key, self.key, ours.mki, self.by_mki)


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
        if not parameter.startswith("-") and not _DECLARED.fullmatch(parameter):
            raise CryptoError(f"{_shown(parameter.partition('=')[0])} is not done here")
    (mki, first), *others = _keys(key, suite)
    return Crypto(tag, suite, first, mki, tuple(others))


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
            return theirs.heard_by(ours)
    raise CryptoError("an a=crypto that was not offered")


def _keys(text: str, suite: Suite) -> list[tuple[bytes, bytes]]:
    """Each with its identifier. Several can only be told apart by those, which are of one length
    (RFC 4568 §6.1)."""
    written = text.split(";")
    if len(written) > MOST_KEYS:
        raise CryptoError("too many keys in an a=crypto")
    found = [_key(each, suite) for each in written]
    identifiers = {mki for mki, _ in found}
    if len(identifiers) < len(found) or len({len(mki) for mki in identifiers}) > 1:
        raise CryptoError("several keys in an a=crypto that cannot be told apart")
    return found


def _key(text: str, suite: Suite) -> tuple[bytes, bytes]:
    head, rest = text[: len(INLINE)], text[len(INLINE) :]
    if head.lower() != INLINE:
        raise CryptoError("a key that is not inline")
    encoded, *more = rest.split("|")
    mki = _mki(more.pop()) if more and ":" in more[-1] else b""
    if len(more) > 1 or not all(map(_is_lifetime, more)):
        raise CryptoError("an a=crypto that cannot be read")
    try:
        padded = encoded.rstrip("=")
        key = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CryptoError("a key that is not base64") from None
    if len(key) != suite.octets:
        raise CryptoError(f"a key of {len(key)} bytes, where {suite.name} has {suite.octets}")
    return mki, key


def _mki(text: str) -> bytes:
    """`1:4` is the number 1 in four bytes."""
    found = _MKI.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= LONGEST_MKI:
        raise CryptoError("a master key identifier that cannot be read")
    try:
        return int(found[1]).to_bytes(int(found[2]))
    except OverflowError:
        raise CryptoError("a master key identifier that is longer than it says") from None


def _is_lifetime(text: str) -> bool:
    found = _LIFETIME.fullmatch(text)
    if found is None:
        return False
    power, number = found[1], int(found[2])
    return number <= 48 if power else 0 < number <= MOST_LIFETIME


def _shown(name: str) -> str:
    """The name of something, where it is one: whatever else stands there is nobody's business."""
    return name.upper() if _WORD.fullmatch(name.upper()) else "an unknown word of a=crypto"
