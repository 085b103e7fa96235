"""Calls of `rich.yaml` by chance, many of them near a clock change or an edge of its hours."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CHANGES = [  # the nights on which the clocks of our numbers move, both ways
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 10, tzinfo=UTC),
    datetime(2026, 11, 1, 9, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
]
EDGES = ["08:30", "12:00", "13:00", "18:00", "10:00", "14:00", "02:30", "22:15", "00:00", "03:30"]
SPECIAL = ["2026-12-24", "2026-12-25", "2026-12-27", "2027-01-02", "2026-04-06", "2026-10-25",
           "2026-03-27", "2026-03-29", "2026-10-31", "2026-11-01", "2028-12-24"]  # fmt: skip
ZONES = [ZoneInfo(z) for z in ("Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe")]
NUMBERS = ["+498920001000", "+498920001001", "+14155550100", "+61255501234", "+4989200"]
CALLERS = ["+4930555", "+493055599", "+49305549", "+4989123456", "+4989123457", "+12125550199",
           "+33612345678", "anonymous", "+491701234567"]  # fmt: skip
HEADERS: list[dict[str, str]] = [
    {},
    {},
    {"x-campaign": "spring", "X-VIP": ""},
    {"X-Campaign": "spr-g", "x-vip": "yes"},
    {"X-Campaign": "spring"},
    {"X-Campaign": "summer", "X-Vip": "1"},
]
EVENTS = ["persona_failed", "wants_human", "hand_off bert", "hand_off anna", "hand_off night",
          "key 1", "key 2", "key 0", "key *", "key #", "key 9", "timeout", "nobody_on", "answered",
          "busy", "no_answer", "declined", "unreachable", "wrong_number",
          "caller_accepts_callback", "caller_declines_callback",
          "wait 5s", "wait 6s", "wait 12s", "wait 25s", "wait 89s", "wait 90s", "wait 111s",
          "wait 300s", "wait 1200s"]  # fmt: skip
STORIES = [
    ["wants_human", "wait 90s", "caller_accepts_callback"],
    ["persona_failed", "key 0", "wait 90s", "caller_accepts_callback"],
    ["key 0", "wait 90s", "caller_declines_callback", "wait 110s", "wait 299s", "wait 1s"],
    ["key 2", "key 1", "hang_up", "wait 1200s"],
]


def some_events(rng: random.Random) -> list[str]:
    begun = rng.choice(STORIES) if rng.random() < 0.2 else []
    return [*begun, *(rng.choice(EVENTS) for _ in range(rng.randint(0, 6)))]


def some_moment(rng: random.Random) -> datetime:
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(CHANGES) + timedelta(minutes=rng.randint(-36 * 60, 36 * 60))
    if kind < 0.75:
        clock = datetime.fromisoformat(f"{rng.choice(SPECIAL)} {rng.choice(EDGES)}")
        wall = clock.replace(tzinfo=rng.choice(ZONES), fold=rng.randint(0, 1))
        return wall.astimezone(UTC) + timedelta(minutes=rng.randint(-1, 1))
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 400 * 1440))


def some_call(rng: random.Random) -> dict[str, Any]:
    caller = rng.choice(CALLERS)
    if rng.random() < 0.3:
        caller = f"+4917{rng.randint(1_000_000, 9_999_999)}"
    return {
        "to": rng.choice(NUMBERS),
        "from": caller,
        "headers": rng.choice(HEADERS),
        "id": f"call-{rng.randint(0, 50)}",
    }
