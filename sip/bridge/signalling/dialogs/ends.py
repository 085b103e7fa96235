"""What both sides call a dialog, and who is told what happens in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.message import Request
from sip.bridge.signalling.reading.values import read_address
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import capabilities

Answers = Callable[[ServerTransaction], None]


@dataclass
class Handlers:
    """What the call does on its dialog's events; each gets what it must answer or read."""

    bye: Callable[[], None] = lambda: None
    unreachable: Callable[[], None] = lambda: None
    offer: Answers = lambda transaction: transaction.respond(488)
    ack: Callable[[Request], None] = lambda ack: None
    notify: Answers = lambda transaction: transaction.respond(481)
    info: Answers = lambda transaction: transaction.respond(415)
    refer: Answers = lambda transaction: transaction.respond(603)
    prack: Answers = lambda transaction: transaction.respond(481)

    def other(self, method: str) -> Answers:
        """Who answers a request that is neither an offer nor a BYE."""
        known = {
            "NOTIFY": self.notify,
            "INFO": self.info,
            "REFER": self.refer,
            "PRACK": self.prack,
        }
        return known.get(method, _understood)


def _understood(transaction: ServerTransaction) -> None:
    transaction.respond(200, headers=capabilities())


@dataclass(frozen=True)
class Ends:
    """The names both sides have for the dialog; `local` and `remote` are header values."""

    call_id: str
    local: str
    local_tag: str
    remote: str

    @classmethod
    def of_called(cls, invite: Request, tag: str) -> Ends:
        """For the side that gives `tag` to the other's INVITE."""
        local = f"{invite.header('to') or ''};tag={tag}"
        return cls(invite.call_id, local, tag, invite.header("from") or "")

    @classmethod
    def of_caller(cls, invite: SipRequest, response: SipResponse) -> Ends:
        local = invite.get_header("from") or ""
        tag = read_address(local).tag or ""
        return cls(invite.call_id or "", local, tag, response.get_header("to") or "")

    @property
    def remote_tag(self) -> str:
        """Empty for a side of RFC 2543."""
        return read_address(self.remote).tag or ""
