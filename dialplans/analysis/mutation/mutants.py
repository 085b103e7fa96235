"""Small ways to break a plan: each mutant is the same plan with one value changed, in memory.

Only what a test can notice is changed: where a call goes, not what is said or played meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from dialplans.analysis.changes import said
from dialplans.model import Action, Dialplan, PlaceKind, Reject, action

SECOND = timedelta(seconds=1)
GONE = object()
"""Put in a place, it takes the key or the entry away."""

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Mutant:
    """`path` leads to the changed value through the model; `was` and `now` are for people."""

    path: Path
    was: str
    now: str
    plan: Dialplan
    """As written: inherited and default values are not filled in."""

    @property
    def yaml_path(self) -> tuple[str | int, ...]:
        """The path as the file has it."""
        return tuple(_written(self.path))

    @property
    def where(self) -> str:
        """`routes front rule 3 do`; what stands in a list of words needs no number."""
        counted = {"routes": "rule", "queues": "step", "override": "entry"}
        words = [
            f"{counted[self.section]} {part + 1}" if isinstance(part, int) else part
            for part in self.yaml_path
            if not isinstance(part, int) or self.section in counted
        ]
        return " ".join(words)

    @property
    def what(self) -> str:
        return f"{self.where}: {self.was} → {self.now}"

    @property
    def section(self) -> str:
        return str(self.path[0])


def changed(plan: Dialplan, path: Path, new: Any, *, was: str = "", now: str = "") -> Mutant:
    """The mutant with `new` at `path`; `GONE` removes the entry."""
    old = at(plan, path)
    default_now = "removed" if new is GONE else said(new)
    return Mutant(path, was or said(old), now or default_now, _put(plan, path, new))


def at(value: Any, path: Path) -> Any:
    for part in path:
        value = getattr(value, part) if isinstance(value, BaseModel) else value[part]
    return value


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, BaseModel):
        return value.model_copy(update={head: _put(getattr(value, head), rest, new)})
    if isinstance(value, Mapping):
        if not rest and new is GONE:
            return {k: v for k, v in value.items() if k != head}
        return {k: _put(v, rest, new) if k == head else v for k, v in value.items()}
    middle = () if not rest and new is GONE else (_put(value[head], rest, new),)
    return (*value[:head], *middle, *value[head + 1 :])


def other_action(plan: Dialplan, than: Action | None) -> Action:
    """Somewhere else in the plan, of the same kind if there is one."""
    places: list[Action] = [
        action(kind, name)
        for kind in (
            PlaceKind.PERSONA,
            PlaceKind.QUEUE,
            PlaceKind.VOICEMAIL,
            PlaceKind.MENU,
            PlaceKind.TARGET,
        )
        for name in plan.parts[kind]
    ]
    others = [a for a in places if str(a) != str(than)] or [Reject(reject=480)]
    same_kind = [a for a in others if than is not None and a.kind == than.kind]
    return (same_kind or others)[0]


def elsewhere(plan: Dialplan, path: Path) -> Iterator[Mutant]:
    """The action at `path` leads somewhere else; nothing if there is none."""
    here = at(plan, path)
    if here is not None:
        yield changed(plan, path, other_action(plan, here), was=said(here))


def a_second_off(plan: Dialplan, path: Path) -> Iterator[Mutant]:
    """A length of time, a second longer and a second shorter."""
    here = at(plan, path)
    if here is not None:
        yield changed(plan, path, here + SECOND)
        if here > SECOND:
            yield changed(plan, path, here - SECOND)


def _written(path: Path) -> Iterator[str | int]:
    names = {"otherwise": "else", "state": "is", "begins": "from", "called": "called"}
    for position, part in enumerate(path):
        if part == "week" and path[0] == "hours" and position == 2:
            continue
        yield part if isinstance(part, int) else names.get(part, str(part))
