"""Whether a call's sound is encrypted, and with which keys (RFC 4568, RFC 5124).

A section says so by its profile, RTP/SAVP. Many telephones that may do without write RTP/AVP and
their keys below it: whoever does not know what those lines mean leaves them, and so it is done here
where a trunk allows both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from sip.bridge.media.srtp.suites import SUITES, Keys
from sip.bridge.sdp.crypto import Crypto, CryptoError, accepted, choose
from sip.bridge.sdp.session import SdpError, Section

PLAIN, SECURE = "RTP/AVP", "RTP/SAVP"
PLAIN_PROFILES = frozenset({PLAIN, "RTP/AVPF"})
SECURE_PROFILES = frozenset({SECURE, "RTP/SAVPF"})


class Encryption(Enum):
    """What a trunk says of it."""

    OFF = "off"
    ALLOWED = "allowed"
    REQUIRED = "required"

    @property
    def protocol(self) -> str:
        """Of our first offer."""
        return SECURE if self is Encryption.REQUIRED else PLAIN


class EncryptionError(SdpError):
    """The trunk wants the sound encrypted, and the other side does not do it, or otherwise."""


def crypto_of(section: Section, encryption: Encryption) -> Crypto | None:
    """Their line that counts; None where the sound is not encrypted.

    Raises SdpError; an EncryptionError where the trunk wants what they do not have.
    """
    protocol = section.protocol.upper()
    secure, lines = protocol in SECURE_PROFILES, section.values("crypto")
    if encryption is Encryption.OFF:
        if secure:
            raise SdpError(f"{protocol}, and the trunk has srtp: off")
        return None
    problem = EncryptionError if encryption is Encryption.REQUIRED else SdpError
    needed = secure or encryption is Encryption.REQUIRED
    if needed and not lines:
        raise problem(f"{protocol} without a=crypto, and the sound has to be encrypted")
    try:
        return choose(lines) if lines else None
    except CryptoError as error:
        if needed:
            raise problem(str(error)) from error
        return None


@dataclass(frozen=True)
class KeysState:
    keys: Mapping[str, bytes] = field(repr=False)
    theirs: Crypto | None
    said: tuple[Crypto, ...]


class OurKeys:
    """What we encrypt with: a key for each suite. It stays the same as long as theirs does, so that
    what is repeated changes nothing."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._theirs: Crypto | None = None
        self.said: tuple[Crypto, ...] = ()
        """The lines of our last description."""

    @property
    def state(self) -> KeysState:
        return KeysState(self._keys, self._theirs, self.said)

    def resume(self, state: KeysState) -> None:
        self._keys, self._theirs, self.said = dict(state.keys), state.theirs, state.said

    def offer(self, encryption: Encryption) -> None:
        """Say all that we know."""
        suites = () if encryption is Encryption.OFF else SUITES.values()
        self.said = tuple(
            Crypto(str(tag), suite, self._key(suite.name)) for tag, suite in enumerate(suites, 1)
        )

    def answer(self, theirs: Crypto | None) -> Keys | None:
        """Say ours to the one of theirs that counts."""
        before, self._theirs = self._theirs, theirs
        if theirs is None:
            self.said = ()
            return None
        if before is not None and (before.suite, before.key) != (theirs.suite, theirs.key):
            self._keys.clear()
        ours = theirs.answered_with(self._key(theirs.suite.name))
        self.said = (ours,)
        return theirs.heard_by(ours)

    def take(self, theirs: Crypto | None) -> Keys | None:
        """What their answer makes of what we said. Raises EncryptionError."""
        if theirs is None or not self.said:
            return None
        try:
            keys = accepted(self.said, theirs)
        except CryptoError as error:
            raise EncryptionError(str(error)) from error
        self._theirs = theirs
        return keys

    def _key(self, suite: str) -> bytes:
        return self._keys.setdefault(suite, SUITES[suite].new_key())
