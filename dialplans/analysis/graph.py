"""A picture of a plan: numbers, routes, and every way a call can take from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dialplans.analysis.changes import said
from dialplans.model import Action, Dialplan, PlaceKind, Reject, Say, Split, When

_SHAPES = {
    "number": ("([", "])"),
    "route": ("{{", "}}"),
    PlaceKind.PERSONA: ("(", ")"),
    PlaceKind.MENU: ("[/", "/]"),
    PlaceKind.QUEUE: ("[(", ")]"),
    PlaceKind.TARGET: ("[[", "]]"),
}
LABEL = 60
"""A label is cut after so many characters; the file says the rest."""


@dataclass(frozen=True, slots=True)
class Node:
    kind: str
    """A `PlaceKind`, `number` or `route`."""
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else f"{self.kind}"

    @property
    def text(self) -> str:
        return f"{self.kind} {self.name}".strip() if self.kind != "number" else self.name


@dataclass(frozen=True, slots=True)
class Edge:
    start: Node
    end: Node
    label: str = ""


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "nodes": [{"id": n.id, "kind": n.kind, "name": n.name} for n in self.nodes],
            "edges": [{"from": e.start.id, "to": e.end.id, "label": e.label} for e in self.edges],
        }

    def mermaid(self) -> str:
        names = {node: f"n{index}" for index, node in enumerate(self.nodes)}
        lines = ["flowchart LR"]
        for node, name in names.items():
            left, right = _SHAPES.get(node.kind, ("[", "]"))
            lines.append(f'  {name}{left}"{_mermaid(node.text)}"{right}')
        for edge in self.edges:
            label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
            lines.append(f"  {names[edge.start]} -->{label} {names[edge.end]}")
        return "\n".join(lines) + "\n"

    def dot(self) -> str:
        lines = ["digraph dialplan {", "  rankdir=LR;", '  node [shape=box, fontname="sans"];']
        lines += [f"  {_dot(node.id)} [label={_dot(node.text)}];" for node in self.nodes]
        lines += [
            f"  {_dot(e.start.id)} -> {_dot(e.end.id)} [label={_dot(e.label)}];" for e in self.edges
        ]
        return "\n".join([*lines, "}"]) + "\n"


def graph(plan: Dialplan) -> Graph:
    """In the order of the file; what no call comes to is drawn as well, without a way to it."""
    edges = tuple(dict.fromkeys(_edges(plan)))
    nodes = dict.fromkeys(Node("number", key) for key in plan.numbers)
    nodes |= dict.fromkeys(Node("route", name) for name in plan.routes)
    for kind, names in plan.parts.items():
        nodes |= dict.fromkeys(Node(kind, name) for name in names)
    for edge in edges:
        nodes |= {edge.start: None, edge.end: None}
    return Graph(tuple(nodes), edges)


def _edges(plan: Dialplan) -> Iterator[Edge]:
    for key, number in plan.numbers.items():
        yield Edge(Node("number", key), Node("route", number.route))
    for name, rules in plan.routes.items():
        for position, rule in enumerate(rules, 1):
            words = rule.name or _when(rule.when)
            yield from _to(Node("route", name), rule.do, f"{position}. {words}")
    for name, persona in plan.personas.items():
        here = Node(PlaceKind.PERSONA, name)
        yield from _to(here, persona.to_human, "wants a person")
        yield from _to(here, persona.fallback, "fails")
        for other in persona.hand_off:
            yield Edge(here, Node(PlaceKind.PERSONA, other), "hands over")
    for name, menu in plan.menus.items():
        here = Node(PlaceKind.MENU, name)
        for key, action in menu.keys.items():
            yield from _to(here, action, f"key {key}")
        yield from _to(here, menu.otherwise, "else")
    for name, queue in plan.queues.items():
        here = Node(PlaceKind.QUEUE, name)
        for step in queue.overflow:
            yield from _to(here, step.do, f"after {said(step.after)}")
            if step.offer is not None:
                yield Edge(
                    here, Node(PlaceKind.CALLBACK, name), f"offered after {said(step.after)}"
                )
        yield from _to(here, queue.nobody_on, "nobody on")
    for name, target in plan.targets.items():
        yield from _to(Node(PlaceKind.TARGET, name), target.otherwise, "else")


def _to(start: Node, action: Action | None, label: str) -> Iterator[Edge]:
    if action is None:
        return
    if isinstance(action, Split):
        for share in action.split:
            yield Edge(start, Node(share.kind, share.name), _cut(f"{label}, {share.percent} %"))
    elif isinstance(action, Say):
        words = next(iter(action.say.by_language.values()))
        yield Edge(start, Node(PlaceKind.SAY, _cut(words)), _cut(label))
    elif isinstance(action, Reject):
        yield Edge(start, Node(PlaceKind.REJECT, action.name), _cut(label))
    else:
        yield Edge(start, Node(action.kind, action.name), _cut(label))


def _when(when: When) -> str:
    return said(when).strip("{}")


def _cut(text: str) -> str:
    return text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"


def _mermaid(text: str) -> str:
    """Quotation marks and number signs are entities to Mermaid."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("\n", " ")


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
