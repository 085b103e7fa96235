"""What a leg hears of its room, and what the room may ask of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from livekit import rtc

END_CALL = "lk.sip.EndCall"
GET_REMOTE_HEADERS = "lk.sip.GetRemoteHeaders"


@dataclass
class Listener:
    """What the call wants to hear of. All run on the event loop."""

    key: Callable[[str], None] = lambda digit: None
    sound: Callable[[], None] = lambda: None
    """Somebody's sound is there to be heard: the moment to answer."""
    end_call: Callable[[Mapping[str, str]], None] = lambda headers: None
    """Somebody in the room hangs up, with headers for the BYE."""
    remote_headers: Callable[[], Mapping[str, str]] = dict
    """The headers of the phone's INVITE, or of its answer to ours."""
    company: Callable[[], None] = lambda: None
    """Somebody has come or left."""
    attributes: Callable[[], None] = lambda: None
    """Somebody has changed the participant's own."""
    lost: Callable[[bool], None] = lambda final: None
    """The connection is gone. Not final: the server is away, try again."""


def serve_methods(me: rtc.LocalParticipant, listener: Listener) -> None:
    """The two methods that livekit-sip's participant answers, under its names."""

    async def end_call(call: rtc.RpcInvocationData) -> str:
        headers = _json(call.payload).get("headers")
        asked = headers if isinstance(headers, dict) else {}
        listener.end_call({str(name): str(value) for name, value in asked.items()})
        return "{}"

    async def remote_headers(call: rtc.RpcInvocationData) -> str:
        wanted = _json(call.payload)
        include, exclude = (
            {str(name).lower() for name in names} if isinstance(names, list) else set()
            for names in (wanted.get("include"), wanted.get("exclude"))
        )
        found = {
            name: value
            for name, value in listener.remote_headers().items()
            if (not include or name.lower() in include) and name.lower() not in exclude
        }
        return json.dumps({"headers": found})

    me.register_rpc_method(END_CALL, end_call)
    me.register_rpc_method(GET_REMOTE_HEADERS, remote_headers)


def stop_serving(me: rtc.LocalParticipant) -> None:
    """A method that stays registered keeps the whole native room for the life of the process: its
    handler owns the room that owns the handler (livekit/rust-sdks#1437)."""
    for method in (END_CALL, GET_REMOTE_HEADERS):
        me.unregister_rpc_method(method)


def _json(payload: str) -> dict[str, object]:
    try:
        found = json.loads(payload or "{}")
    except ValueError as error:
        raise rtc.RpcError(1500, "the payload is no JSON") from error
    if not isinstance(found, dict):
        raise rtc.RpcError(1500, "the payload is no object")
    return found
