"""One call with everything that is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from dialplans.contracts import events as ev
from gateway.records.call import Call
from gateway.records.masking import masked, masked_event
from gateway.sounds.sound_files import Sound, SoundFiles
from gateway.storage.audit import AuditRow


class Line(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    speaker: str
    role: str
    text: str
    interrupted: bool = False
    language: str | None = None
    behalf: str = ""
    """Who had a persona say it."""


class Coached(msgspec.Struct, frozen=True, kw_only=True):
    """What a coach told the persona; never heard by the caller. Not `ok`: nothing came of it."""

    at: datetime
    who: str
    text: str
    ok: bool


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """`arguments` and `result` are null for those who may not see personal data."""

    at: datetime
    name: str
    arguments: dict[str, Any] | None
    result: str | None
    ok: bool
    ms: float | None


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    gap_ms: float
    stt_ms: float | None
    llm_ms: float | None
    tts_ms: float | None


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    frm: str
    to: str
    reason: str
    summary: str


class KeyPress(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    digit: str


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    what: str
    detail: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    who: str
    note: str
    disposition: str | None


class Listened(msgspec.Struct, frozen=True, kw_only=True):
    """From the audit trail: who took part how, from when to when."""

    who: str
    action: str
    at: datetime
    ended_at: datetime | None


class CallDetail(msgspec.Struct, frozen=True, kw_only=True):
    call: Call
    transcript: list[Line] = []
    trace: list[dict[str, Any]] = []
    local_time: str = ""
    tool_calls: list[ToolCall] = []
    gaps: list[Gap] = []
    hand_overs: list[HandOver] = []
    keys: list[KeyPress] = []
    problems: list[Trouble] = []
    notes: list[Note] = []
    coached: list[Coached] = []
    listened: list[Listened] = []
    sounds: list[Sound] = []
    figures: dict[str, float] = {}


_TAKING_PART = frozenset(
    {"listen", "whisper", "barge", "takeover", "coach", "say", "desk.accept", "hear"}
)


def detail(
    call: Call,
    events: Sequence[ev.Event],
    trail: Sequence[AuditRow],
    *,
    sounds: SoundFiles,
    hide: bool,
) -> CallDetail:
    """Looks at nothing but whether sounds are still there; `hide` leaves out what the asker may not
    see."""
    ordered = sorted(events, key=lambda e: (e.at, e.id))
    seen = [masked_event(e) for e in ordered] if hide else ordered
    routed = [e for e in seen if isinstance(e, ev.Routed)]
    figures: dict[str, float] = {}
    for e in seen:
        if isinstance(e, ev.Ended):
            figures |= e.figures
    return CallDetail(
        call=masked(call) if hide else call,
        transcript=[line for e in seen if (line := _line(e))],
        trace=routed[-1].steps if routed else [],
        local_time=routed[-1].local_time if routed else "",
        tool_calls=[_tool(e, hide=hide) for e in seen if isinstance(e, ev.Tool)],
        gaps=[_gap(e) for e in seen if isinstance(e, ev.Turn)],
        hand_overs=[_hand_over(e) for e in seen if isinstance(e, ev.HandedOver)],
        keys=[KeyPress(at=e.at, digit=e.digit) for e in seen if isinstance(e, ev.Dtmf)],
        problems=[
            Trouble(at=e.at, what=e.what, detail=e.detail)
            for e in seen
            if isinstance(e, ev.Problem)
        ],
        notes=[
            Note(at=e.at, who=e.who, note=e.note, disposition=e.disposition)
            for e in seen
            if isinstance(e, ev.Noted)
        ],
        coached=[
            Coached(at=e.at, who=e.who, text=e.note, ok=e.ok)
            for e in seen
            if isinstance(e, ev.Supervised) and e.mode == "coach"
        ],
        listened=[
            Listened(who=r.who, action=r.action, at=r.at, ended_at=r.ended_at)
            for r in reversed(trail)
            if r.action in _TAKING_PART
        ],
        sounds=sounds.of(seen),
        figures=figures,
    )


def _line(e: ev.Event) -> Line | None:
    if isinstance(e, ev.Said):
        return Line(
            at=e.at,
            speaker=e.speaker,
            role=e.role,
            text=e.text,
            interrupted=e.interrupted,
            behalf=e.behalf,
        )
    if isinstance(e, ev.Heard) and e.final:
        return Line(at=e.at, speaker="caller", role="caller", text=e.text, language=e.language)
    return None


def _tool(e: ev.Tool, *, hide: bool) -> ToolCall:
    return ToolCall(
        at=e.at,
        name=e.name,
        arguments=None if hide else e.arguments,
        result=None if hide else e.result,
        ok=e.ok,
        ms=e.ms,
    )


def _gap(e: ev.Turn) -> Gap:
    return Gap(at=e.at, gap_ms=e.gap_ms, stt_ms=e.stt_ms, llm_ms=e.llm_ms, tts_ms=e.tts_ms)


def _hand_over(e: ev.HandedOver) -> HandOver:
    return HandOver(at=e.at, frm=e.frm, to=e.to, reason=e.reason, summary=e.summary)
