"""State → the row that is shown."""

from __future__ import annotations

from statistics import median

from dialplans.contracts import why
from dialplans.contracts.actor import ActorKind
from dialplans.contracts.events import Ended
from gateway.records.call import OVER, Call, CallState, Holder, Quality
from gateway.records.fold import State, needs

QUALITY_FIGURES = tuple(
    name for name in Quality.__struct_fields__ if name not in ("codec", "strangers")
)
"""Of `Ended`, under the same names."""


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
        detail=refused.detail if refused else (ended.detail if ended else ""),
        disposition=state.disposition,
        wait_s=round(wait, 3) if state.waits or state.wanted else None,
        talk_s=_talk(state),
        recorded=state.recorded,
        coachable=state.coachable,
        message=state.message,
        why=_why(state),
        quality=_quality(ended),
    )


def _why(state: State) -> str:
    if state.state == CallState.REFUSED and (refused := state.refused) is not None:
        return why.refused(refused.code, refused.reason, refused.detail)
    ended = state.ended
    if ended is None:
        return ""
    return why.ended(ended.cause, ended.code, ended.figures, detail=ended.detail, q850=ended.q850)


def _quality(ended: Ended | None) -> Quality | None:
    if ended is None or not ended.codec:
        return None
    known = {name: ended.figures.get(name) for name in QUALITY_FIGURES}
    strangers = ended.figures.get("rtp_strangers", 0.0)
    return Quality(codec=ended.codec, strangers=strangers, **known)


def _holder(state: State) -> Holder:
    if state.state in OVER:
        return Holder()
    for kind, name in (
        (ActorKind.SUPERVISOR, state.supervisor),
        (ActorKind.AGENT, state.agent),
        (ActorKind.PERSONA, state.persona),
    ):
        if name:
            return Holder(kind, name)
    return Holder()


def _talk(state: State) -> float | None:
    if state.answered_at is None or state.ended is None:
        return None
    return round(max((state.ended.at - state.answered_at).total_seconds(), 0.0), 3)
