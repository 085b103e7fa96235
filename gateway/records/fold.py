"""Events → the state of a call. Pure: no clock, no database, no order of arrival.

The state of a call is the fold of its events sorted by time. An event that arrives in order is
applied to the stored state; one that arrives late makes the caller fold the call again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from dialplans.contracts import events as ev
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.causes import EndCause
from dialplans.contracts.control import Operation
from dialplans.contracts.words import Direction, Source
from dialplans.telephony.call import ANONYMOUS
from gateway.records.call import OVER, CallState, Decided, Listening, Wanted, Words

LONG_GAP_MS = 2500.0
"""A caller who waits longer than this for a reply needs somebody's eye."""

_GAPS_KEPT = 200
_WORDS_KEPT = 20_000
_WORDS_ONLY = frozenset({Operation.COACH, Operation.SAY})
"""They change nothing of how somebody takes part."""
_VOICED = frozenset({"listen", "whisper", "barge", "takeover"})


class State(msgspec.Struct, kw_only=True):
    """What is folded; `row.row` turns it into what is shown. Only this module changes one."""

    id: str
    first_at: datetime
    last_at: datetime
    last_id: str
    direction: str = Direction.IN
    called: str = ""
    caller: str = ANONYMOUS
    trunk: str | None = None
    source_ip: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    state: str = CallState.RINGING
    state_since: datetime | None = None
    persona: str | None = None
    coachable: bool = False
    agent: str | None = None
    supervisor: str | None = None
    language: str = "en"
    decision: Decided | None = None
    last: Words | None = None
    wanted: Wanted | None = None
    waits: list[float] = []
    held: bool = False
    help: bool = False
    trouble: bool = False
    needs_since: datetime | None = None
    listeners: dict[str, Listening] = {}
    gaps: list[float] = []
    turns: int = 0
    gap_max: float | None = None
    hand_overs: int = 0
    tools: int = 0
    problems: int = 0
    notes: int = 0
    disposition: str | None = None
    recorded: bool = False
    message: bool = False
    ended: ev.Ended | None = None
    refused: ev.Refused | None = None
    words: str = ""


def begin(event: ev.Event) -> State:
    return State(id=event.call, first_at=event.at, last_at=event.at, last_id="")


def in_order(state: State, event: ev.Event) -> bool:
    return (event.at, event.id) > (state.last_at, state.last_id)


def fold(events: Iterable[ev.Event]) -> State:
    """The state after all these events, whatever order they are given in, each counted once."""
    ordered = sorted({e.id: e for e in events}.values(), key=lambda e: (e.at, e.id))
    if not ordered:
        raise ValueError("a call without events")
    state = begin(ordered[0])
    for event in ordered:
        _apply(state, event)
    return state


def step(state: State, event: ev.Event) -> State:
    """One event on; `in_order(state, event)` must hold."""
    after = copy.copy(state)
    _apply(after, event)
    return after


def _apply(state: State, event: ev.Event) -> None:
    """A phone that is dialled into a call begins, answers and ends for itself (`leg`): its events
    are in the call's history, and the caller's call is what it was."""
    state.last_at, state.last_id = event.at, event.id
    _TAKE[type(event)](state, event)
    status = _status(state)
    if status != state.state or state.state_since is None:
        state.state, state.state_since = status, event.at
    if needs(state):
        state.needs_since = state.needs_since or event.at
    else:
        state.needs_since = None
    if status in OVER:
        state.listeners = {}


def _status(state: State) -> CallState:
    """Late events change history but never bring an ended call back. Somebody was in the room of a
    call that was refused on entering, and reports its end; it was refused all the same."""
    if state.refused is not None and state.answered_at is None:
        return CallState.REFUSED
    if state.ended is not None:
        return CallState.ENDED
    if state.refused is not None:
        return CallState.REFUSED
    if state.held:
        return CallState.HELD
    if state.supervisor or state.agent:
        return CallState.HUMAN
    if state.wanted is not None:
        return CallState.WAITING
    if state.answered_at is not None or state.persona is not None:
        return CallState.TALKING
    return CallState.RINGING


def needs(state: State) -> list[str]:
    """Why somebody should look at this call, weightiest first; nothing once it is over."""
    if state.ended is not None or state.refused is not None:
        return []
    found = {
        "help": state.help,
        "person_wanted": state.wanted is not None,
        "problem": state.trouble,
        "long_gap": bool(state.gaps) and state.gaps[-1] >= LONG_GAP_MS,
    }
    return [name for name, yes in found.items() if yes]


def _started(s: State, e: ev.Started) -> None:
    if e.leg is not None:
        return
    s.started_at = e.at if s.started_at is None else min(s.started_at, e.at)
    s.called, s.caller, s.direction = e.called or s.called, e.caller or s.caller, e.direction
    s.trunk, s.source_ip = e.trunk or s.trunk, e.source_ip or s.source_ip


def _answered(s: State, e: ev.Answered) -> None:
    if e.leg is None:
        s.answered_at = s.answered_at or e.at


def _routed(s: State, e: ev.Routed) -> None:
    s.decision = Decided(e.decision_kind, e.decision_name, e.revision)


def _persona(s: State, e: ev.Persona) -> None:
    s.persona, s.language, s.coachable = e.name, e.language, e.coachable


