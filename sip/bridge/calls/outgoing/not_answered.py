"""What is told of a call of ours that nobody took: to the record, the room, and who wanted it."""

from __future__ import annotations

from livekit.protocol.models import DisconnectReason

from dialplans.contracts.causes import EndedBy
from dialplans.contracts.dial_outcome import with_q850
from dialplans.contracts.events import Ended
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.psrpc.errors import RpcError, sip_error
from sip.bridge.runtime.outbox import SOURCE

_LEFT_WITH = {
    480: DisconnectReason.USER_UNAVAILABLE,
    486: DisconnectReason.USER_REJECTED,
    603: DisconnectReason.USER_REJECTED,
}
_RPC_CODES = {
    400: "invalid_argument",
    404: "not_found",
    408: "deadline_exceeded",
    480: "unavailable",
    486: "unavailable",
    487: "canceled",
}


def left_with(failure: NotAnsweredError) -> int:
    """With what the telephone leaves its room."""
    return _LEFT_WITH.get(failure.code, DisconnectReason.CLIENT_INITIATED)


def refusal(failure: NotAnsweredError) -> RpcError:
    """For whoever asked by LiveKit's API and waits: status and words are all that reaches them."""
    rpc_code = _RPC_CODES.get(failure.code, "failed_precondition")
    return sip_error(failure.code, with_q850(failure.words, failure.q850), rpc_code)


def ended_by(failure: NotAnsweredError, room: str, leg: str | None) -> Ended:
    return Ended(
        call=room,
        source=SOURCE,
        cause=failure.cause,
        by=EndedBy.CALLEE if failure.theirs else EndedBy.SYSTEM,
        code=failure.code,
        detail=failure.detail,
        q850=failure.q850,
        leg=leg,
    )
