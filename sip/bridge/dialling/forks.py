"""More than one telephone may answer an INVITE: a proxy on the way rang several of them."""

from __future__ import annotations

from aiosipua.message import SipResponse

from sip.bridge.dialling.early_dialogs import EarlyDialogs, tag_of
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.endpoint import Endpoint


class Forks:
    """Whoever answers first has the call. Every other answer is acknowledged, as often as it comes,
    and gets a BYE (RFC 3261 §13.2.2.4). Once the call is given up, that is every answer."""

    def __init__(
        self,
        endpoint: Endpoint,
        transaction: ClientTransaction,
        early: EarlyDialogs | None = None,
    ) -> None:
        self.first: Dialog | None = None
        """Known and acknowledged as its 2xx comes; what is asked in it waits for the call."""
        self._endpoint = endpoint
        self._transaction = transaction
        self._early = early or EarlyDialogs(endpoint, transaction)
        self._ended: dict[str, Dialog] = {}
        transaction.on_ok = self._take
        transaction.on_another_ok = self._end

    def give_up(self) -> None:
        """CANCEL; an answer that has crossed it, or came and was not read, is ended (§15)."""
        self._transaction.on_late_ok = self._hang_up
        self._endpoint.cancel(self._transaction)
        if self.first is not None:
            self.first.close()
            self.first.ask("BYE")

    def _take(self, response: SipResponse) -> None:
        self.first = self._early.answered(response)
        self.first.waiting.begin()
        self.first.acknowledge()

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
