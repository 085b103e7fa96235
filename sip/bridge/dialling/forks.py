"""More than one telephone may answer an INVITE: a proxy on the way rang several of them."""

from __future__ import annotations

from aiosipua.message import SipResponse

from sip.bridge.dialling.early_dialogs import EarlyDialogs, tag_of
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.endpoint import Endpoint


class Forks:
    """Ends every answer but the one that has the call: it is acknowledged, as often as it comes,
    and gets a BYE (RFC 3261 §13.2.2.4). Once the call is given up, that is every answer."""

    def __init__(
        self,
        endpoint: Endpoint,
        transaction: ClientTransaction,
        early: EarlyDialogs | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._transaction = transaction
        self._early = early or EarlyDialogs(endpoint, transaction)
        self._ended: dict[str, Dialog] = {}
        transaction.on_another_ok = self._end

    def give_up(self) -> None:
        """CANCEL; an answer that has crossed it, or came and was not read, is ended (§15)."""
        self._transaction.on_late_ok = self._hang_up
        self._endpoint.cancel(self._transaction)
        for response in self._transaction.unread():
            if 200 <= response.status_code < 300:
                self._hang_up(response)

    def _end(self, response: SipResponse) -> None:
        """The first answer's own acknowledgement is not to be another telephone's."""
        of_first = self._transaction.on_repeated_ok
        self._hang_up(response)
        self._transaction.on_repeated_ok = of_first

    def _hang_up(self, response: SipResponse) -> None:
        tag = tag_of(response)
        ended = self._ended.get(tag)
        if ended is not None:
            ended.acknowledge()
            return
        ended = self._ended[tag] = self._early.answered(response)
        ended.acknowledge()
        ended.close()
        ended.ask("BYE")
