"""Encrypted sound: SRTP (RFC 3711, RFC 7714) under keys that the descriptions brought."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from pylibsrtp import Error, Policy, Session

from sip.bridge.media.packet import Sender
from sip.bridge.media.srtp.suites import Keys, Suite

_ROLLS_OVER, _HALF = 1 << 16, 1 << 15
_STEP = 1 << 14
"""A receiver follows jumps of the sequence number up to half of its range."""

_REPLAYED = ("replay check failed (bad index)", "replay check failed (index too old)")
REORDERED = 1024
"""So many packets back one is still taken (RFC 3711 §3.3.2)."""

KEPT = 3
"""Keys of theirs at a time: several descriptions may come before a packet does."""

LONGEST = 1350
"""Bytes of a packet, which leaves room for what protection adds."""


class Srtp:
    """Both directions of a call's sound.

    How often a sequence number has rolled over is no part of a packet, and both sides have to agree
    on it. `sender` is where our stream is, if it is not new; under another key it has to begin
    anew, with another SSRC. `heard` has for each SSRC of theirs the highest sequence number so far,
    with its overflows counted.
    """

    def __init__(
        self, keys: Keys, sender: Sender | None = None, heard: Mapping[int, int] | None = None
    ) -> None:
        self.keys = keys
        self._out = _session(keys.suite, keys.ours, Policy.SSRC_ANY_OUTBOUND)
        if sender is not None:
            for head in _heads(sender.ssrc, sender.sequence):
                self._out.protect(head)
        self._in = [_Incoming(keys, heard or {})]
        self.failed = 0
        """Packets that are not encrypted with their key, or were changed on the way."""
        self.replayed = 0
        """Packets that came again."""

    @property
    def heard(self) -> Mapping[int, int]:
        return {**self._in[0].before, **self._in[0].heard}

    def change(self, keys: Keys) -> None:
        """Follow a description. What they sent with the key of before is heard until the first
        packet with the new one comes."""
        if keys.ours != self.keys.ours or keys.suite != self.keys.suite:
            self._out = _session(keys.suite, keys.ours, Policy.SSRC_ANY_OUTBOUND)
        if keys.theirs != self.keys.theirs or keys.suite != self.keys.suite:
            self._in = [_Incoming(keys, self.heard), *self._in][:KEPT]
        self.keys = keys

    def protect(self, packet: bytes) -> bytes:
        """Of RTP. Raises ValueError for one that is too long."""
        if len(packet) > LONGEST:
            raise ValueError(f"a packet of {len(packet)} bytes")
        return bytes(self._out.protect(packet))

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Raises ValueError for one that is too long."""
        if len(packet) > LONGEST:
            raise ValueError(f"a packet of {len(packet)} bytes")
        return bytes(self._out.protect_rtcp(packet))

    def unprotect(self, packet: bytes) -> bytes | None:
        """RTP; None for what is not theirs, which is counted."""
        return self._opened(packet, rtcp=False)

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        return self._opened(packet, rtcp=True)

    def _opened(self, packet: bytes, *, rtcp: bool) -> bytes | None:
        if len(packet) > LONGEST:
            self.failed += 1
            return None
        replayed = False
        for place, incoming in enumerate(self._in):
            try:
                found = incoming.opened(packet, rtcp=rtcp)
            except Error as error:
                replayed = replayed or str(error) in _REPLAYED
                continue
            if place == 0:
                del self._in[1:]
            return found
        if replayed:
            self.replayed += 1
        else:
            self.failed += 1
        return None


class _Incoming:
    """What they send under one key.

    A new key does not set back how often a sequence number has rolled over (RFC 3711 §3.3.1). Some
    telephones do that all the same, so both are tried until one of them fits. `before` has the
    numbers that were heard under another key, or by somebody else.
    """

    def __init__(self, keys: Keys, before: Mapping[int, int]) -> None:
        self._keys = keys
        self._session = _session(keys.suite, keys.theirs, Policy.SSRC_ANY_INBOUND)
        self._later: dict[int, Session] = {}
        self.before = before
        self.heard: dict[int, int] = {}

    def opened(self, packet: bytes, *, rtcp: bool) -> bytes:
        """Raises Error."""
        if rtcp:
            return bytes(self._session.unprotect_rtcp(packet))
        ssrc = int.from_bytes(packet[8:12], "big")
        try:
            found = bytes(self._session.unprotect(packet))
        except Error:
            if ssrc in self.heard or self.before.get(ssrc, 0) < _HALF:
                raise
            later = self._counting_on(ssrc)
            found = bytes(later.unprotect(packet))
            self._session = later
            self.heard[ssrc] = self.before[ssrc]
        self._note(ssrc, int.from_bytes(found[2:4], "big"))
        return found

    def _counting_on(self, ssrc: int) -> Session:
        """One that counts as if it had heard what was heard before: packets made with the key take
        it there."""
        known = self._later.get(ssrc)
        if known is not None:
            return known
        session = _session(self._keys.suite, self._keys.theirs, Policy.SSRC_ANY_INBOUND)
        maker = _session(self._keys.suite, self._keys.theirs, Policy.SSRC_ANY_OUTBOUND)
        for head in _heads(ssrc, self.before[ssrc]):
            session.unprotect(maker.protect(head))
        self._later[ssrc] = session
        return session

    def _note(self, ssrc: int, sequence: int) -> None:
        highest = self.heard.get(ssrc, sequence)
        step = (sequence - highest + _HALF) % _ROLLS_OVER - _HALF
        self.heard[ssrc] = highest + max(step, 0)


def _heads(ssrc: int, sequence: int) -> Iterator[bytes]:
    """Packets without sound that lead up to a sequence number, its overflows counted."""
    for at in range(0, sequence, _STEP):
        yield struct.pack("!BBHII", 0x80, 0, at % _ROLLS_OVER, 0, ssrc)


def _session(suite: Suite, key: bytes, ssrcs: int) -> Session:
    """Raises ValueError for a key of another length."""
    if len(key) != suite.octets:
        raise ValueError(f"{suite.name} has keys of {suite.octets} bytes")
    policy = Policy(key=key, ssrc_type=ssrcs, srtp_profile=suite.profile)
    policy.window_size = REORDERED
    return Session(policy)
