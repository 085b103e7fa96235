"""A dialog as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.signalling.dialogs.ends import Ends
from sip.bridge.signalling.dialogs.route import Route
from sip.bridge.transport.flow import Address


@dataclass(frozen=True)
class DialogState:
    """What outlives the process that a dialog was made by. `transport` and `peer` are those of the
    flow; `hosts` are where the other side was seen."""

    ends: Ends
    route: Route
    cseq: int
    remote_cseq: int
    called_by_us: bool
    peer_allows: frozenset[str]
    transport: str
    peer: Address
    hosts: frozenset[str]
