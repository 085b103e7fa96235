"""What can happen to a call after the first decision, as tests, terminals and workers write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from dialplans.contracts.words import Word


class HappeningKind(Word):
    """What a plan's tests may name, and what workers tell the engine."""

    KEY = "key"
    TIMEOUT = "timeout"
    WAIT = "wait"
    PERSONA_FAILED = "persona_failed"
    WANTS_HUMAN = "wants_human"
    HAND_OFF = "hand_off"
    NOBODY_ON = "nobody_on"
    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WRONG_NUMBER = "wrong_number"
    FAILED = "failed"
    CALLER_ACCEPTS_CALLBACK = "caller_accepts_callback"
    CALLER_DECLINES_CALLBACK = "caller_declines_callback"
    HANG_UP = "hang_up"
    TICK = "tick"


NOT_REACHED = frozenset(
    {
        HappeningKind.BUSY,
        HappeningKind.NO_ANSWER,
        HappeningKind.DECLINED,
        HappeningKind.UNREACHABLE,
        HappeningKind.WRONG_NUMBER,
        HappeningKind.FAILED,
    }
)
"""A person was rung and does not have the call."""

MEANINGS = {
    HappeningKind.KEY: "`key 1`: the caller presses a key",
    HappeningKind.TIMEOUT: "no key was pressed in time",
    HappeningKind.WAIT: "`wait 301s`: so much time passes",
    HappeningKind.PERSONA_FAILED: "the persona cannot go on",
    HappeningKind.WANTS_HUMAN: "the caller asks for a person",
    HappeningKind.HAND_OFF: "`hand_off billing`: the persona hands over",
    HappeningKind.NOBODY_ON: "nobody is signed in who could answer",
    HappeningKind.ANSWERED: "a person takes the call",
    HappeningKind.BUSY: "the telephone that is rung is busy",
    HappeningKind.NO_ANSWER: "nobody picks up",
    HappeningKind.DECLINED: "the person who was rung does not want the call",
    HappeningKind.UNREACHABLE: "the line to the telephone is out of order",
    HappeningKind.WRONG_NUMBER: "there is no such telephone number",
    HappeningKind.FAILED: "the call could not be made for another reason",
    HappeningKind.CALLER_ACCEPTS_CALLBACK: "the caller wants to be rung back",
    HappeningKind.CALLER_DECLINES_CALLBACK: "the caller would rather wait",
    HappeningKind.HANG_UP: "the caller hangs up",
    HappeningKind.TICK: "time has passed; the engine looks at the clock",
}
"""Every happening and its meaning; the README lists them from here."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_WAIT = re.compile(r"(?:(\d{1,6})(ms|s|min|m|h))+\Z", re.ASCII)
_PART = re.compile(r"(\d{1,6})(ms|s|min|m|h)", re.ASCII)
LONGEST_WAIT_S = 366 * 86400
"""As long as the longest length of time in a plan, so that every one of them can be waited for."""
_NEEDS_NAME = frozenset({HappeningKind.KEY, HappeningKind.HAND_OFF, HappeningKind.WAIT})


class UnknownHappeningError(ValueError):
    """Nothing like that can happen to a call; the message says what was meant."""


@dataclass(frozen=True, slots=True)
class Happening:
    kind: HappeningKind
    name: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else f"{self.kind}"


def happening(text: str) -> Happening:
    """`key 1`, `wait 5m`, `persona_failed`. Raises UnknownHappeningError."""
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    word, _, name = text.strip().partition(" ")
    name = name.strip()
    try:
        kind = HappeningKind(word)
    except ValueError:
        near = get_close_matches(word[:64], MEANINGS, 1, 0.6)
        hint = f"did you mean '{near[0]}'?" if near else f"one of {', '.join(MEANINGS)}"
        raise UnknownHappeningError(f"'{shown}' cannot happen to a call; {hint}") from None
    if (kind in _NEEDS_NAME) != bool(name):
        example = MEANINGS[kind].partition(":")[0].strip("`") if kind in _NEEDS_NAME else kind
        raise UnknownHappeningError(f"'{shown}' is not complete or too long; write {example}")
    if kind == HappeningKind.KEY and not re.fullmatch(r"[0-9*#A-D]", name):
        raise UnknownHappeningError(f"'{name[:60]}' is not a key of a telephone")
    return Happening(kind, name, _seconds(name, shown) if kind == HappeningKind.WAIT else 0.0)


def _seconds(name: str, shown: str) -> float:
    if not _WAIT.match(name):
        raise UnknownHappeningError(f"'{shown}' is no length of time; write wait 20s or wait 5m")
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(name))
    if seconds > LONGEST_WAIT_S:
        raise UnknownHappeningError(f"'{shown}' is longer than a year; no call lasts so long")
    return seconds
