"""The short cut through livekit-rtc, without a server."""

from __future__ import annotations

from livekit import rtc

from sip.bridge.room import ffi


async def test_a_handle_that_the_native_side_has_dropped_already_is_no_error() -> None:
    """It happens after each reconnect; dropped twice from here it is forgiven as well."""
    ffi.forgive()
    source = rtc.AudioSource(8000, 1, queue_size_ms=0)
    ffi._drop(source._ffi_handle.handle)

    await source.aclose()

    assert source._ffi_handle.disposed
