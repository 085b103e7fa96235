"""Words of the domain as types: wherever they are written down, the text that they stand for."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """Logs show what is equal alike: a word of ours, and one that came as text from elsewhere."""

    def __repr__(self) -> str:
        return repr(self.value)


class Direction(Word):
    """Of a call, seen from us; `web` comes in by the page."""

    IN = "in"
    OUT = "out"
    WEB = "web"


class Source(Word):
    """Which process an event comes from."""

    BRIDGE = "bridge"
    AGENT = "agent"
    STEWARD = "steward"
    GATEWAY = "gateway"
