"""Commands from the gateway to the job that holds a call, over LiveKit's server-side RPC.

The server gives such a caller a random identity (LiveKit RoomService/PerformRpc), so the payload
itself is signed: HMAC-SHA256 under the LiveKit API secret, bound to the call and to the minute.
"""

from __future__ import annotations

import hashlib
import hmac
import time

import msgspec

from dialplans.contracts.words import Word

METHOD = "switchboard.control"
MAX_AGE_S = 30.0


class Operation(Word):
    """What a job can be told to do."""

    PING = "ping"
    TAKEOVER = "takeover"
    GIVEBACK = "giveback"
    COACH = "coach"
    SAY = "say"
    TRANSFER = "transfer"
    HANGUP = "hangup"
    HOLD = "hold"
    UNHOLD = "unhold"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """`op` is an `Operation`; a job answers one that it does not know. `who` is an `Actor`.

    `text` is what to tell the persona (coach), the sentence that the caller shall hear in its voice
    (say), what a person said (giveback) or a reason; `to` is a
    dialplan destination (`persona billing`, `queue support`, `target duty_phone`) for transfer.
    """

    op: str
    call: str
    who: str = ""
    text: str = ""
    to: str = ""
    at: float = msgspec.field(default_factory=time.time)
    nonce: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    ok: bool
    detail: str = ""
    state: dict[str, str] = {}


class Signed(msgspec.Struct, frozen=True):
    body: bytes
    mac: str


class BadCommandError(ValueError):
    """The payload is not signed by us, is for another call, or is too old."""


def _mac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), b"switchboard.control\0" + body, hashlib.sha256).hexdigest()


def seal(command: Command, secret: str) -> str:
    body = msgspec.json.encode(command)
    return msgspec.json.encode(Signed(body, _mac(secret, body))).decode()


def unseal(payload: str, secret: str, call: str) -> Command:
    """Raises BadCommandError; the caller of the RPC learns no more than that."""
    try:
        signed = msgspec.json.decode(payload, type=Signed)
        if not hmac.compare_digest(signed.mac, _mac(secret, signed.body)):
            raise BadCommandError("signature")
        command = msgspec.json.decode(signed.body, type=Command)
    except msgspec.MsgspecError as error:
        raise BadCommandError("shape") from error
    if command.call != call or abs(time.time() - command.at) > MAX_AGE_S:
        raise BadCommandError("call or time")
    return command
