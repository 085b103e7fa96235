"""What can happen to a call after the first decision, as tests, terminals and workers write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

MEANINGS = {
    "key": "`key 1`: the caller presses a key",
    "timeout": "no key was pressed in time",
    "wait": "`wait 301s`: so much time passes",
    "persona_failed": "the persona cannot go on",
    "wants_human": "the caller asks for a person",
    "hand_off": "`hand_off billing`: the persona hands over",
    "nobody_on": "nobody is signed in who could answer",
    "answered": "a person takes the call",
    "busy": "the telephone that is rung is busy",
    "no_answer": "nobody picks up",
    "declined": "the person who was rung does not want the call",
    "failed": "the telephone could not be reached",
    "caller_accepts_callback": "the caller wants to be rung back",
    "caller_declines_callback": "the caller would rather wait",
    "hang_up": "the caller hangs up",
    "tick": "time has passed; the engine looks at the clock",
}
"""Every happening and its meaning; the README lists them from here."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_WAIT = re.compile(r"(?:(\d{1,6})(ms|s|min|m|h))+\Z", re.ASCII)
_PART = re.compile(r"(\d{1,6})(ms|s|min|m|h)", re.ASCII)
LONGEST_WAIT_S = 366 * 86400
"""As long as the longest length of time in a plan, so that every one of them can be waited for."""
_NEEDS_NAME = ("key", "hand_off", "wait")


class UnknownHappeningError(ValueError):
    """Nothing like that can happen to a call; the message says what was meant."""


@dataclass(frozen=True, slots=True)
class Happening:
    kind: str
    name: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


def happening(text: str) -> Happening:
    """`key 1`, `wait 5m`, `persona_failed`. Raises UnknownHappeningError."""
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    kind, _, name = text.strip().partition(" ")
    name = name.strip()
    if kind not in MEANINGS:
        near = get_close_matches(kind[:64], MEANINGS, 1, 0.6)
        hint = f"did you mean '{near[0]}'?" if near else f"one of {', '.join(MEANINGS)}"
        raise UnknownHappeningError(f"'{shown}' cannot happen to a call; {hint}")
    if (kind in _NEEDS_NAME) != bool(name):
        example = MEANINGS[kind].partition(":")[0].strip("`") if kind in _NEEDS_NAME else kind
        raise UnknownHappeningError(f"'{shown}' is not complete or too long; write {example}")
    if kind == "key" and not re.fullmatch(r"[0-9*#]", name):
        raise UnknownHappeningError(f"'{name[:60]}' is not a key of a telephone")
    return Happening(kind, name, _seconds(name, shown) if kind == "wait" else 0.0)


def _seconds(name: str, shown: str) -> float:
    if not _WAIT.match(name):
        raise UnknownHappeningError(f"'{shown}' is no length of time; write wait 20s or wait 5m")
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(name))
    if seconds > LONGEST_WAIT_S:
        raise UnknownHappeningError(f"'{shown}' is longer than a year; no call lasts so long")
    return seconds
