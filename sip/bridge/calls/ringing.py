"""From the first 180 to the moment the call can be answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dialplans.contracts.causes import RefusalReason
from sip.bridge.admission.refused import RefusedError
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs import info
from sip.bridge.signalling.dialogs.ends import Answers
from sip.bridge.signalling.dialogs.reliable_provisional import ReliableProvisional, required
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW, UNDERSTOOD
from sip.bridge.workers.media import Media

REPEAT_SECONDS = 10.0
"""A 180 is repeated now and then, so that no proxy forgets the call (RFC 3261 §13.3.1.1)."""


def stands_for(invite: Request) -> int | None:
    """Seconds for which an invitation stands (RFC 3261 §13.3.1); one that would be over as it comes
    is taken for one that says nothing."""
    said = (invite.header("expires") or "").strip()
    return int(said) or None if is_number(said) else None


class Ringing:
    """Its 180 makes a dialog, in which the phone may ask before the call is answered."""

    def __init__(self, transaction: ServerTransaction) -> None:
        self.dialog: Dialog | None = None
        self.keys: list[str] = []
        """Pressed before there was a room to hear them."""
        self._transaction = transaction
        self._timer: asyncio.TimerHandle | None = None
        self._reliable: ReliableProvisional | None = None
        self._cancelled = asyncio.Event()
        transaction.on_cancel = self._cancel

    def start(self, endpoint: Endpoint) -> None:
        """A caller who requires reliable answers but brings no offer gets none before the 200: the
        first would have to carry ours (RFC 3262 §5)."""
        request = self._transaction.request
        self.dialog = dialog = Dialog.answering(endpoint, self._transaction)
        dialog.handlers.bye = self._cancel
        dialog.handlers.offer = self._nothing_to_agree_on
        dialog.handlers.info = lambda asked: info.answer(asked, self.keys.append)
        headers = [
            ("Contact", endpoint.contact(self._transaction.flow)),
            ("Allow", ALLOW),
            ("Supported", UNDERSTOOD),
        ]
        if not required(request):
            self._ring(headers)
        elif request.body:
            self._reliable = ReliableProvisional(self._transaction, self._cancelled.set)
            dialog.handlers.prack = self._reliable.acknowledge
            self._reliable.send(180, headers)

    def hand_over(self, press: Callable[[str], None], answers: Answers) -> None:
        """Somebody hears keys from now on, and those of before first."""
        for key in self.keys:
            press(key)
        if self.dialog is not None:
            self.dialog.handlers.info = answers

    def stop(self) -> None:
        """No more 180s; an answer is on its way."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reliable is not None:
            self._reliable.stop()

    def close(self) -> None:
        """The call has ended, or was never answered."""
        self.stop()
        if self.dialog is not None and not self._transaction.accepted:
            self.dialog.close()

    def _ring(self, headers: list[tuple[str, str]]) -> None:
        self._transaction.respond(180, headers=headers)
        self._timer = asyncio.get_running_loop().call_later(REPEAT_SECONDS, self._ring, headers)

    def _nothing_to_agree_on(self, asked: ServerTransaction) -> None:
        """An UPDATE without an offer renews the target; the session timer waits for the 200."""
        if self.dialog is not None:
            contact = self.dialog.endpoint.contact(asked.flow)
            asked.respond(200, headers=[("Contact", contact), ("Allow", ALLOW)])

    def _cancel(self) -> None:
        self._transaction.respond(487)
        self._cancelled.set()

    async def until_heard(
        self,
        media: Media,
        *,
        patience: float,
        no_worker_after: float,
        expires: float | None = None,
    ) -> None:
        """Returns when somebody in the room can be heard; raises RefusedError otherwise. `expires`
        is for how long the caller wants to ring at all, all in seconds."""
        own = patience
        patience = own if expires is None else min(own, expires)
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        waiting = {
            event: asyncio.ensure_future(event.wait())
            for event in (media.sound, media.gone, self._cancelled)
        }
        first_look = min(no_worker_after, patience)
        try:
            await asyncio.wait(
                waiting.values(), timeout=first_look, return_when=asyncio.FIRST_COMPLETED
            )
            if not any(event.is_set() for event in waiting):
                if media.spec.expects_agent and not media.has_agent:
                    detail = f"no agent within {first_look:g} s"
                    raise RefusedError(480, RefusalReason.NO_WORKER, detail)
                left = max(0.0, end - loop.time())
                await asyncio.wait(
                    waiting.values(), timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            for future in waiting.values():
                future.cancel()
        self._decide(media, patience, expired=patience < own)

    def _decide(self, media: Media, patience: float, *, expired: bool) -> None:
        if self._cancelled.is_set():
            raise RefusedError(487, RefusalReason.CANCELLED, "the caller hung up while it rang")
        if media.gone.is_set():
            raise RefusedError(486, RefusalReason.REJECTED, "the room was closed while it rang")
        if not media.sound.is_set() and expired:
            raise RefusedError(487, RefusalReason.CANCELLED, "the INVITE has expired while it rang")
        if not media.sound.is_set():
            raise RefusedError(486, RefusalReason.NO_ANSWER, f"nobody spoke within {patience:g} s")