def _remember(s: State, words: Words) -> None:
    s.last = words
    if len(s.words) < _WORDS_KEPT:
        s.words = f"{s.words}\n{words.text}"[:_WORDS_KEPT]


def _said(s: State, e: ev.Said) -> None:
    s.trouble = s.trouble and e.role != ActorKind.PERSONA
    _remember(s, Words(e.speaker, e.role, e.text, e.at))


def _heard(s: State, e: ev.Heard) -> None:
    if e.final:
        _remember(s, Words(ActorKind.CALLER, ActorKind.CALLER, e.text, e.at))


def _tool(s: State, _: ev.Tool) -> None:
    s.tools += 1


def _handed_over(s: State, e: ev.HandedOver) -> None:
    s.hand_overs += 1
    to = Actor.parse(e.to)
    _wait_over(s, e.at)
    if to.kind == ActorKind.AGENT:
        s.agent = to.name
    elif to.kind == ActorKind.SUPERVISOR:
        s.supervisor = to.name
        if Actor.parse(e.frm) == Actor(ActorKind.AGENT, s.agent or ""):
            s.agent = None
    else:
        s.agent = s.supervisor = None
        s.held = s.help = False
        if to.kind == ActorKind.PERSONA:
            s.persona = to.name


def _wait_over(s: State, at: datetime) -> None:
    if s.wanted is not None:
        s.waits = [*s.waits, (at - s.wanted.at).total_seconds()]
        s.wanted = None


def _person_wanted(s: State, e: ev.PersonWanted) -> None:
    at = s.wanted.at if s.wanted else e.at
    s.wanted = Wanted(
        at, e.queue, e.skills, e.reason, e.summary, language=e.language, priority=e.priority
    )


def _turn(s: State, e: ev.Turn) -> None:
    s.turns += 1
    s.gaps = [*s.gaps[-_GAPS_KEPT + 1 :], e.gap_ms]
    s.gap_max = max(s.gap_max or 0.0, e.gap_ms)


def _supervised(s: State, e: ev.Supervised) -> None:
    listeners = dict(s.listeners)
    if e.mode in _VOICED:
        listeners[e.who] = Listening(e.who, e.mode, e.at)
    elif e.mode == "idle":
        listeners.pop(e.who, None)
    s.listeners = listeners
    if e.mode == "takeover":
        s.supervisor, s.help = e.who, False
        _wait_over(s, e.at)
    elif e.mode not in _WORDS_ONLY and s.supervisor == e.who:
        s.supervisor = None


def _problem(s: State, _: ev.Problem) -> None:
    s.problems += 1
    s.trouble = True


def _resumed(s: State, _: ev.Resumed) -> None:
    s.trouble = False


def _noted(s: State, e: ev.Noted) -> None:
    s.notes += bool(e.note)
    s.disposition = e.disposition or s.disposition


def _held(s: State, e: ev.Held) -> None:
    s.held = e.on


def _help(s: State, e: ev.HelpWanted) -> None:
    s.help = e.on


def _refused(s: State, e: ev.Refused) -> None:
    s.refused = s.refused or e
    s.called, s.caller = s.called or e.called, e.caller or s.caller
    s.trunk, s.source_ip = e.trunk or s.trunk, e.source_ip or s.source_ip


def _ended(s: State, e: ev.Ended) -> None:
    """The job's report outranks the leg's, and both outrank a closed room."""
    if e.leg is not None:
        return
    if s.ended is None or _rank(e) > _rank(s.ended):
        first, second = e, s.ended
    else:
        first, second = s.ended, e
    if second is not None:
        codec, q850 = first.codec or second.codec, first.q850 or second.q850
        merged = {**second.figures, **first.figures}
        first = msgspec.structs.replace(first, figures=merged, codec=codec, q850=q850)
    s.ended = first


def _rank(e: ev.Ended) -> int:
    if e.cause == EndCause.ROOM_CLOSED:
        return 0
    return 2 if e.source.startswith(Source.AGENT) else 1


def _recorded(s: State, _: ev.Recorded) -> None:
    s.recorded = True


def _message(s: State, _: ev.VoiceMessage) -> None:
    s.message = True


def _nothing(_s: State, _e: object) -> None:
    """Kept in the call's history; changes no figure of the row."""


_TAKE: dict[type[ev.CallEvent], Callable[[State, Any], None]] = {
    ev.Started: _started,
    ev.Answered: _answered,
    ev.Routed: _routed,
    ev.Persona: _persona,
    ev.Said: _said,
    ev.Heard: _heard,
    ev.Tool: _tool,
    ev.Dtmf: _nothing,
    ev.HandedOver: _handed_over,
    ev.PersonWanted: _person_wanted,
    ev.Turn: _turn,
    ev.Supervised: _supervised,
    ev.Problem: _problem,
    ev.Resumed: _resumed,
    ev.Noted: _noted,
    ev.Held: _held,
    ev.HelpWanted: _help,
    ev.Offered: _nothing,
    ev.Refused: _refused,
    ev.Signalled: _nothing,
    ev.VoiceMessage: _message,
    ev.Recorded: _recorded,
    ev.Ended: _ended,
}
