"""Encrypted sound: SRTP and SRTCP (RFC 3711, RFC 7714) under keys that the descriptions brought."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from pylibsrtp import Error, Policy

from sip.bridge.media.packet import Sender
from sip.bridge.media.srtp.incoming import Incoming, heads, session
from sip.bridge.media.srtp.mki import put
from sip.bridge.media.srtp.suites import Keys

_REPLAYED = ("replay check failed (bad index)", "replay check failed (index too old)")

KEPT = 3
"""Keys of theirs at a time: several descriptions may come before a packet does."""

LONGEST = 1350
"""Bytes of a packet, which leaves room for what protection adds."""

REPORTS_AHEAD = 16
"""Whoever goes on with a stream was told of its reports up to a second ago."""


class Srtp:
    """Both directions of a call's sound.

    How often a sequence number has rolled over is no part of a packet, and both sides have to agree
    on it. `sender` is where our stream is, if it is not new; under another key it has to begin
    anew, with another SSRC. `heard` has for each SSRC of theirs the highest sequence number so far,
    with its overflows counted. `reports` is how many reports went out under our key already: the
    index of none may come again (§3.4, §9.1).
    """

    def __init__(
        self,
        keys: Keys,
        sender: Sender | None = None,
        heard: Mapping[int, int] | None = None,
        reports: int = 0,
    ) -> None:
        self.keys = keys
        self._out = session(keys.suite, keys.ours, Policy.SSRC_ANY_OUTBOUND)
        self.reports = reports
        """Of ours so far, under the key that we have now."""
        if sender is not None:
            for head in heads(sender.ssrc, sender.sequence):
                self._out.protect(head)
            for _ in range(reports):
                self._out.protect_rtcp(struct.pack("!BBHI", 0x80, 201, 1, sender.ssrc))
        self._in = [Incoming(keys, heard or {})]
        self.failed = 0
        """Packets that are not encrypted with their key, or were changed on the way."""
        self.replayed = 0
        """Packets that came again."""

    @property
    def heard(self) -> Mapping[int, int]:
        return self._in[0].heard

    def change(self, keys: Keys) -> None:
        """Follow a description. What they sent with the key of before is heard until the first
        packet with the new one comes."""
        before, self.keys = self.keys, keys
        if (keys.ours, keys.suite) != (before.ours, before.suite):
            self._out = session(keys.suite, keys.ours, Policy.SSRC_ANY_OUTBOUND)
            self.reports = 0
        theirs = (keys.theirs, keys.by_mki, keys.suite)
        if theirs != (before.theirs, before.by_mki, before.suite):
            self._in = [Incoming(keys, self.heard), *self._in][:KEPT]

    def protect(self, packet: bytes) -> bytes:
        """Of RTP. Raises ValueError for one that is too long."""
        if len(packet) > LONGEST:
            raise ValueError(f"a packet of {len(packet)} bytes")
        return put(self._out.protect(packet), self.keys.mki, self.keys.suite, rtcp=False)

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Encrypted and authenticated, always. Raises ValueError for one that is too long."""
        if len(packet) > LONGEST:
            raise ValueError(f"a packet of {len(packet)} bytes")
        self.reports += 1
        return put(self._out.protect_rtcp(packet), self.keys.mki, self.keys.suite, rtcp=True)

    def unprotect(self, packet: bytes) -> bytes | None:
        """RTP; None for what is not theirs, which is counted."""
        return self._opened(packet, rtcp=False)

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """None as well for a report that is authentic and not encrypted: nobody has agreed on that
        (RFC 4568 §6.3.2)."""
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
            if place == 0 and not rtcp:
                del self._in[1:]
            return found
        if replayed:
            self.replayed += 1
        else:
            self.failed += 1
        return None
