"""A telephone of the company calls: its INVITE proves that it is the telephone that it says.

Where it may call to stands in the plan and is asked as for every call (`dialplans.engine.admit`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Protocol

import structlog

from dialplans.telephony.addresses import address
from sip.bridge.signalling.digest import DEFAULT_REALM, Challenger, Login, Verdict
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.guard import Guard

log = structlog.get_logger()


class Proof(Enum):
    GIVEN = "given"
    ASKED = "asked"
    """The answer was a challenge, or none at all to who has tried too often."""
    WRONG = "wrong"


class Known(Protocol):
    """The company's telephones."""

    def has(self, name: str) -> bool: ...

    def login(self, name: str, host: str) -> Login: ...


class CallingTelephones:
    """Strangers learn neither which telephones there are nor which numbers: both are asked for a
    password in the same words, as often as the guard allows."""

    def __init__(
        self,
        telephones: Known,
        guard: Guard,
        challenger: Challenger,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._telephones = telephones
        self._guard = guard
        self._challenger = challenger
        self._clock = clock

    def named(self, request: Request) -> str | None:
        """The telephone that From names, if there is one."""
        name = address(request.header("from") or "").user.lower()
        return name if self._telephones.has(name) else None

    def login(self, name: str, host: str) -> Login:
        return replace(self._telephones.login(name, host), realm=DEFAULT_REALM)

    def prove(self, transaction: ServerTransaction, name: str) -> Proof:
        request, host = transaction.request, transaction.flow.peer[0]
        now = self._clock()
        if not self._guard.may_prove(host, now):
            transaction.close()
            return Proof.ASKED
        login = self.login(name, host)
        given = request.header("proxy-authorization") or request.header("authorization")
        call_id, method = request.call_id, request.method
        verdict = self._challenger.verify(login, given, method=method, call_id=call_id)
        if verdict is Verdict.STALE:
            asked = self._challenger.challenge(login, call_id)
            transaction.respond(407, headers=[("Proxy-Authenticate", asked)])
            return Proof.ASKED
        if verdict is Verdict.WRONG:
            self._guard.wrong_password(host, now)
            log.info("telephone.refused", telephone=name, source=host)
            return Proof.WRONG
        self._guard.peers.proved(host)
        return Proof.GIVEN
