"""What the native side of the SDK keeps, and what is given back to it and when."""

from __future__ import annotations

import contextlib

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiHandle

from sip.bridge.media.g711 import SAMPLE_RATE

_kept: list[object] = []
_first_room: list[rtc.Room] = []


def drop_handle(handle: int) -> None:
    FfiClient.instance._ffi_lib.livekit_ffi_drop_handle(handle)


def keep_warm() -> None:
    """Hold one track for good: without any, the SDK takes WebRTC and its threads down after the
    last call and builds them again for the next."""
    source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=0)
    _kept.extend((source, rtc.LocalAudioTrack.create_audio_track("warm", source)))


def forgive() -> None:
    """Let a handle be dropped that is gone already.

    The SDK asserts that it is not, in a finaliser. But after a reconnect the native side has
    dropped the handles of the lost session by itself, which is what was wanted.
    """
    dispose = FfiHandle.dispose

    def quietly(handle: FfiHandle) -> None:
        with contextlib.suppress(AssertionError):
            dispose(handle)

    FfiHandle.dispose = quietly  # type: ignore[method-assign, assignment]


def release(room: rtc.Room) -> None:
    """Give the native side of a room that was left back at once.

    The SDK leaves that to the garbage collector, since its objects refer to each other in circles,
    and a process of this size is searched for circles so seldom that the connections of hundreds of
    calls pile up meanwhile, 0.7 MB each.

    The first is kept for good. With its last room the SDK takes down what plays the sound of rooms,
    and a call that begins at that moment has none for as long as it lasts.
    """
    if not _first_room:
        _first_room.append(room)
        return
    handles = []
    for who in (room._local_participant, *room._remote_participants.values()):
        if who is None:
            continue
        for publication in who._track_publications.values():
            track = publication._track
            handles += [publication._ffi_handle, *([] if track is None else [track._ffi_handle])]
        handles.append(who._ffi_handle)
    if room._ffi_handle is not None:
        handles.append(room._ffi_handle)
    for handle in handles:
        handle.dispose()
