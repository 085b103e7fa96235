"""A key for some of a room, and not for all."""

from __future__ import annotations

from collections.abc import Sequence

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient
from livekit.rtc._proto import ffi_pb2 as proto
from livekit.rtc.participant import PublishDTMFError


async def publish_key(
    me: rtc.LocalParticipant, code: int, digit: str, *, to: Sequence[str]
) -> None:
    """The SDK's `publish_dtmf` with the field that it leaves empty, which means everybody. Raises
    PublishDTMFError."""
    if not to:
        raise ValueError("a key for nobody would go to everybody")
    request = proto.FfiRequest()
    wanted = request.publish_sip_dtmf
    wanted.local_participant_handle = me._ffi_handle.handle
    wanted.code, wanted.digit = code, digit
    wanted.destination_identities.extend(to)
    queue = FfiClient.instance.queue.subscribe()
    try:
        response = FfiClient.instance.request(request)
        number = response.publish_sip_dtmf.async_id
        answer = await queue.wait_for(lambda event: event.publish_sip_dtmf.async_id == number)
    finally:
        FfiClient.instance.queue.unsubscribe(queue)
    if answer.publish_sip_dtmf.error:
        raise PublishDTMFError(answer.publish_sip_dtmf.error)
