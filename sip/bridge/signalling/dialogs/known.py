"""The dialogs that are known here, and whose other sides are heard for as long as they are."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.peers import Peers

DialogKey = tuple[str, str, str]


class InDialog(Protocol):
    """What a dialog does with the requests that belong to it."""

    @property
    def key(self) -> DialogKey:
        """As `Request.dialog`."""

    @property
    def hosts(self) -> frozenset[str]:
        """Where its other side is, for as long as the dialog is known here."""

    def receive(self, transaction: ServerTransaction) -> None: ...

    def acknowledged(self, ack: Request) -> None: ...


class Dialogs:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._known: dict[DialogKey, InDialog] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: DialogKey) -> InDialog | None:
        return self._known.get(key)

    def add(self, dialog: InDialog) -> None:
        for host in dialog.hosts:
            self._peers.hold(host)
        self._known[dialog.key] = dialog

    def remove(self, dialog: InDialog) -> None:
        """What the other side still repeats is heard for a while."""
        if self._known.get(dialog.key) is dialog:
            del self._known[dialog.key]
            asyncio.get_running_loop().call_later(TIMEOUT, self._release, dialog.hosts)

    def _release(self, hosts: frozenset[str]) -> None:
        for host in hosts:
            self._peers.release(host)
