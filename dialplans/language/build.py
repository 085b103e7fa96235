"""From a tree to a plan: what pydantic finds is said in our words, at its place in the file."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from dialplans.language.codes import CODES
from dialplans.language.problems import Place, Problem
from dialplans.language.yaml_tree import MAX_PROBLEMS, Items, Map, Node, Text
from dialplans.model import Dialplan
from dialplans.model.actions import KINDS, Act
from dialplans.telephony.numbers import is_e164

Path = tuple[str | int, ...]


def build(tree: Map, folder: str | None = None) -> tuple[Dialplan | None, list[Problem]]:
    """The plan as written (see `dialplans.model.resolve`), or what is wrong with its shape."""
    try:
        return Dialplan.model_validate(tree, context=context(tree, folder)), []
    except ValidationError as error:
        # A file with thousands of mistakes has one that is explained by the first few.
        details = error.errors(include_url=False, include_input=False)[:MAX_PROBLEMS]
        return None, [_problem(tree, detail) for detail in details]


def context(tree: Map, folder: str | None) -> dict[str, str | None]:
    """What values are read by: the plan's folder, and a number of ours that tells the country."""
    numbers = node_at(tree, ("numbers",))
    ours = (key for key in numbers if is_e164(key)) if isinstance(numbers, Map) else iter(())
    return {"folder": folder, "like": next(ours, None)}


