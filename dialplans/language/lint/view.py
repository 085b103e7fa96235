"""What a check sees: the plan as it works, the plan as written, and where everything stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dialplans.language.build import Path, did_you_mean, place_of
from dialplans.language.problems import Place, Problem
from dialplans.language.yaml_tree import Items, Map, Node, Text
from dialplans.model import Action, Dialplan
from dialplans.process.reading import Shelf


@dataclass(frozen=True)
class View:
    plan: Dialplan
    """With `extends` and `defaults` filled in."""
    written: Dialplan
    """Only what the file says."""
    tree: Map
    shelf: Shelf

    def place(self, *path: str | int, key: bool = False) -> Place:
        return place_of(self.tree, path, key=key)

    def at(self, path: Path, code: str, message: str, suggestion: str = "") -> Problem:
        """A problem with the value at `path`."""
        return Problem(self.place(*path), code, message, suggestion)

    def of(self, path: Path, code: str, message: str, suggestion: str = "") -> Problem:
        """A problem with the whole that the key at `path` names."""
        return Problem(self.place(*path, key=True), code, message, suggestion)


Check = Callable[[View], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Located:
    """An action and where it is written."""

    path: Path
    action: Action


def actions(plan: Dialplan) -> Iterator[Located]:
    """Every action in a plan as written, wherever it stands."""
    for name, rules in plan.routes.items():
        for n, rule in enumerate(rules):
            yield Located(("routes", name, n, "do"), rule.do)
    if plan.defaults.otherwise:
        yield Located(("defaults", "else"), plan.defaults.otherwise)
    for name, persona in plan.personas.items():
        if persona.to_human:
            yield Located(("personas", name, "to_human"), persona.to_human)
        if persona.fallback:
            yield Located(("personas", name, "fallback"), persona.fallback)
    for name, menu in plan.menus.items():
        for key, action in menu.keys.items():
            yield Located(("menus", name, "keys", key), action)
        if menu.otherwise:
            yield Located(("menus", name, "else"), menu.otherwise)
    for name, queue in plan.queues.items():
        for n, step in enumerate(queue.overflow):
            if step.do:
                yield Located(("queues", name, "overflow", n, "do"), step.do)
        if queue.nobody_on:
            yield Located(("queues", name, "nobody_on"), queue.nobody_on)
    for section, entries in (("trunks", plan.trunks), ("telephones", plan.telephones)):
        for name, line in entries.items():
            for dialled, action in line.transfers.to.items() if line.transfers else ():
                yield Located((section, name, "transfers", "to", dialled), action)
    for name, target in plan.targets.items():
        if target.otherwise:
            yield Located(("targets", name, "else"), target.otherwise)


def texts(node: Node, *, keys: bool = False) -> Iterator[Text]:
    """Every value, and every key if wanted; what an alias repeats is looked at once."""
    stack, seen = [node], set[int]()
    while stack:
        node = stack.pop()
        if isinstance(node, Text):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, Map):
                stack += [*node.values(), *(node if keys else ())]
            elif isinstance(node, Items):
                stack += node


def unknown(kind: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    """Message and suggestion for a name that nothing has."""
    names = list(known)
    hint = did_you_mean(name, names)
    if not hint:
        hint = f"known: {', '.join(names[:8])}" if names else f"the plan has no {kind} yet"
    return f"unknown {kind} '{name}'", hint
