"""Every name that is used must be one that the plan gives to something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dialplans.language.build import Path, node_at
from dialplans.language.lint.view import Located, View, actions, unknown
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import Items
from dialplans.model import ANY_NUMBER, PlaceKind, Split

CODE = {
    PlaceKind.PERSONA: "E_PERSONA",
    PlaceKind.MENU: "E_MENU",
    PlaceKind.QUEUE: "E_QUEUE",
    PlaceKind.VOICEMAIL: "E_VOICEMAIL",
    PlaceKind.TARGET: "E_TARGET",
}


def check(view: View) -> Iterator[Problem]:
    plan = view.written
    for located in actions(plan):
        yield from _action(view, located)
    for key, number in plan.numbers.items():
        if number.route not in plan.routes:
            yield _missing(view, ("numbers", key, "route"), "E_ROUTE", number.route, plan.routes)
        if number.trunk is not None and number.trunk not in plan.trunks:
            yield _missing(view, ("numbers", key, "trunk"), "E_TRUNK", number.trunk, plan.trunks)
    for name, persona in plan.personas.items():
        if persona.extends is not None and persona.extends not in plan.personas:
            path: Path = ("personas", name, "extends")
            yield _missing(view, path, "E_PERSONA", persona.extends, plan.personas)
        for n, other in enumerate(persona.hand_off):
            if other not in plan.personas:
                path = ("personas", name, "hand_off", n)
                yield _missing(view, path, "E_PERSONA", other, plan.personas)
    for name, target in plan.targets.items():
        if target.via is not None and target.via not in plan.trunks:
            path = ("targets", name, "via")
            yield _missing(view, path, "E_TRUNK", target.via, plan.trunks)
        if target.telephone is not None and target.telephone not in plan.telephones:
            path = ("targets", name, "telephone")
            yield _missing(view, path, "E_TELEPHONE", target.telephone, plan.telephones)
    for name, telephone in plan.telephones.items():
        for n, called in enumerate(telephone.calls):
            if called != ANY_NUMBER and called not in plan.numbers:
                path = ("telephones", name, "calls", n)
                yield view.at(path, "E_NUMBER", *unknown("number", called, plan.numbers))
    yield from _conditions(view)
    yield from _overrides(view)


def _missing(view: View, path: Path, code: str, name: str, known: Mapping[str, Any]) -> Problem:
    word = code.removeprefix("E_").lower()
    return view.at(path, code, *unknown(word, name, known))


def _action(view: View, located: Located) -> Iterator[Problem]:
    named, action = view.written.parts, located.action
    if isinstance(action, Split):
        for share in action.split:
            if share.name not in named[share.kind]:
                written = str(share) if view_has(view, located.path, str(share)) else share.name
                message = unknown(share.kind, share.name, named[share.kind])
                yield view.of((*located.path, "split", written), CODE[share.kind], *message)
    elif action.kind in named and action.name not in named[action.kind]:
        path = (*located.path, action.kind)
        yield _missing(view, path, CODE[action.kind], action.name, named[action.kind])


def view_has(view: View, path: Path, key: str) -> bool:
    return node_at(view.tree, (*path, "split", key)) is not None


def _conditions(view: View) -> Iterator[Problem]:
    plan = view.written
    for name, rules in plan.routes.items():
        for n, rule in enumerate(rules):
            when: Path = ("routes", name, n, "when")
            if rule.when.hours is not None and rule.when.hours not in plan.hours:
                yield _missing(view, (*when, "hours"), "E_HOURS", rule.when.hours, plan.hours)
            for field, patterns, more in (
                ("caller", rule.when.caller, ("anonymous",)),
                ("called", rule.when.called, plan.numbers),
                ("forwarded_from", rule.when.forwarded_from, ("anonymous",)),
                ("dialled", rule.when.dialled, ()),
            ):
                for i, pattern in enumerate(patterns):
                    if pattern[0].isalpha() and pattern not in plan.lists and pattern not in more:
                        path: Path = (*when, field, i)
                        yield _missing(view, path, "E_LIST", pattern, plan.lists)


def _overrides(view: View) -> Iterator[Problem]:
    plan = view.written
    many = isinstance(node_at(view.tree, ("override",)), Items)
    for n, override in enumerate(plan.override):
        named = (override.hours,) if isinstance(override.hours, str) else override.hours or ()
        for i, hours in enumerate(named):
            if hours not in plan.hours:
                path: Path = ("override", *((n,) if many else ()), "hours", i)
                yield _missing(view, path, "E_HOURS", hours, plan.hours)
