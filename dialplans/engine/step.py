"""The engine after the first decision: what becomes of a call when something happens to it.

Time is looked at first: whatever fell due before a happening has happened before it. Time alone
brings every call to an end, if nothing else does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dialplans.engine.call_inputs import NOT_REACHED, Happening, HappeningKind, happening
from dialplans.engine.decision import Destination
from dialplans.engine.state import State
from dialplans.model import Action, Dialplan, Menu, PlaceKind, Queue
from dialplans.model.menus import DEFAULT_RETRIES
from dialplans.model.values.times import later


def step(
    plan: Dialplan, state: State, event: Happening | str, now: datetime | None = None
) -> State:
    """Pure. `now` is the aware moment of the happening; without it no time has passed. `wait 20s`
    brings its own time. A happening that means nothing at the present place changes nothing but
    the trace. Raises UnknownHappeningError for a text that is no happening."""
    what = happening(event) if isinstance(event, str) else event
    return in_its_language(plan, _happened(plan, state, what, now))


def in_its_language(plan: Dialplan, state: State) -> State:
    """The state once the call has come to its place: a persona may have a language of its own."""
    spoken = plan.language_at(state.place.kind, state.place.name, state.language)
    return state if spoken == state.language else replace(state, language=spoken)


def _happened(plan: Dialplan, state: State, what: Happening, now: datetime | None) -> State:
    moment = later(state.at, timedelta(seconds=what.seconds))
    if now is not None and what.kind != HappeningKind.WAIT:
        moment = max(now, state.at)
    state = _elapse(plan, state, moment)
    if what.kind in (HappeningKind.WAIT, HappeningKind.TICK):
        return state
    if state.over:
        return state.noted(what.kind, "the call is over", matched=False)
    if what.kind == HappeningKind.HANG_UP:
        return replace(state.noted(what.kind, "the caller hung up"), over=True)
    after = _react(plan, state, what)
    if after is None:
        said = f"'{what}' means nothing at {state.place}"
        return state.noted(str(state.place), said, matched=False)
    return after


def due(plan: Dialplan, state: State) -> datetime | None:
    """When the clock alone will next change something; send a `tick` then."""
    if state.over:
        return None
    ends = plan.limits.max_duration
    last = later(state.began, ends) if ends is not None else None
    mine = _due_here(plan, state)
    return min((m for m in (last, mine) if m is not None), default=None)


def _elapse(plan: Dialplan, state: State, moment: datetime) -> State:
    while (at := due(plan, state)) is not None and at <= moment:
        state = replace(state, at=max(at, state.at))
        longest = plan.limits.max_duration
        if longest is not None and state.at >= later(state.began, longest):
            said = f"the call has lasted {_length(longest)}"
            return state.arrive(Destination(PlaceKind.HANG_UP), "limits max_duration", said)
        state = _fall_due(plan, state)
    return replace(state, at=moment) if moment > state.at else state


def _due_here(plan: Dialplan, state: State) -> datetime | None:
    kind, name = state.place.kind, state.place.name
    if kind == PlaceKind.MENU and (menu := plan.menus.get(name)):
        return later(state.since, menu.timeout or plan.defaults.timeout)
    if kind == PlaceKind.QUEUE and (queue := plan.queues.get(name)):
        if state.fired < len(queue.overflow):
            return later(state.since, queue.overflow[state.fired].after)
        return later(state.since, _last_wait(plan, queue))
    if kind == PlaceKind.TARGET and (target := plan.targets.get(name)):
        return later(state.since, target.ring or plan.defaults.ring)
    if kind == PlaceKind.VOICEMAIL and (box := plan.voicemail.get(name)):
        return later(state.since, box.max)
    return None


def _last_wait(plan: Dialplan, queue: Queue) -> timedelta:
    """A queue whose steps never leave it is left all the same, later than its last step."""
    last = queue.overflow[-1].after if queue.overflow else timedelta()
    return max(plan.defaults.wait, last * 2)


def _fall_due(plan: Dialplan, state: State) -> State:
    kind, name = state.place.kind, state.place.name
    if kind == PlaceKind.MENU:
        return _failed_try(plan, state, plan.menus[name], "no key was pressed")
    if kind == PlaceKind.QUEUE:
        return _overflow(plan, state, plan.queues[name])
    if kind == PlaceKind.TARGET:
        target = plan.targets[name]
        rang = _length(target.ring or plan.defaults.ring)
        because = f"nobody took the call within {rang}"
        return state.to(target.otherwise or plan.defaults.otherwise, f"{state.place} else", because)
    because = "the longest message has been recorded"
    return replace(state.noted(f"{state.place} max", because), over=True)


def _failed_try(plan: Dialplan, state: State, menu: Menu, why: str) -> State:
    retries = menu.retries if menu.retries is not None else DEFAULT_RETRIES
    if state.tries >= retries:
        because = f"{why}, and that was try {state.tries + 1} of {retries + 1}"
        action = menu.otherwise or plan.defaults.otherwise
        return state.to(action, f"{state.place} else", because)
    said = f"{why}; the menu is said again (try {state.tries + 2} of {retries + 1})"
    return replace(state, tries=state.tries + 1, since=state.at).noted(
        f"{state.place} retries", said
    )


def _overflow(plan: Dialplan, state: State, queue: Queue) -> State:
    if state.fired >= len(queue.overflow):
        because = "nobody has come, and the queue has no way on"
        return state.to(plan.defaults.otherwise, f"{state.place} else", because)
    now = queue.overflow[state.fired]
    label = f"{state.place} overflow {state.fired + 1}"
    waited = f"{_length(now.after)} have passed in the queue"
    state = replace(state, fired=state.fired + 1)
    if now.do is not None:
        return state.to(now.do, label, waited)
    if now.offer is not None:
        made = replace(state, offered=True, path=(*state.path, "offer callback"))
        return made.noted(label, f"{waited}: a callback is offered")
    said = f"{waited}: people with {' or '.join(now.widen)} are asked as well"
    return replace(state, widened=(*state.widened, *now.widen)).noted(label, said)


def _react(plan: Dialplan, state: State, what: Happening) -> State | None:
    kind, name = state.place.kind, state.place.name
    if kind == PlaceKind.PERSONA and name in plan.personas:
        return _at_persona(plan, state, what)
    if kind == PlaceKind.MENU and name in plan.menus:
        return _at_menu(plan, state, what, plan.menus[name])
    if kind == PlaceKind.QUEUE and name in plan.queues:
        return _at_queue(plan, state, what, plan.queues[name])
    if kind == PlaceKind.TARGET and name in plan.targets:
        return _at_target(plan, state, what)
    return None


def _at_persona(plan: Dialplan, state: State, what: Happening) -> State | None:
    persona = plan.personas[state.place.name]
    last = plan.defaults.otherwise
    if what.kind == HappeningKind.PERSONA_FAILED:
        action = persona.fallback or persona.to_human or last
        return state.to(action, f"{state.place} fallback", "the persona cannot go on")
    if what.kind == HappeningKind.WANTS_HUMAN:
        action = persona.to_human or last or persona.fallback
        return state.to(action, f"{state.place} to_human", "the caller wants a person")
    if what.kind == HappeningKind.HAND_OFF and what.name in persona.hand_off:
        there = Destination(PlaceKind.PERSONA, what.name)
        return state.arrive(there, f"{state.place} hand_off", f"it hands over to {what.name}")
    return None


def _at_menu(plan: Dialplan, state: State, what: Happening, menu: Menu) -> State | None:
    if what.kind == HappeningKind.TIMEOUT:
        return _failed_try(plan, state, menu, "no key was pressed")
    if what.kind != HappeningKind.KEY:
        return None
    action: Action | None = menu.keys.get(what.name)
    if action is None:
        return _failed_try(plan, state, menu, f"key {what.name} is not in the menu")
    return state.to(action, f"{state.place} keys", f"key {what.name} was pressed")


def _at_queue(plan: Dialplan, state: State, what: Happening, queue: Queue) -> State | None:
    name = state.place.name
    if what.kind == HappeningKind.ANSWERED:
        return state.arrive(
            Destination(PlaceKind.PERSON, name), str(state.place), "a person takes the call"
        )
    if what.kind == HappeningKind.NOBODY_ON:
        action = queue.nobody_on or plan.defaults.otherwise
        if action is None:
            leaving = [s.do for s in queue.overflow if s.do is not None]
            action = leaving[0] if leaving else None
        return state.to(action, f"{state.place} nobody_on", "nobody is signed in who could answer")
    if what.kind == HappeningKind.CALLER_DECLINES_CALLBACK and state.offered:
        said = "the caller declines the callback and waits on"
        return replace(state, offered=False).noted(str(state.place), said)
    if what.kind == HappeningKind.CALLER_ACCEPTS_CALLBACK and state.offered:
        offers = [s.offer for s in queue.overflow[: state.fired] if s.offer is not None]
        kept = {"keep_place": offers[-1].callback.keep_place, "queue": name}
        said = "the caller accepts the callback"
        return state.arrive(Destination(PlaceKind.CALLBACK, name, kept), str(state.place), said)
    if what.kind in NOT_REACHED:
        said = f"{what.kind}: the next person is asked, the caller keeps the place"
        return state.noted(str(state.place), said)
    return None


def _at_target(plan: Dialplan, state: State, what: Happening) -> State | None:
    target = plan.targets[state.place.name]
    name = state.place.name
    taken = (
        what.kind == HappeningKind.KEY
        and target.confirm is not None
        and what.name == target.confirm
    )
    if taken or (what.kind == HappeningKind.ANSWERED and target.confirm is None):
        return state.arrive(
            Destination(PlaceKind.PERSON, name), str(state.place), "the call is taken"
        )
    if what.kind == HappeningKind.ANSWERED:
        said = f"picked up; key {target.confirm} takes the call"
        return replace(state, since=state.at).noted(str(state.place), said)
    if what.kind in NOT_REACHED:
        action = target.otherwise or plan.defaults.otherwise
        return state.to(action, f"{state.place} else", what.kind.replace("_", " "))
    return None


def _length(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:g} s" if seconds < 600 else f"{seconds / 60:g} min"
