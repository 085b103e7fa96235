"""From the first 180 to the moment the call can be answered."""

from __future__ import annotations

import asyncio

from dialplans.contracts.causes import RefusalReason
from sip.bridge.admission.refused import RefusedError
from sip.bridge.calls.participant import SipParticipant
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW

REPEAT_SECONDS = 10.0
"""A 180 is repeated now and then, so that no proxy forgets the call (RFC 3261 §13.3.1.1)."""


class Ringing:
    def __init__(self, transaction: ServerTransaction) -> None:
        self._transaction = transaction
        self._timer: asyncio.TimerHandle | None = None
        self._cancelled = asyncio.Event()
        transaction.on_cancel = self._cancel

    def start(self) -> None:
        self._transaction.respond(180, headers=[("Allow", ALLOW)])
        self._timer = asyncio.get_running_loop().call_later(REPEAT_SECONDS, self.start)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _cancel(self) -> None:
        self._transaction.respond(487)
        self._cancelled.set()

    async def until_heard(
        self, participant: SipParticipant, *, patience: float, no_worker_after: float
    ) -> None:
        """Returns when somebody in the room can be heard; raises RefusedError otherwise."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        waiting = {
            event: asyncio.ensure_future(event.wait())
            for event in (participant.sound, participant.gone, self._cancelled)
        }
        first_look = min(no_worker_after, patience)
        try:
            await asyncio.wait(
                waiting.values(), timeout=first_look, return_when=asyncio.FIRST_COMPLETED
            )
            if not any(event.is_set() for event in waiting):
                if participant.spec.expects_agent and not participant.has_agent:
                    detail = f"no agent within {first_look:g} s"
                    raise RefusedError(480, RefusalReason.NO_WORKER, detail)
                left = max(0.0, end - loop.time())
                await asyncio.wait(
                    waiting.values(), timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            for future in waiting.values():
                future.cancel()
        self._decide(participant, patience)

    def _decide(self, participant: SipParticipant, patience: float) -> None:
        if self._cancelled.is_set():
            raise RefusedError(487, RefusalReason.CANCELLED, "the caller hung up while it rang")
        if participant.gone.is_set():
            raise RefusedError(486, RefusalReason.REJECTED, "the room was closed while it rang")
        if not participant.sound.is_set():
            raise RefusedError(486, RefusalReason.NO_ANSWER, f"nobody spoke within {patience:g} s")
