"""How a remote procedure fails."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.any_pb2 import Any
from livekit.protocol import sip as lk


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


def sip_error(code: int, message: str, rpc_code: str) -> RpcError:
    """An error that livekit-api turns into `SipCallError` with this status."""
    detail = Any()
    detail.Pack(lk.SIPStatus(code=code, status=message))  # type: ignore[arg-type]
    return RpcError(rpc_code, f"{message}: sip status: {code}", details=[detail])
