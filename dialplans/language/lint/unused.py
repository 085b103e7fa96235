"""Parts of the plan that nothing leads to. Only a note: they may be there for tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from dialplans.language.lint.view import View, actions
from dialplans.language.problems import Problem
from dialplans.model import Dialplan, PlaceKind, Split
from dialplans.model.routes import NUMBER_CONDITIONS

_SECTION = {
    PlaceKind.PERSONA: "personas",
    PlaceKind.MENU: "menus",
    PlaceKind.QUEUE: "queues",
    PlaceKind.TARGET: "targets",
    PlaceKind.VOICEMAIL: "voicemail",
}


def used(plan: Dialplan) -> set[tuple[str, str]]:
    """Section and name of everything that is named somewhere."""
    found: set[tuple[str, str]] = set()
    for located in actions(plan):
        if isinstance(located.action, Split):
            found |= {(_SECTION[s.kind], s.name) for s in located.action.split}
        elif located.action.kind in _SECTION:
            found.add((_SECTION[located.action.kind], located.action.name))
    for persona in plan.personas.values():
        found |= {("personas", name) for name in (*persona.hand_off, persona.extends or "")}
    for number in plan.numbers.values():
        found |= {("routes", number.route), ("trunks", number.trunk or "")}
    found |= {("trunks", target.via or "") for target in plan.targets.values()}
    found |= {("telephones", target.telephone or "") for target in plan.targets.values()}
    found |= {("telephones", n) for n, one in plan.telephones.items() if one.person or one.calls}
    for rules in plan.routes.values():
        for rule in rules:
            found.add(("hours", rule.when.hours or ""))
            asked = (getattr(rule.when, name) for name in NUMBER_CONDITIONS)
            found |= {("lists", pattern) for patterns in asked for pattern in patterns}
    return found


def check(view: View) -> Iterator[Problem]:
    plan, named = view.written, used(view.written)
    sections = {
        "routes": plan.routes,
        "personas": plan.personas,
        "menus": plan.menus,
        "queues": plan.queues,
        "targets": plan.targets,
        "voicemail": plan.voicemail,
        "trunks": plan.trunks,
        "telephones": plan.telephones,
        "hours": plan.hours,
        "lists": plan.lists,
    }
    for section, entries in sections.items():
        for name in entries:
            if (section, name) not in named:
                yield view.of((section, name), "N_UNUSED", f"nothing leads to '{name}'")
