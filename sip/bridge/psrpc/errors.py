"""How a remote procedure fails."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.any_pb2 import Any


class RpcError(Exception):
    """`code` is a psrpc error code in snake_case (`unavailable`, `deadline_exceeded`, …).

    `details` travel to the caller; a packed `livekit.SIPStatus` becomes the SIP status of the
    exception that livekit-api raises.
    """

    def __init__(self, code: str, message: str, *, details: Iterable[Any] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = tuple(details)
