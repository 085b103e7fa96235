"""The ciphers of SRTP that are spoken here, and the keys of a call."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from pylibsrtp import Policy


@dataclass(frozen=True)
class Suite:
    """A way to encrypt and authenticate. `name` as in a=crypto; key, salt and tags in bytes. What
    stands for a tag at the end of a packet is `tag_bytes` of RTP and `rtcp_tag_bytes` of RTCP: none
    where the cipher itself authenticates (RFC 7714 §13.2)."""

    name: str
    profile: int
    key_bytes: int
    salt_bytes: int
    tag_bytes: int
    rtcp_tag_bytes: int

    @property
    def octets(self) -> int:
        return self.key_bytes + self.salt_bytes

    def new_key(self) -> bytes:
        """A master key and its salt."""
        return secrets.token_bytes(self.octets)


SUITES = {
    suite.name: suite
    for suite in (
        Suite("AES_CM_128_HMAC_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14, 10, 10),
        Suite("AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12, 0, 0),
        Suite("AES_CM_128_HMAC_SHA1_32", Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 16, 14, 4, 10),
    )
}
"""In the order of our offers: first the one that everybody has (RFC 4568 §6.2)."""


@dataclass(frozen=True)
class Keys:
    """What both sides encrypt with. `ours` protects what we send, `theirs` what we hear.

    `mki` stands in each packet of ours, if it is not empty (RFC 3711 §3.1). `by_mki` has what
    stands in theirs, and the key that it names; `theirs` is the first of those then.
    """

    suite: Suite
    ours: bytes = field(repr=False)
    theirs: bytes = field(repr=False)
    mki: bytes = b""
    by_mki: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
