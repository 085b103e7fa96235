"""Which rules leave nothing to a later one, found without comparing every pair of a long route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

from dialplans.model import Dialplan, When
from dialplans.telephony.wildcards import covers

COMPARISONS = 300_000
"""So many pairs of rules of a route are compared; a route of 700 rules that all ask for the same
header stays within it."""

MANY_HEADERS = 4
"""A rule that asks for more headers is held against fewer earlier rules; nobody writes that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The conditions of a rule; callers may be names of lists."""

    callers: tuple[str, ...]
    called: tuple[str, ...]
    before: tuple[tuple[str, ...], tuple[str, ...]]
    """Where the call was before: `forwarded_from` and `dialled`."""
    hours: tuple[str, str]
    headers: tuple[tuple[str, str], ...]
    languages: frozenset[str]
    everybody: bool

    @classmethod
    def of(cls, plan: Dialplan, when: When) -> Asked:
        return cls(
            callers=tuple(sorted(set(when.caller))),
            called=expanded(plan, when.called),
            before=(expanded(plan, when.forwarded_from), expanded(plan, when.dialled)),
            hours=(when.hours, when.state) if when.hours else ("", ""),
            headers=tuple(sorted((k.lower(), v) for k, v in when.header.items())),
            languages=frozenset(when.language),
            everybody=not when.caller,
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.headers)


def expanded(plan: Dialplan, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Lists replaced by what is in them."""
    found: list[str] = []
    for pattern in patterns:
        found += plan.lists.get(pattern, (pattern,))
    return tuple(sorted(set(found)))


@dataclass(slots=True)
class _Group:
    """Rules that ask for the same apart from the caller, and the callers that they take."""

    asked: Asked
    rules: list[int] = field(default_factory=list)
    everybody: bool = False
    taken: set[str] = field(default_factory=set)

    def cover(self, plan: Dialplan, callers: tuple[str, ...]) -> bool:
        """A list that was taken whole is not looked into again."""
        return self.everybody or (bool(callers) and all(self._covers(plan, c) for c in callers))

    def _covers(self, plan: Dialplan, caller: str) -> bool:
        if caller in self.taken:
            return True
        inside = plan.lists.get(caller, (caller,))
        return bool(inside) and all(any(w in self.taken for w in wider(p)) for p in inside)

    def take(self, plan: Dialplan, callers: tuple[str, ...]) -> None:
        for caller in callers:
            if caller not in self.taken:
                self.taken.add(caller)
                self.taken.update(plan.lists.get(caller, ()))


_Place = tuple[tuple[str, ...], tuple[str, str], str]
"""Names of headers, hours, and the one pattern of `called` ("" none, " " several)."""


class Seen:
    """The rules of a route so far."""

    def __init__(self, plan: Dialplan) -> None:
        self._plan = plan
        self._budget = COMPARISONS
        self._groups: dict[Asked, _Group] = {}
        self._at: dict[_Place, list[_Group]] = {}

    def add(self, asked: Asked, rule: int) -> None:
        rest = replace(asked, callers=(), everybody=False)
        group = self._groups.get(rest)
        if group is None:
            group = self._groups[rest] = _Group(rest)
            key = "" if not rest.called else rest.called[0] if len(rest.called) == 1 else " "
            self._at.setdefault((rest.names, rest.hours, key), []).append(group)
        group.rules.append(rule)
        group.everybody = group.everybody or asked.everybody
        group.take(self._plan, asked.callers)

    def taking(self, asked: Asked) -> list[int]:
        """Earlier rules that together take all its calls; empty if some are left to it."""
        for group in self._candidates(asked):
            self._budget -= 1
            if self._budget < 0:
                return []
            if group.cover(self._plan, asked.callers) and _implies(asked, group.asked):
                return group.rules
        return []

    def _candidates(self, asked: Asked) -> Iterator[_Group]:
        names = asked.names[:MANY_HEADERS]
        called = ("", " ", *wider(asked.called[0])) if asked.called else ("",)
        for count in range(len(names) + 1):
            for some in combinations(names, count):
                for hours in {("", ""), asked.hours}:
                    for key in called:
                        yield from self._at.get((some, hours, key), ())


def wider(pattern: str) -> list[str]:
    """The pattern itself and every prefix that would cover it."""
    stem = pattern.rstrip("*")
    return [pattern, *(f"{stem[:n]}*" for n in range(len(stem) + 1))]


def _implies(later: Asked, earlier: Asked) -> bool:
    """Whether all calls with the later conditions also meet the earlier ones, callers apart."""
    if earlier.languages and not (later.languages and later.languages <= earlier.languages):
        return False
    wanted = (earlier.called, *earlier.before)
    given = (later.called, *later.before)
    if not all(map(_narrower, given, wanted)):
        return False
    return all(
        any(name == asked and covers(general, special) for asked, special in later.headers)
        for name, general in earlier.headers
    )


def _narrower(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    """Whether every number that the later patterns cover is covered by the earlier ones."""
    if not earlier:
        return True
    return bool(later) and all(any(covers(e, one) for e in earlier) for one in later)
