"""What the other side sends under the keys of one description (RFC 3711 §3.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from pylibsrtp import Error, Policy, Session

from sip.bridge.media.srtp.mki import take
from sip.bridge.media.srtp.suites import Keys, Suite

ROLLS_OVER, HALF = 1 << 16, 1 << 15
_STEP = 1 << 14
"""A receiver follows jumps of the sequence number up to half of its range."""

REORDERED = 1024
"""So many packets back one is still taken (RFC 3711 §3.3.2)."""


class Incoming:
    """Under one key, or under several that each packet says which of them it was made with.

    `before` has the numbers that were heard under another key, or by somebody else.
    """

    def __init__(self, keys: Keys, before: Mapping[int, int]) -> None:
        self._suite = keys.suite
        self._by_mki = dict(keys.by_mki)
        self._under: dict[bytes, _UnderKey] = {}
        self._first = keys.theirs
        self._before = dict(before)
        self._under_key(self._first)

    @property
    def heard(self) -> Mapping[int, int]:
        """Of each source the highest sequence number, its overflows counted."""
        found = dict(self._before)
        for under in self._under.values():
            for ssrc, sequence in under.heard.items():
                found[ssrc] = max(sequence, found.get(ssrc, 0))
        return found

    def opened(self, packet: bytes, *, rtcp: bool) -> bytes:
        """Raises Error."""
        key = self._first
        if self._by_mki and (named := take(packet, self._by_mki, self._suite, rtcp=rtcp)):
            mki, packet = named
            key = self._by_mki[mki]
        # Who has promised an identifier and sends none has the first key, or is not opened.
        return self._under_key(key).opened(packet, rtcp=rtcp)

    def _under_key(self, key: bytes) -> _UnderKey:
        if key not in self._under:
            self._under[key] = _UnderKey(self._suite, key, self.heard)
        return self._under[key]


class _UnderKey:
    """A new key does not set back how often a sequence number has rolled over (RFC 3711 §3.3.1).
    Some telephones do that all the same, so both are tried until one of them fits."""

    def __init__(self, suite: Suite, key: bytes, before: Mapping[int, int]) -> None:
        self._suite, self._key = suite, key
        self._session = session(suite, key, Policy.SSRC_ANY_INBOUND)
        self._later: dict[int, Session] = {}
        self._before = before
        self.heard: dict[int, int] = {}

    def opened(self, packet: bytes, *, rtcp: bool) -> bytes:
        """Raises Error."""
        if rtcp:
            if not _is_encrypted(packet, self._suite):
                raise Error("a report that is not encrypted")
            return bytes(self._session.unprotect_rtcp(packet))
        ssrc = int.from_bytes(packet[8:12], "big")
        try:
            found = bytes(self._session.unprotect(packet))
        except Error:
            if ssrc in self.heard or self._before.get(ssrc, 0) < HALF:
                raise
            later = self._counting_on(ssrc)
            found = bytes(later.unprotect(packet))
            self._session = later
            self.heard[ssrc] = self._before[ssrc]
        self._note(ssrc, int.from_bytes(found[2:4], "big"))
        return found

    def _counting_on(self, ssrc: int) -> Session:
        """One that counts as if it had heard what was heard before: packets made with the key take
        it there."""
        known = self._later.get(ssrc)
        if known is not None:
            return known
        made = session(self._suite, self._key, Policy.SSRC_ANY_INBOUND)
        maker = session(self._suite, self._key, Policy.SSRC_ANY_OUTBOUND)
        for head in heads(ssrc, self._before[ssrc]):
            made.unprotect(maker.protect(head))
        self._later[ssrc] = made
        return made

    def _note(self, ssrc: int, sequence: int) -> None:
        highest = self.heard.get(ssrc, sequence)
        step = (sequence - highest + HALF) % ROLLS_OVER - HALF
        self.heard[ssrc] = highest + max(step, 0)


def _is_encrypted(report: bytes, suite: Suite) -> bool:
    """Whether the first bit before its index says so (RFC 3711 §3.4)."""
    at = len(report) - suite.rtcp_tag_bytes - 4
    return at >= 0 and bool(report[at] & 0x80)


def heads(ssrc: int, sequence: int) -> Iterator[bytes]:
    """Packets without sound that lead up to a sequence number, its overflows counted."""
    for at in range(0, sequence, _STEP):
        yield struct.pack("!BBHII", 0x80, 0, at % ROLLS_OVER, 0, ssrc)


def session(suite: Suite, key: bytes, ssrcs: int) -> Session:
    """Raises ValueError for a key of another length."""
    if len(key) != suite.octets:
        raise ValueError(f"{suite.name} has keys of {suite.octets} bytes")
    policy = Policy(key=key, ssrc_type=ssrcs, srtp_profile=suite.profile)
    policy.window_size = REORDERED
    return Session(policy)
