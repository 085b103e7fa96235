"""The dialogs that ringing makes, one with each telephone that rings (RFC 3261 §12.1).

In them those telephones may ask before anybody has answered: UPDATE, INFO, or that their ringing
be acknowledged (RFC 3262).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aiosipua.message import SipResponse

from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs import info
from sip.bridge.signalling.dialogs.ends import Handlers
from sip.bridge.signalling.dialogs.glare import describes
from sip.bridge.signalling.dialogs.reliably_heard import ReliablyHeard
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.reading.values import read_address
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW

log = structlog.get_logger()

MOST = 16
"""Of one INVITE: whoever makes up more of them is no proxy."""

ENDED = 199
"""One of several telephones rings no more (RFC 6228)."""


def _no_offer(transaction: ServerTransaction, dialog: Dialog) -> None:
    transaction.respond(488)


@dataclass(frozen=True)
class WhileItRings:
    """What a call does on what comes before its answer."""

    progress: Callable[[SipResponse, str], None] = lambda response, host: None
    """Each answer that says that it rings, once, and the host that it came from."""
    offer: Callable[[ServerTransaction, Dialog], None] = _no_offer
    """An UPDATE that describes a telephone's sound anew."""
    key: Callable[[str], None] = lambda key: None
    gone: Callable[[str], None] = lambda tag: None
    """The telephone with this tag rings no more; others may."""


NOTHING = WhileItRings()


@dataclass
class _Rings:
    dialog: Dialog
    heard: ReliablyHeard


class EarlyDialogs:
    def __init__(
        self,
        endpoint: Endpoint,
        transaction: ClientTransaction,
        while_it_rings: WhileItRings = NOTHING,
        login: Login | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._transaction = transaction
        self._call = while_it_rings
        self._login = login
        self._rings: dict[str, _Rings] = {}
        self._taken = False
        """Somebody has answered: what rang before and is read only now begins no dialog."""
        self._acknowledging: set[asyncio.Task[SipResponse | None]] = set()

    def heard(self, response: SipResponse) -> None:
        """A provisional answer."""
        tag = tag_of(response)
        if self._taken or not tag or response.status_code == 100:
            self._tell(response)
            return
        rings = self._rings.get(tag) or self._begin(tag, response)
        if rings is None:
            return
        rack = rings.heard.rack(response)
        if rack is None:
            return  # heard before, or it comes again when what is missing has come
        if rack:
            # What it says of its sound is its answer to our offer, for good.
            if describes(response.get_header("content-type"), response.body):
                rings.dialog.offer_answered = True
            self._acknowledge(rings.dialog, rack)
        if response.status_code == ENDED:
            self._end(tag)
        else:
            self._tell(response)

    def answered(self, response: SipResponse) -> Dialog:
        """The dialog with who has sent this 2xx."""
        self._taken = True
        rings = self._rings.get(tag_of(response))
        if rings is None:
            calling = Dialog.calling
            return calling(self._endpoint, self._transaction, response, login=self._login)
        rings.dialog.confirm(response)
        rings.dialog.handlers = Handlers()
        return rings.dialog

    def close(self, answered: Dialog | None = None) -> None:
        """Nothing more is asked in those that nobody has answered in. Should somebody there answer
        late, the numbers of before are known."""
        for rings in self._rings.values():
            if rings.dialog is not answered:
                rings.dialog.close()

    def _begin(self, tag: str, response: SipResponse) -> _Rings | None:
        if len(self._rings) >= MOST:
            log.info("call.too_many_ring", most=MOST)
            return None
        dialog = Dialog.calling(self._endpoint, self._transaction, response, login=self._login)
        made = self._rings[tag] = _Rings(dialog, ReliablyHeard(self._transaction.number))
        dialog.handlers.bye = lambda: self._end(tag)
        dialog.handlers.info = lambda asked: info.answer(asked, self._call.key)
        dialog.handlers.offer = lambda asked: self._updated(asked, dialog)
        return made

    def _updated(self, asked: ServerTransaction, dialog: Dialog) -> None:
        """Without a description it renews the target; the session timer waits for the 200."""
        if asked.request.body:
            self._call.offer(asked, dialog)
        else:
            contact = self._endpoint.contact(asked.flow)
            asked.respond(200, headers=[("Contact", contact), ("Allow", ALLOW)])

    def _acknowledge(self, dialog: Dialog, rack: str) -> None:
        sending = asyncio.create_task(dialog.send("PRACK", headers=[("RAck", rack)]))
        self._acknowledging.add(sending)
        sending.add_done_callback(self._acknowledging.discard)

    def _tell(self, response: SipResponse) -> None:
        if response.status_code >= 180:
            self._call.progress(response, self._transaction.flow.peer[0])

    def _end(self, tag: str) -> None:
        rings = self._rings.pop(tag, None)
        if rings is not None:
            rings.dialog.close()
            self._call.gone(tag)


def tag_of(response: SipResponse) -> str:
    return read_address(response.get_header("to") or "").tag or ""
