"""Mutants of what happens later in a call: personas, menus, queues, targets and limits."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.analysis.changes import said
from dialplans.analysis.mutation.mutants import GONE, Mutant, Path, a_second_off, changed, elsewhere
from dialplans.model import Dialplan

KEYS = "0123456789*#"


def of_places(plan: Dialplan) -> Iterator[Mutant]:
    yield from elsewhere(plan, ("defaults", "otherwise"))
    yield from a_second_off(plan, ("limits", "max_duration"))
    yield from _personas(plan)
    yield from _menus(plan)
    yield from _queues(plan)
    yield from _targets(plan)


def _personas(plan: Dialplan) -> Iterator[Mutant]:
    for name, persona in plan.personas.items():
        path: Path = ("personas", name)
        yield from elsewhere(plan, (*path, "to_human"))
        yield from elsewhere(plan, (*path, "fallback"))
        for index in range(len(persona.hand_off)):
            yield changed(plan, (*path, "hand_off", index), GONE)


def _menus(plan: Dialplan) -> Iterator[Mutant]:
    for name, menu in plan.menus.items():
        path: Path = ("menus", name)
        for key, action in menu.keys.items():
            yield changed(plan, (*path, "keys", key), GONE, was=said(action))
            yield from elsewhere(plan, (*path, "keys", key))
        yield from a_second_off(plan, (*path, "timeout"))
        if menu.retries is not None:
            yield changed(plan, (*path, "retries"), menu.retries + 1)
            if menu.retries:
                yield changed(plan, (*path, "retries"), menu.retries - 1)
        yield from elsewhere(plan, (*path, "otherwise"))


def _queues(plan: Dialplan) -> Iterator[Mutant]:
    """Widening is not changed: who is rung is no part of a call's path."""
    for name, queue in plan.queues.items():
        path: Path = ("queues", name)
        for index, now in enumerate(queue.overflow):
            if now.widen:
                continue
            here = (*path, "overflow", index)
            yield changed(plan, here, GONE, was=said(now))
            yield from a_second_off(plan, (*here, "after"))
            if now.do is not None:
                yield from elsewhere(plan, (*here, "do"))
        yield from elsewhere(plan, (*path, "nobody_on"))


def _targets(plan: Dialplan) -> Iterator[Mutant]:
    for name, target in plan.targets.items():
        path: Path = ("targets", name)
        yield from elsewhere(plan, (*path, "otherwise"))
        yield from a_second_off(plan, (*path, "ring"))
        if target.confirm is not None:
            other = next(k for k in KEYS if k != target.confirm)
            yield changed(plan, (*path, "confirm"), other)
