"""Everything a console shows on opening, kept in memory so that opening one is cheap."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import msgspec

from dialplans.contracts import events as ev
from gateway.live.seat import Offer, Seat
from gateway.live.tiles import WINDOW, Hour, Tiles, tiles
from gateway.records.call import Call


class Gone(msgspec.Struct, frozen=True):
    """An offer that no longer rings. `why`: taken, declined, timeout, withdrawn or
    over."""

    id: str
    call: str
    why: str = ""


class Ringing(msgspec.Struct, frozen=True):
    """All offers to one person; whatever is not among them does not ring."""

    offers: list[Offer]


class Plan(msgspec.Struct, frozen=True):
    revision: str | None = None


class LiveState:
    def __init__(self, target_s: float) -> None:
        self.head = 0
        self.live: dict[str, Call] = {}
        self.seats: dict[str, Seat] = {}
        self.offers: dict[str, Offer] = {}
        self.revision: str | None = None
        self._recent: dict[str, Call] = {}
        self._gaps: deque[tuple[datetime, float]] = deque(maxlen=2000)
        self._target_s = target_s

    def update(self, call: Call) -> bool:
        """False when we know something newer already."""
        known = self.live.get(call.id) or self._recent.get(call.id)
        if known is not None and known.seq >= call.seq:
            return False
        if call.live:
            self.live[call.id] = call
        else:
            self.live.pop(call.id, None)
            self._recent[call.id] = call
        return True

    def gap(self, turn: ev.Turn) -> None:
        self._gaps.append((turn.at, turn.gap_ms))

    def notice(self, frame: str, data: msgspec.Raw) -> None:
        match frame:
            case "desk":
                seat = msgspec.json.decode(data, type=Seat)
                self.seats[seat.name] = seat
            case "offer":
                offer = msgspec.json.decode(data, type=Offer)
                self.offers[offer.id] = offer
            case "offer_gone":
                self.offers.pop(msgspec.json.decode(data, type=Gone).id, None)
            case "plan":
                self.revision = msgspec.json.decode(data, type=Plan).revision

    def offers_for(self, who: str) -> list[Offer]:
        return [offer for offer in self.offers.values() if offer.to == who]

    def tiles(self, now: datetime) -> Tiles:
        gaps = [gap for at, gap in self._gaps if at > now - WINDOW]
        hour = Hour(self.live.values(), self._recent.values(), gaps, self.seats.values())
        return tiles(hour, now, self._target_s)

    def prune(self, now: datetime) -> None:
        old = [c.id for c in self._recent.values() if c.ended_at and c.ended_at < now - WINDOW]
        for name in old:
            del self._recent[name]
