"""Be the caller: a call through the live engine, one line of input at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from dialplans.analysis.explain import explain
from dialplans.engine.admit import Load
from dialplans.engine.call_inputs import (
    Happening,
    HappeningKind,
    UnknownHappeningError,
    happening,
)
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Destination
from dialplans.engine.state import State
from dialplans.engine.step import due, step
from dialplans.model import Dialplan, PlaceKind
from dialplans.telephony.call import CallContext

Say = Callable[[str], object]

_HAPPENINGS = frozenset(HappeningKind)
_PERSON = frozenset(("person", "human", "somebody", "operator", "mensch", "mitarbeiter"))
_BYE = frozenset(("bye", "goodbye", "tschüss", "wiederhören", "quit", "exit"))


def simulate(
    ready: CompiledPlan,
    call: CallContext,
    now: datetime,
    *,
    lines: Iterable[str],
    say: Say,
    as_json: bool = False,
) -> State | None:
    """Reads until the call is over or there is no more input; returns where it ended, or None for
    a call that was refused. With `as_json` each state is one JSON object on a line of its own."""
    plan = ready.plan
    first = explain(ready, call, now, load=Load(now=now))
    say(json.dumps(first.as_json()) if as_json else first.text())
    state = first.walk.state
    if state is None or first.walk.refused is not None:
        return None
    if not as_json:
        say(_scene(plan, state))
    for line in lines:
        if state.over:
            break
        try:
            what = understood(plan, state, line)
        except UnknownHappeningError as error:
            say(json.dumps({"error": str(error)}) if as_json else f"  ? {error}")
            continue
        if what is None:
            continue
        before = len(state.steps)
        state = step(plan, state, what)
        say(_json(state, before) if as_json else _told(plan, state, before))
    return state


def understood(plan: Dialplan, state: State, line: str) -> Happening | None:
    """Keys, happenings and plain words; None for an empty line. Raises UnknownHappeningError with
    what could be typed instead."""
    text = line.strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9*#]", text):
        return Happening(HappeningKind.KEY, text)
    if text.partition(" ")[0] in _HAPPENINGS:
        return happening(text)
    words = set(re.findall(r"\w+", text.lower()))
    if words & _BYE:
        return Happening(HappeningKind.HANG_UP)
    if words & _PERSON:
        return Happening(HappeningKind.WANTS_HUMAN)
    if state.place.kind == PlaceKind.PERSONA:
        for other in plan.personas[state.place.name].hand_off:
            if other in words:
                return Happening(HappeningKind.HAND_OFF, other)
    raise UnknownHappeningError(f"'{text}' is not understood here; {_choices(plan, state)}")


def _choices(plan: Dialplan, state: State) -> str:
    kind, name = state.place.kind, state.place.name
    if kind == PlaceKind.PERSONA:
        others = [f"'{other}'" for other in plan.personas[name].hand_off]
        return f"say {', '.join([*others, 'person'])}, or type persona_failed, hang_up"
    if kind == PlaceKind.MENU:
        return f"press {', '.join(plan.menus[name].keys)}, or type timeout, wait 10s, hang_up"
    if kind == PlaceKind.QUEUE:
        return "type wait 60s, answered, nobody_on, caller_accepts_callback, hang_up"
    if kind == PlaceKind.TARGET:
        return (
            "type answered, busy, no_answer, declined, unreachable, wrong_number, wait 30s, "
            "a key, hang_up"
        )
    return "type wait 10s or hang_up"


def _scene(plan: Dialplan, state: State) -> str:
    lines = [f"→ {state.place}"]
    spoken = _words(plan, state.place, state.language)
    if spoken:
        lines.append(f'  "{spoken}"')
    if state.over:
        lines.append("The call is over.")
    else:
        at = due(plan, state)
        clock = f" (by itself after {(at - state.at).total_seconds():g} s)" if at else ""
        lines.append(f"  {_choices(plan, state)}{clock}")
    return "\n".join(lines)


def _words(plan: Dialplan, place: Destination, language: str) -> str:
    if place.kind == PlaceKind.SAY:
        return str(place.params.get("text", ""))
    if place.kind == PlaceKind.MENU and place.name in plan.menus:
        return plan.menus[place.name].say.said_in(language)
    if place.kind == PlaceKind.PERSONA and place.name in plan.personas:
        greeting = plan.personas[place.name].greeting
        return greeting.said_in(language) if greeting is not None else ""
    return ""


def _told(plan: Dialplan, state: State, before: int) -> str:
    steps = [f"  {'✓' if s.matched else '·'} {s.rule}: {s.because}" for s in state.steps[before:]]
    return "\n".join([*steps, _scene(plan, state)])


def _json(state: State, before: int) -> str:
    return json.dumps(
        {
            "place": str(state.place),
            "path": list(state.path),
            "over": state.over,
            "steps": [
                {"rule": s.rule, "matched": s.matched, "because": s.because}
                for s in state.steps[before:]
            ],
        }
    )
