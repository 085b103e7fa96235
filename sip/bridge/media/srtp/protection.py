"""Whether a call's stream is encrypted just now, and with what: it may change in mid-call."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sip.bridge.media.packet import Sender
from sip.bridge.media.srtp.session import Srtp
from sip.bridge.media.srtp.suites import Keys

NOTHING_HEARD: Mapping[int, int] = MappingProxyType({})


class Protection:
    """`heard` is what an earlier stream of the call has heard of encrypted sound, by SSRC, and
    `reports` how many encrypted reports it has sent at most. Whatever is sent or read passes as it
    is while there are no keys."""

    def __init__(self, heard: Mapping[int, int] = NOTHING_HEARD, reports: int = 0) -> None:
        self._srtp: Srtp | None = None
        self._heard = heard
        self._reports = reports

    @property
    def on(self) -> bool:
        return self._srtp is not None

    @property
    def heard(self) -> dict[int, int]:
        """Of each source, by its SSRC, the highest sequence number with its overflows counted."""
        return dict(self._heard if self._srtp is None else self._srtp.heard)

    @property
    def reports(self) -> int:
        """How many reports have gone out under our key."""
        return self._reports if self._srtp is None else self._srtp.reports

    def follow(self, keys: Keys | None, sender: Sender, *, sent: bool) -> Sender:
        """Where our stream is from now on. Under another key of ours we are another source, or how
        often our sequence number has rolled over would not be the same on both sides (RFC 3711
        §3.3.1). `sent` is whether `sender` has sent anything."""
        before = self._srtp.keys if self._srtp is not None else None
        if keys is None:
            self._heard, self._reports = self.heard, self.reports
            self._srtp = None
            return sender
        if sent and (before is None or before.ours != keys.ours):
            sender = Sender(timestamp=sender.timestamp)
            self._reports = 0
        if self._srtp is None:
            self._srtp = Srtp(keys, sender, self._heard, self._reports)
        else:
            self._srtp.change(keys)
        return sender

    def seal(self, packet: bytes) -> bytes:
        return packet if self._srtp is None else self._srtp.protect(packet)

    def open(self, packet: bytes) -> bytes | None:
        """None for what was not encrypted with the other side's key."""
        return packet if self._srtp is None else self._srtp.unprotect(packet)

    def seal_report(self, report: bytes) -> bytes:
        return report if self._srtp is None else self._srtp.protect_rtcp(report)

    def open_report(self, report: bytes) -> bytes | None:
        return report if self._srtp is None else self._srtp.unprotect_rtcp(report)
