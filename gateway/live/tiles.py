"""The strip of figures above the list of calls. Pure, so two gateways reckon the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from gateway.live.seat import AT_WORK, Seat, SeatState
from gateway.records.call import Call, CallState

WINDOW = timedelta(minutes=60)


class Tiles(msgspec.Struct, frozen=True, kw_only=True):
    """`load` has one (epoch seconds, calls, waiting) a minute over the last hour."""

    calls: int
    waiting: int
    longest_wait_s: float
    service_level: float | None
    answer_s: float | None
    abandoned: int
    refused: int
    agents_ready: int
    agents_busy: int
    agents_not_ready: int
    turn_gap_p50_ms: float | None
    turn_gap_p95_ms: float | None
    load: list[tuple[int, int, int]]


class Hour(msgspec.Struct, frozen=True):
    """What the figures are reckoned from: live calls, the last hour's others, reply gaps."""

    live: Collection[Call]
    recent: Collection[Call]
    gaps: Sequence[float]
    seats: Collection[Seat]


def tiles(hour: Hour, now: datetime, target_s: float) -> Tiles:
    waits = [(now - c.wanted.at).total_seconds() for c in hour.live if _waiting(c) and c.wanted]
    past = [c for c in hour.recent if c.ended_at and c.ended_at > now - WINDOW]
    answers = sorted(
        (c.answered_at - c.started_at).total_seconds() for c in (*hour.live, *past) if c.answered_at
    )
    served = [c for c in (*hour.live, *past) if c.wait_s is not None and not _waiting(c)]
    abandoned = sum(c.wanted is not None for c in past)
    in_time = sum((c.wait_s or 0.0) <= target_s and c.wanted is None for c in served)
    seats = [s.state for s in hour.seats]
    gaps = sorted(hour.gaps)
    return Tiles(
        calls=len(hour.live),
        waiting=len(waits),
        longest_wait_s=round(max(waits, default=0.0), 1),
        service_level=round(in_time / len(served), 3) if served else None,
        answer_s=_quantile(answers, 0.5),
        abandoned=abandoned,
        refused=sum(c.state == CallState.REFUSED for c in past),
        agents_ready=seats.count(SeatState.READY),
        agents_busy=sum(s in AT_WORK for s in seats),
        agents_not_ready=seats.count(SeatState.NOT_READY) + seats.count(SeatState.WRAP_UP),
        turn_gap_p50_ms=_quantile(gaps, 0.5),
        turn_gap_p95_ms=_quantile(gaps, 0.95),
        load=_load((*hour.live, *past), now),
    )


def _waiting(call: Call) -> bool:
    return call.live and call.wanted is not None


def _quantile(ordered: Sequence[float], q: float) -> float | None:
    return round(ordered[min(int(len(ordered) * q), len(ordered) - 1)], 2) if ordered else None


def _load(calls: Iterable[Call], now: datetime) -> list[tuple[int, int, int]]:
    last = int(now.timestamp()) // 60
    first = last - 59
    talking, waiting = [0] * 60, [0] * 60
    for call in calls:
        if call.state == CallState.REFUSED:
            continue
        end = (call.ended_at or now).timestamp()
        _mark(talking, first, (call.started_at.timestamp(), end))
        if call.wanted is not None:
            _mark(waiting, first, (call.wanted.at.timestamp(), end))
    return [((first + i) * 60, talking[i], waiting[i]) for i in range(60)]


def _mark(minutes: list[int], first: int, span: tuple[float, float]) -> None:
    begin, end = max(int(span[0]) // 60 - first, 0), min(int(span[1]) // 60 - first, 59)
    for minute in range(begin, end + 1):
        minutes[minute] += 1
