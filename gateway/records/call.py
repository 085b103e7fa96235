"""A call as the console shows it: one row, everything an operator scans for."""

from __future__ import annotations

from datetime import datetime

import msgspec

from dialplans.contracts.words import Word


class CallState(Word):
    """`state` of a call's row."""

    RINGING = "ringing"
    TALKING = "talking"
    WAITING = "waiting"
    HUMAN = "human"
    """A person has it, at a desk or supervising."""
    HELD = "held"
    ENDED = "ended"
    REFUSED = "refused"


OVER = frozenset({CallState.ENDED, CallState.REFUSED})

NOBODY = "nobody"


class Holder(msgspec.Struct, frozen=True):
    """Who talks with the caller now. `kind` is an `ActorKind` or `NOBODY`."""

    kind: str = NOBODY
    name: str = ""


class Decided(msgspec.Struct, frozen=True):
    kind: str
    name: str | None = None
    revision: str = ""


class Words(msgspec.Struct, frozen=True):
    """The last thing anybody said."""

    speaker: str
    role: str
    text: str
    at: datetime


class Wanted(msgspec.Struct, frozen=True):
    """The wish for a person, as the persona or the dialplan put it."""

    at: datetime
    queue: str | None = None
    skills: list[str] = []
    reason: str = ""
    summary: str = ""
    language: str = "en"
    priority: int = 0


class Listening(msgspec.Struct, frozen=True):
    who: str
    mode: str
    since: datetime


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """How the line of a telephone sounded: what came from it, and with `_sent` what it heard, as
    far as it said so. Loss in percent, times in milliseconds, MOS from 1 to 4.5 (ITU-T G.107)."""

    codec: str = ""
    mos: float | None = None
    mos_sent: float | None = None
    loss_pct: float | None = None
    loss_sent_pct: float | None = None
    jitter_ms: float | None = None
    jitter_sent_ms: float | None = None
    round_trip_ms: float | None = None
    longest_hole_ms: float | None = None
    strangers: float = 0
    """Packets of others than the phone, which were dropped."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` is the number of the newest event in it: of two rows the higher one is newer. `state`
    is a `CallState`; `cause`, `by` and `reason` are the words of `dialplans.contracts.causes`."""

    id: str
    seq: int
    direction: str
    called: str
    caller: str
    trunk: str | None
    state: str
    state_since: datetime
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    holder: Holder
    persona: str | None
    agent: str | None
    language: str
    decision: Decided | None
    last: Words | None
    needs: list[str]
    needs_since: datetime | None
    wanted: Wanted | None
    listeners: list[Listening]
    turns: int
    turn_gap_ms: float | None
    turn_gap_p50_ms: float | None
    turn_gap_max_ms: float | None
    hand_overs: int
    tools: int
    problems: int
    notes: int
    cause: str | None
    by: str | None
    code: int | None
    reason: str | None
    detail: str
    disposition: str | None
    wait_s: float | None
    talk_s: float | None
    recorded: bool = False
    """Sound of it was kept; it may be gone again."""
    coachable: bool = False
    """The persona follows a coach's words: it has a language model, and not a fixed flow."""
    message: bool = False
    """The caller left a message in a mailbox."""
    why: str = ""
    """One sentence, where it did not come in, was not answered, or was not heard by both sides."""
    quality: Quality | None = None
    """None where nothing was measured: it was never answered, or did not come by telephone."""

    @property
    def live(self) -> bool:
        return self.state not in OVER
