"""The ciphers of SRTP that are spoken here, and the keys of a call."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from pylibsrtp import Policy


@dataclass(frozen=True)
class Suite:
    """A way to encrypt and authenticate. `name` as in a=crypto; key and salt in bytes."""

    name: str
    profile: int
    key_bytes: int
    salt_bytes: int

    @property
    def octets(self) -> int:
        return self.key_bytes + self.salt_bytes

    def new_key(self) -> bytes:
        """A master key and its salt."""
        return secrets.token_bytes(self.octets)


SUITES = {
    suite.name: suite
    for suite in (
        Suite("AES_CM_128_HMAC_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
        Suite("AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
        Suite("AES_CM_128_HMAC_SHA1_32", Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 16, 14),
    )
}
"""In the order of our offers: first the one that everybody has (RFC 4568 §6.2)."""


@dataclass(frozen=True)
class Keys:
    """What both sides encrypt with. `ours` protects what we send, `theirs` what we hear."""

    suite: Suite
    ours: bytes = field(repr=False)
    theirs: bytes = field(repr=False)