def place_of(tree: Node, path: Iterable[str | int], *, key: bool = False) -> Place:
    """Where the value at `path` stands, or its key; as far as the path can be followed."""
    node, place = tree, tree.place
    for step in path:
        if isinstance(node, Map) and (found := node.key_of(str(step))) is not None:
            node = node[found]
            place = found.place if key else node.place
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            place = node.place
        else:
            break
    return place


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'billing'?`, or nothing if no known word is near."""
    near = get_close_matches(word[:64].lower(), list(known), 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def node_at(tree: Node, path: Iterable[str | int]) -> Node | None:
    node: Node = tree
    for step in path:
        if isinstance(node, Map) and (found := node.key_of(str(step))) is not None:
            node = node[found]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def _problem(tree: Map, detail: ErrorDetails) -> Problem:
    path, on_key, model = _yaml_path(detail["loc"])
    kind, facts = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        name = str(path[-1])
        return Problem(place_of(tree, path[:-1], key=True), "E_MISSING", f"'{name}' is missing")
    if kind == "extra_forbidden":
        return _unknown_key(tree, path, model)
    place = place_of(tree, path, key=on_key)
    value = node_at(tree, path)
    word = str(path[-1]) if on_key else str(value) if isinstance(value, Text) else ""
    if kind == "E_ACTION":
        return _no_action(place, value)
    if kind in CODES:
        return Problem(place, kind, str(facts["message"]), str(facts["suggestion"]))
    said = _said(kind, facts, word, value)
    hint = said[2] if len(said) > 2 else _HINTS.get(str(path[-1]), "") if path else ""
    return Problem(place, said[0], said[1], hint)


_HINTS = {
    "refer": 'write "sip:200@pbx.example.com"',
    "notify": "write webhook:NAME or mailto:ADDRESS",
    "address": "write host or host:port",
    "user": "write what stands before the @, and nothing else",
}


def _said(kind: str, facts: Mapping[str, Any], word: str, value: Node | None) -> tuple[str, ...]:
    """Code, message and suggestion for the kinds of error that pydantic itself finds."""
    named: dict[type, str] = {Map: "a mapping", Items: "a list"}
    is_a = named.get(type(value), f"'{word}'")
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return "E_TYPE", f"a mapping belongs here, not {is_a}"
    if kind in ("tuple_type", "list_type"):
        return "E_TYPE", f"a list belongs here, not {is_a}", "write [ … ]"
    if kind == "string_type":
        return "E_TYPE", f"a text belongs here, not {is_a}"
    if kind.startswith(("int_", "float_")):
        number = "a whole number" if kind.startswith("int_") else "a number"
        return "E_TYPE", f"{number} belongs here, not {is_a}"
    if kind == "literal_error":
        known = [w.strip("'") for w in str(facts["expected"]).replace(" or ", ", ").split(", ")]
        meant = did_you_mean(word, known)
        return "E_VALUE", f"{is_a} is not one of {', '.join(known)}", meant
    if kind == "string_pattern_mismatch":
        if facts["pattern"].startswith("^[a-z][a-z0-9_-]"):
            return "E_NAME", f"'{word}' is not a name", _as_name(word)
        if facts["pattern"].startswith("^[a-z]{2,3}"):
            return "E_LANGUAGE", f"'{word}' is not a language", "write de, en or en-GB"
        if facts["pattern"] == "^[0-9*#]$":
            return "E_VALUE", f"'{word}' is not a key", "write one of 0 … 9, * and #"
        return "E_VALUE", f"'{word}' cannot stand here"
    bounds = {
        "greater_than_equal": ("at least", "ge"),
        "less_than_equal": ("at most", "le"),
        "greater_than": ("more than", "gt"),
        "less_than": ("less than", "lt"),
    }
    if kind in bounds:
        phrase, bound = bounds[kind]
        return "E_VALUE", f"'{word}' must be {phrase} {facts[bound]:g}"
    if kind in ("too_short", "string_too_short"):
        return "E_VALUE", "at least one is needed here" if kind == "too_short" else "this is empty"
    return "E_VALUE", f"{is_a} cannot stand here"


def _as_name(word: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in word.lower()).strip("_")
    return f"write {plain[:64]}" if plain[:1].isalpha() else "begin with a letter"


def _unknown_key(tree: Map, path: Path, model: type[BaseModel] | None) -> Problem:
    place, name = place_of(tree, path, key=True), str(path[-1])
    known = [f.alias or n for n, f in model.model_fields.items()] if model else []
    parent = node_at(tree, path[:-1])
    if name in KINDS and isinstance(parent, Map) and model is not None and issubclass(model, Act):
        first = next(k for k in KINDS if parent.key_of(k) is not None)
        said = f"an action has one kind, this one has '{first}' and '{name}'"
        return Problem(place, "E_ACTION", said, "keep one of them")
    hint = did_you_mean(name, known) or f"known here: {', '.join(known)}"
    return Problem(place, "E_KEY", f"unknown key '{name[:60]}'", hint)


def _no_action(place: Place, value: Node | None) -> Problem:
    if isinstance(value, Map):
        for key in value:
            if meant := did_you_mean(key, KINDS):
                return Problem(key.place, "E_ACTION", f"'{key[:60]}' is no kind of action", meant)
        said = "this action does nothing that is known"
    else:
        said = "an action is a mapping with one key that names its kind"
    return Problem(place, "E_ACTION", said, f"write one of {', '.join(KINDS)}")


def path_of(loc: Sequence[str | int]) -> Path:
    """Where in the file an error of pydantic is."""
    return _yaml_path(loc)[0]


def _yaml_path(loc: Sequence[str | int]) -> tuple[Path, bool, type[BaseModel] | None]:
    """Where in the file an error of pydantic is: its `loc` also names union tags, fields that the
    file writes otherwise, and `[key]`. Also whether the key is meant, and the model around it."""
    path: list[str | int] = []
    kind: Any = Dialplan
    model: type[BaseModel] | None = None
    for step in loc:
        if step == "[key]":
            return tuple(path), True, model
        kind = _bare(kind)
        if (chosen := _by_tag(kind, step)) is not None:
            kind = chosen
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
            field = next(
                (f for n, f in kind.model_fields.items() if step in (f.alias or n, n)), None
            )
            kind = field.annotation if field else None
            if step == "week":  # in the file the days stand without a key of their own
                continue
        else:
            kind = _element(kind)
        path.append(step)
    return tuple(path), False, model


def _bare(kind: Any) -> Any:
    """Without `Annotated` and without `| None`."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        some = [a for a in get_args(kind) if a is not type(None)]
        if len(some) == 1:
            return _bare(some[0])
    return kind


def _by_tag(kind: Any, step: str | int) -> Any:
    for member in get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ():
        if any(isinstance(m, Tag) and m.tag == step for m in get_args(member)[1:]):
            return get_args(member)[0]
    return None


def _element(kind: Any) -> Any:
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        return arguments[0]
    return arguments[1] if len(arguments) == 2 else None
