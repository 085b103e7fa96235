"""Ways that nobody chooses: when a persona fails, nobody answers, no key is pressed."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.build import Path
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.model import Action, Dialplan, PlaceKind, Split
from dialplans.model.resolve import GENERATIONS

Spot = tuple[PlaceKind, str]
"""Kind and name of a part of the plan."""

_SECTION = {
    PlaceKind.PERSONA: "personas",
    PlaceKind.MENU: "menus",
    PlaceKind.QUEUE: "queues",
    PlaceKind.TARGET: "targets",
}


def automatic(plan: Dialplan) -> dict[Spot, list[tuple[Path, Spot]]]:
    """Where each part sends callers by itself, and where that is written."""
    found: dict[Spot, list[tuple[Path, Spot]]] = {}

    def add(spot: Spot, path: Path, action: Action | None) -> None:
        ways = found.setdefault(spot, [])
        if isinstance(action, Split):
            ways += [(path, (share.kind, share.name)) for share in action.split]
        elif action is not None and action.kind in (*_SECTION, PlaceKind.VOICEMAIL):
            ways.append((path, (action.kind, action.name)))

    for name, persona in plan.personas.items():
        add((PlaceKind.PERSONA, name), ("personas", name, "fallback"), persona.fallback)
    for name, menu in plan.menus.items():
        add((PlaceKind.MENU, name), ("menus", name, "else"), menu.otherwise)
    for name, queue in plan.queues.items():
        for n, step in enumerate(queue.overflow):
            add((PlaceKind.QUEUE, name), ("queues", name, "overflow", n, "do"), step.do)
        add((PlaceKind.QUEUE, name), ("queues", name, "nobody_on"), queue.nobody_on)
    for name, target in plan.targets.items():
        add((PlaceKind.TARGET, name), ("targets", name, "else"), target.otherwise)
    return found


def check(view: View) -> Iterator[Problem]:
    yield from _circles(view)
    yield from _dead_ends(view)
    yield from _extends(view)


def _circles(view: View) -> Iterator[Problem]:
    """Depth first; each circle is told once, at the way that closes it."""
    ways = automatic(view.plan)
    done: set[Spot] = set()
    within: set[Spot] = set()
    for start in ways:
        trail: list[Spot] = []
        stack = [(start, iter(ways.get(start, ())))]
        if start in done:
            continue
        trail.append(start)
        within.add(start)
        while stack:
            step = next(stack[-1][1], None)
            if step is None:
                stack.pop()
                done.add(trail[-1])
                within.discard(trail.pop())
                continue
            path, there = step
            if there in within:
                circle = [*trail[trail.index(there) :], there]
                shown = " → ".join(" ".join(s) for s in circle[:12])
                said = f"callers could be sent round without end: {shown}"
                yield view.at(path, "E_LOOP", said, "let one of these ways end in voicemail or say")
            elif there not in done:
                trail.append(there)
                within.add(there)
                stack.append((there, iter(ways.get(there, ()))))


def _dead_ends(view: View) -> Iterator[Problem]:
    plan = view.plan
    for name, persona in plan.personas.items():
        if persona.fallback is None:
            hint = "add fallback or to_human, or defaults: {else: …}"
            yield _dead_end(view, PlaceKind.PERSONA, name, "the persona fails", hint)
    for name, menu in plan.menus.items():
        if menu.otherwise is None:
            hint = "add else: {voicemail: NAME}, or defaults: {else: …}"
            yield _dead_end(view, PlaceKind.MENU, name, "no key is pressed", hint)
    for name, queue in plan.queues.items():
        if not queue.overflow or queue.overflow[-1].do is None:
            hint = "end overflow with {after: 300s, do: …}, or write defaults: {else: …}"
            yield _dead_end(view, PlaceKind.QUEUE, name, "nobody ever answers", hint)
    for name, target in plan.targets.items():
        if target.otherwise is None:
            hint = "add else: {voicemail: NAME}, or defaults: {else: …}"
            yield _dead_end(view, PlaceKind.TARGET, name, "nobody picks up", hint)


def _dead_end(view: View, kind: PlaceKind, name: str, event: str, hint: str) -> Problem:
    said = f"{kind} '{name}' has no way on when {event}"
    return view.of((_SECTION[kind], name), "E_DEAD_END", said, hint)


def _extends(view: View) -> Iterator[Problem]:
    personas, told = view.written.personas, set[str]()
    for name in personas:
        trail, at = [name], personas[name].extends
        while at in personas and at not in trail and len(trail) <= GENERATIONS:
            assert at is not None
            trail.append(at)
            at = personas[at].extends
        if len(trail) > GENERATIONS:
            said = f"more than {GENERATIONS} personas extend each other"
            yield view.at(("personas", name, "extends"), "E_TOO_LARGE", said, "use fewer steps")
            return
        if at == name and name not in told:
            told.update(trail)
            said = f"personas extend each other in a circle: {' → '.join([*trail, name])}"
            yield view.at(("personas", name, "extends"), "E_LOOP", said, "remove one of them")
        elif at is None and all(personas[n].prompt is None for n in trail):
            said = f"neither '{name}' nor what it extends has a prompt"
            yield view.of(("personas", name), "E_MISSING", said, "add prompt: FILE")
