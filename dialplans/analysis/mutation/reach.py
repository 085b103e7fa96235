"""How a call gets to each place of a plan: the shortest probe that ends there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import timedelta

from dialplans.analysis.mutation.probes import Probe, Terrain
from dialplans.analysis.walk import Walk, walk
from dialplans.engine.call_inputs import HappeningKind
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.received import received
from dialplans.model import Dialplan, PlaceKind
from dialplans.model.menus import DEFAULT_RETRIES

Events = tuple[str, ...]


def first_probes(terrain: Terrain) -> Iterator[Probe]:
    for called in terrain.numbers:
        for moment in terrain.kinds_of_moment(called):
            for caller in terrain.callers():
                for headers in terrain.headers:
                    yield Probe(called, caller, moment, headers=headers)


def reached(terrain: Terrain) -> dict[str, Probe]:
    """Every place that some call comes to and that something can happen at."""
    ready, plan = terrain.compiled, terrain.plan
    found: dict[str, Probe] = {}
    waiting: deque[Probe] = deque()
    for probe in first_probes(terrain):
        walked = walk_probe(ready, probe)
        if (place := _live(walked)) is not None and place not in found:
            found[place] = probe
            waiting.append(probe)
    while waiting:
        probe = waiting.popleft()
        place = _live(walk_probe(ready, probe)) or ""
        for events in happenings_at(plan, place):
            further = probe.then(*events)
            next_place = _live(walk_probe(ready, further))
            if next_place is not None and next_place not in found:
                found[next_place] = further
                waiting.append(further)
    return found


def walk_probe(ready: CompiledPlan, probe: Probe) -> Walk:
    call = received(ready.plan, probe.call) if probe.headers else probe.call
    return walk(ready, call, probe.at, events=probe.events)


def happenings_at(plan: Dialplan, place: str) -> Iterator[Events]:
    """All that can make a difference at a place: every happening, and time up to every edge."""
    kind, _, name = place.partition(" ")
    if kind == PlaceKind.PERSONA and name in plan.personas:
        yield (HappeningKind.PERSONA_FAILED,)
        yield (HappeningKind.WANTS_HUMAN,)
        yield from (
            (f"{HappeningKind.HAND_OFF} {other}",) for other in plan.personas[name].hand_off
        )
    elif kind == PlaceKind.MENU and name in plan.menus:
        menu = plan.menus[name]
        yield from ((f"{HappeningKind.KEY} {key}",) for key in menu.keys)
        tries = (menu.retries if menu.retries is not None else DEFAULT_RETRIES) + 1
        yield (wait((menu.timeout or plan.defaults.timeout) * tries),)
        yield (HappeningKind.TIMEOUT,) * tries
    elif kind == PlaceKind.QUEUE and name in plan.queues:
        yield (HappeningKind.NOBODY_ON,)
        yield (HappeningKind.ANSWERED,)
        for step in plan.queues[name].overflow:
            yield (wait(step.after),)
            if step.offer is not None:
                yield (wait(step.after), HappeningKind.CALLER_ACCEPTS_CALLBACK)
    elif kind == PlaceKind.TARGET and name in plan.targets:
        target = plan.targets[name]
        yield (HappeningKind.BUSY,)
        yield (wait(target.ring or plan.defaults.ring),)
        if target.confirm:
            yield (f"{HappeningKind.KEY} {target.confirm}",)
        else:
            yield (HappeningKind.ANSWERED,)
    if plan.limits.max_duration is not None:
        yield (wait(plan.limits.max_duration),)


def wait(span: timedelta) -> str:
    ms = round(span.total_seconds() * 1000)
    length = f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"
    return f"{HappeningKind.WAIT} {length}"


def _live(walked: Walk) -> str | None:
    state = walked.state
    return str(state.place) if state is not None and not state.over else None
