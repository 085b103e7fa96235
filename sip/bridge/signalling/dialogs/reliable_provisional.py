"""Ringing that has to be acknowledged (RFC 3262), for callers who require 100rel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from sip.bridge.signalling.dialogs.glare import describes, later
from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import T1, TIMEOUT

OPTION = "100rel"


def required(request: Request) -> bool:
    return OPTION in request.tokens("require")


class ReliableProvisional:
    """One provisional answer, sent again until its PRACK has come.

    Without one the INVITE is refused after 64*T1: nobody would hear what comes later either.
    """

    def __init__(self, invite: ServerTransaction, on_given_up: Callable[[], None]) -> None:
        self._invite = invite
        self._on_given_up = on_given_up
        self._number = random.randint(1, 2**31 - 1)
        self._sent = self._heard = False
        self._timer: asyncio.TimerHandle | None = None

    def send(self, code: int, headers: Headers = ()) -> None:
        if self._sent:
            return  # the next one may only follow a PRACK, and there is nothing new to say
        self._sent = True
        reliable = [("Require", OPTION), ("RSeq", str(self._number)), *headers]
        self._invite.respond(code, headers=reliable)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(T1, self._again, T1, loop.time() + TIMEOUT)

    def acknowledge(self, prack: ServerTransaction) -> None:
        """`RAck: RSeq CSeq method` names what it acknowledges; 481 for anything else."""
        words = (prack.request.header("rack") or "").split()
        if len(words) != 3 or not all(map(is_number, words[:2])):
            prack.respond(400, "Bad Request (RAck)")
            return
        named = int(words[0]), int(words[1]), words[2].upper()
        ours = (self._number, self._invite.request.cseq, "INVITE")
        if not self._sent or self._heard or named != ours:
            prack.respond(481)
            return
        self._heard = True
        self.stop()
        if describes(prack.request.header("content-type"), prack.request.body):
            # It may not offer before we have answered what the INVITE offers (RFC 3262 §5).
            prack.respond(500, headers=later())
        else:
            prack.respond(200)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self, interval: float, end: float) -> None:
        loop = asyncio.get_running_loop()
        if self._invite.final:
            return
        if loop.time() >= end:
            self._invite.respond(504, "Server Time-out (no PRACK)")
            self._on_given_up()
            return
        self._invite.repeat()
        interval *= 2
        self._timer = loop.call_later(interval, self._again, interval, end)
