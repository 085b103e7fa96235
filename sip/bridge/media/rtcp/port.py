"""The port beside a call's sound: RTCP goes out and comes in here (RFC 3550 §11)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from sip.bridge.media.address import Address, plain
from sip.bridge.media.rtcp.packets import Report, build, parse
from sip.bridge.media.rtcp.reporter import Reporter
from sip.bridge.media.srtp.protection import Protection

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two reports, give or take half (RFC 3550 §6.2 and §6.3.1); the first comes after
half of it."""

LARGEST = 2048
"""A compound packet of a phone has a few hundred bytes."""


Told = Callable[[Report, Address, bool], None]
"""A report, who it came from or goes to, and whether we send it."""


@dataclass(frozen=True)
class Phone:
    """Where it is known to be, and the address for reports that its description names, if it may
    be sent any there."""

    host: str
    named: Address | None


class RtcpPort(asyncio.DatagramProtocol):
    """`phone` is None while nothing may be sent to it. Reports are read from its host alone and
    from the address that it names, and go there or to where its own come from: never to a guess."""

    def __init__(
        self,
        reporter: Reporter,
        phone: Callable[[], Phone | None],
        protection: Protection | None = None,
    ) -> None:
        self.on_report: Told = lambda report, peer, sent: None
        self.by_sound: Callable[[bytes, Address], None] | None = None
        """How reports leave by the port of the sound, where both sides want them there."""
        self._reporter = reporter
        self._phone = phone
        self._protection = protection or Protection()
        self._heard_from: Address | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def open(self, host: str, port: int) -> None:
        """Without it, where somebody else has the port: the call goes on, unreported."""
        loop = asyncio.get_running_loop()
        self._later(EVERY / 2)
        try:
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(host, port)
            )
        except OSError as error:
            log.info("rtcp.no_port", port=port, reason=str(error))

    def close(self) -> None:
        """Says goodbye where reports went."""
        if self._timer is not None:
            self._timer.cancel()
        self.say(bye=True)
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.by_sound is None:
            self.received(data, (plain(addr[0]), addr[1]))

    def received(self, data: bytes, address: Address) -> None:
        """By whichever port."""
        phone = self._phone()
        if phone is None or len(data) > LARGEST:
            return
        if address[0] != phone.host and address != phone.named:
            return
        opened = self._protection.open_report(data)
        report = parse(opened) if opened is not None else None
        if report is None:
            return
        proved = report.ssrc == self._reporter.heard_ssrc
        if not proved and address != phone.named:
            return
        if proved:
            self._heard_from = address
        self._reporter.take(report, time.monotonic(), time.time())
        self.on_report(report, address, False)

    def error_received(self, exc: Exception) -> None:
        """Most phones that do not speak RTCP say so by ICMP."""

    def _later(self, seconds: float) -> None:
        wait = seconds * random.uniform(0.5, 1.5)
        self._timer = asyncio.get_running_loop().call_later(wait, self._again)

    def _again(self) -> None:
        self.say()
        self._later(EVERY)

    def _target(self) -> Address | None:
        phone, heard = self._phone(), self._heard_from
        if phone is None:
            return None
        if self.by_sound is not None:
            return phone.named
        return heard if heard is not None and heard[0] == phone.host else phone.named

    def say(self, *, bye: bool = False) -> None:
        """A report now, if there is anything to report and anybody to tell."""
        to = self._target()
        if to is None or (self._transport is None and self.by_sound is None):
            return
        report = self._reporter.report(time.monotonic(), time.time(), bye=bye)
        if report.sent is None and not report.blocks:
            return
        self._send(self._protection.seal_report(build(report)), to)
        self.on_report(report, to, True)

    def _send(self, data: bytes, to: Address) -> None:
        if self.by_sound is not None:
            self.by_sound(data, to)
        elif self._transport is not None:
            six = ":" in self._transport.get_extra_info("sockname")[0]
            spelled = (f"::ffff:{to[0]}", to[1]) if six and ":" not in to[0] else to
            self._transport.sendto(data, spelled)
