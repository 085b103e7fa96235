"""Unknown names are told together with mistakes of shape: what is broken is cut out, and what is
left is looked through."""

from __future__ import annotations

from pydantic import ValidationError

from dialplans.language.build import Path, context, node_at, path_of
from dialplans.language.lint import references
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import Items, Map, Node, Text
from dialplans.model import Dialplan
from dialplans.process.reading import Shelf

ROUNDS = 12
"""Each round cuts at every broken place; what is still broken then is left alone."""


def salvaged(tree: Map, shelf: Shelf) -> list[Problem]:
    """Unknown names in the sound parts of a plan, apart from those that were cut out."""
    rest = _copy(tree)
    assert isinstance(rest, Map)
    cut: set[str] = set()
    for _ in range(ROUNDS):
        try:
            plan = Dialplan.model_validate(rest, context=context(rest, shelf.folder))
        except ValidationError as error:
            paths = {_to_cut(rest, d["loc"], d["type"]) for d in error.errors(include_url=False)}
            for path in sorted(paths, key=_from_the_end, reverse=True):
                cut.update(str(step) for step in path[-2:])
                _cut(rest, path)
        else:
            found = references.check(View(plan, plan, rest, shelf))
            return [p for p in found if not any(f"'{name}'" in p.message for name in cut)]
    return []


def _to_cut(tree: Map, loc: tuple[int | str, ...], kind: str) -> Path:
    """The broken value; where something is missing, all that it is missing from."""
    path = path_of(loc)
    if kind == "missing":
        path = path[:-1]
    while path and node_at(tree, path) is None:
        path = path[:-1]
    return path


def _from_the_end(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _cut(tree: Map, path: Path) -> None:
    """Takes a value out, and what would be left empty by that."""
    above = node_at(tree, path[:-1]) if path else None
    if isinstance(above, Map) and (key := above.key_of(str(path[-1]))) is not None:
        del above[key]
    elif isinstance(above, Items) and isinstance(path[-1], int) and path[-1] < len(above):
        del above[path[-1]]
    else:
        return
    if not above:
        _cut(tree, path[:-1])


def _copy(node: Node) -> Node:
    if isinstance(node, Text):
        return node
    copied: Map | Items
    if isinstance(node, Map):
        copied = Map({key: _copy(value) for key, value in node.items()})
    else:
        copied = Items(_copy(value) for value in node)
    copied.place = node.place
    return copied
