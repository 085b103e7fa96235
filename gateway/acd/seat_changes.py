"""What a seat is after its person has said ready, sat down to a call, or got up from one. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from gateway.identity.principal import Principal
from gateway.live.seat import Line, Seat, SeatState


def of(me: Principal, before: Seat | None, now: datetime) -> Seat:
    """The seat of this person as they are now; what the desk knows of it stays."""
    if before is None:
        return Seat(
            name=me.name,
            display=me.display,
            state=SeatState.OFFLINE,
            since=now,
            skills=list(me.skills),
        )
    return msgspec.structs.replace(before, display=me.display, skills=list(me.skills))


def chosen(me: Principal, before: Seat | None, state: str, reason: str, now: datetime) -> Seat:
    """Who has a call keeps it, whatever they choose."""
    seat = of(me, before, now)
    busy = seat.state == SeatState.BUSY
    return msgspec.structs.replace(
        seat,
        state=SeatState.BUSY if busy else state,
        since=now,
        reason=reason,
        call=seat.call if busy else None,
        by=seat.by if busy else "",
        idle_since=seat.idle_since or now,
    )


def sat_down(me: Principal, before: Seat | None, call: str, *, by: Line, now: datetime) -> Seat:
    return msgspec.structs.replace(
        of(me, before, now), state=SeatState.BUSY, since=now, reason="", call=call, by=by
    )


def wraps_up(seat: Seat, now: datetime) -> Seat:
    return msgspec.structs.replace(
        seat, state=SeatState.WRAP_UP, since=now, call=None, by="", idle_since=now
    )


def gone(seat: Seat, now: datetime, *, owes: str | None = None) -> Seat:
    """`owes` is a call that nobody could take over yet."""
    return msgspec.structs.replace(
        seat,
        state=SeatState.OFFLINE,
        reason="",
        since=now,
        call=owes,
        by="",
        idle_since=None,
    )
