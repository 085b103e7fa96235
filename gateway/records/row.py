"""State → the row that is shown, and the row as somebody without the right to numbers sees it."""

from __future__ import annotations

import re
from statistics import median

import msgspec

from gateway.records.call import Call, Holder, Words
from gateway.records.fold import State, needs

_DIGITS = re.compile(r"\+?\d[\d \-/]{4,}\d")


def row(state: State, seq: int) -> Call:
    ended, refused = state.ended, state.refused
    over = ended or refused
    started = state.started_at or state.first_at
    wait = sum(state.waits)
    if state.wanted and over:
        wait += max((over.at - state.wanted.at).total_seconds(), 0.0)
    return Call(
        id=state.id,
        seq=seq,
        direction=state.direction,
        called=state.called,
        caller=state.caller,
        trunk=state.trunk,
        state=state.state,
        state_since=state.state_since or started,
        started_at=started,
        answered_at=state.answered_at,
        ended_at=over.at if over else None,
        holder=_holder(state),
        persona=state.persona,
        agent=state.agent,
        language=state.language,
        decision=state.decision,
        last=state.last,
        needs=needs(state),
        needs_since=state.needs_since,
        wanted=state.wanted,
        listeners=list(state.listeners.values()),
        turns=state.turns,
        turn_gap_ms=state.gaps[-1] if state.gaps else None,
        turn_gap_p50_ms=round(median(state.gaps), 1) if state.gaps else None,
        turn_gap_max_ms=state.gap_max,
        hand_overs=state.hand_overs,
        tools=state.tools,
        problems=state.problems,
        notes=state.notes,
        cause=ended.cause if ended else None,
        by=ended.by if ended else None,
        code=(refused.code if refused else None) or (ended.code if ended else None),
        reason=refused.reason if refused else None,
        detail=refused.detail if refused else "",
        disposition=state.disposition,
        wait_s=round(wait, 3) if state.waits or state.wanted else None,
        talk_s=_talk(state),
        recorded=state.recorded,
        coachable=state.coachable,
        message=state.message,
    )


def _holder(state: State) -> Holder:
    if state.state in ("ended", "refused"):
        return Holder()
    for kind, name in (
        ("supervisor", state.supervisor),
        ("agent", state.agent),
        ("persona", state.persona),
    ):
        if name:
            return Holder(kind, name)
    return Holder()


def _talk(state: State) -> float | None:
    if state.answered_at is None or state.ended is None:
        return None
    return round(max((state.ended.at - state.answered_at).total_seconds(), 0.0), 3)


def mask_number(number: str) -> str:
    """`+491701234567` → `+49170•••••67`: enough to tell two callers apart, not to ring them."""
    if sum(c.isdigit() for c in number) < 5:
        return number
    keep_head, keep_tail = (6, 2) if len(number) >= 11 else (1, 1)
    hidden = len(number) - keep_head - keep_tail
    return number[:keep_head] + "•" * hidden + number[-keep_tail:]


def mask_text(text: str) -> str:
    """Runs of digits inside a sentence: account numbers, call-back numbers."""
    return _DIGITS.sub("•••", text)


def masked(call: Call) -> Call:
    last = call.last
    wanted = call.wanted
    return msgspec.structs.replace(
        call,
        caller=mask_number(call.caller),
        called=mask_number(call.called) if call.direction == "out" else call.called,
        last=last and Words(last.speaker, last.role, mask_text(last.text), last.at),
        wanted=wanted
        and msgspec.structs.replace(
            wanted, reason=mask_text(wanted.reason), summary=mask_text(wanted.summary)
        ),
        detail=mask_text(call.detail),
    )
