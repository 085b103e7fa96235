"""Requests of a dialog that nobody is there yet to answer."""

from __future__ import annotations

from collections.abc import Callable

from sip.bridge.signalling.server_transaction import ServerTransaction


class Waiting:
    """Whoever has answered us may ask, or hang up, before the call knows of its answer. What comes
    between `begin` and `end` is kept in order, and met then."""

    def __init__(self) -> None:
        self._kept: list[ServerTransaction] | None = None

    def begin(self) -> None:
        self._kept = []

    def keeps(self, transaction: ServerTransaction) -> bool:
        """False where somebody is there to answer it."""
        if self._kept is None:
            return False
        self._kept.append(transaction)
        return True

    def end(self, receive: Callable[[ServerTransaction], None]) -> None:
        kept, self._kept = self._kept or (), None
        for transaction in kept:
            receive(transaction)

    def close(self) -> None:
        """There is no call any more: nothing to ask, and nothing left to hang up."""
        self.end(lambda each: each.respond(200 if each.request.method == "BYE" else 481))
