"""Why a connection to a room has ended, and whether that is the end of the call."""

from __future__ import annotations

from livekit import rtc

Reason = rtc.DisconnectReason
FINAL = frozenset(
    {
        Reason.CLIENT_INITIATED,
        Reason.DUPLICATE_IDENTITY,
        Reason.PARTICIPANT_REMOVED,
        Reason.ROOM_DELETED,
        Reason.ROOM_CLOSED,
        Reason.USER_REJECTED,
        Reason.USER_UNAVAILABLE,
    }
)
"""Reasons after which the call is over; any other is a connection to be made again."""
