"""What two plans mean differently, as a list to read; how they are written is no matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal

from dialplans.model import DAYS, Dialplan, Hours, Model, Phrase, Rule, Split, When

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """`where` reads like a path in the file: `hours office mon-fri`, `routes front rule 2`."""

    where: str
    kind: Kind
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"{self.where}: {self.old} → {self.new}"
        return f"{self.where}: {self.kind} {self.new or self.old}".rstrip()

    def as_json(self) -> dict[str, str]:
        return {"where": self.where, "kind": self.kind, "old": self.old, "new": self.new}


def changes(old: Dialplan, new: Dialplan) -> tuple[Change, ...]:
    """In the order of the language's sections. Tests are not part of what a plan means."""
    found: list[Change] = []
    for field in type(old).model_fields:
        if field != "tests":
            found += _compare(field, getattr(old, field), getattr(new, field))
    return tuple(found)


def _compare(where: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Hours) and isinstance(new, Hours):
        yield from _weeks(where, old, new)
        yield from _compare(f"{where} holidays", old.holidays, new.holidays)
    elif _is_rules(old) and _is_rules(new):
        yield from _lists(where, "rule", old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(where, old, new)
    elif isinstance(old, Model) and type(old) is type(new) and _goes_deeper(old):
        for name, field in type(old).model_fields.items():
            word = field.alias or name
            yield from _compare(f"{where} {word}", getattr(old, name), getattr(new, name))
    elif _is_texts(old) and _is_texts(new):
        for gone in [x for x in old if x not in new]:
            yield Change(where, "removed", old=said(gone))
        for come in [x for x in new if x not in old]:
            yield Change(where, "added", new=said(come))
        if sorted(old) == sorted(new):
            yield Change(where, "changed", said(old), said(new))
    elif isinstance(old, tuple) and isinstance(new, tuple):
        yield from _lists(where, "item", old, new)
    else:
        yield Change(where, "changed", said(old), said(new))


def _mappings(where: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Change]:
    for key in old:
        if key not in new:
            yield Change(f"{where} {key}", "removed", old=said(old[key]))
        else:
            yield from _compare(f"{where} {key}", old[key], new[key])
    for key in new:
        if key not in old:
            yield Change(f"{where} {key}", "added", new=said(new[key]))


def _lists(where: str, word: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Positions are those of the plan in which the thing stands."""
    before, after = [said(x) for x in old], [said(x) for x in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                yield Change(f"{where} {word} {j + 1}", "changed", before[i], after[j])
        elif tag != "equal":
            for i in range(i1, i2):
                yield Change(f"{where} {word} {i + 1}", "removed", old=before[i])
            for j in range(j1, j2):
                yield Change(f"{where} {word} {j + 1}", "added", new=after[j])


def _weeks(where: str, old: Hours, new: Hours) -> Iterator[Change]:
    """Days with one and the same change are one line."""
    same: dict[tuple[str, str], list[str]] = {}
    for day, name in enumerate(DAYS):
        pair = (said(old.ranges(day)) or "closed", said(new.ranges(day)) or "closed")
        if pair[0] != pair[1]:
            same.setdefault(pair, []).append(name)
    for (before, after), days in same.items():
        yield Change(f"{where} {','.join(days)}", "changed", before, after)


def said(value: Any) -> str:
    """A value in few words, near to how it is written in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, Phrase):
        return " / ".join(f'{k}: "{v}"' if k else f'"{v}"' for k, v in value.by_language.items())
    if isinstance(value, Rule):
        name = f"{value.name}: " if value.name else ""
        return f"{name}when {said(value.when)}, do {said(value.do)}"
    if isinstance(value, Split):
        shares = ", ".join(f"{s}: {s.percent}" for s in value.split)
        return f"split {{{shares}}} sticky {value.sticky}"
    if isinstance(value, When) and value.always:
        return "always"
    if isinstance(value, Model):
        return _model(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {said(held)}" for key, held in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(said(held) for held in value)
    return str(value)


def _model(value: Model) -> str:
    parts = []
    for name, field in type(value).model_fields.items():
        held = getattr(value, name)
        if held != field.get_default(call_default_factory=True) or field.is_required():
            parts.append(f"{field.alias or name}: {said(held)}")
    return "{" + ", ".join(parts) + "}"


def _goes_deeper(value: Model) -> bool:
    """An action is one thing to a person; most others are compared key by key."""
    return not hasattr(type(value), "kind")


def _is_rules(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Rule)


def _is_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(x, str) for x in value)
