"""Lengths of time as they are typed: `90s`, `5m`, `1h30m`, `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3650)
_SPAN = re.compile(r"(?:\d{1,9}[smhd])+", re.ASCII)
_PART = re.compile(r"(\d{1,9})([smhd])", re.ASCII)


def span(text: str) -> timedelta:
    """A bare number is refused, as nobody knows its unit."""
    if not _SPAN.fullmatch(text):
        raise typer.BadParameter(f"{text[:40]!r} is not a length of time such as 30s, 5m or 24h")
    length = timedelta(seconds=sum(int(n) * UNITS[u] for n, u in _PART.findall(text)))
    if not timedelta() < length <= LONGEST:
        raise typer.BadParameter(f"{text[:40]!r} is not between 1s and {LONGEST.days}d")
    return length
