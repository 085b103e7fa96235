"""Fill in what `extends` and `defaults` say: readers of a plan look in one place."""

from __future__ import annotations

from typing import Any

from dialplans.model.menus import Menu
from dialplans.model.personas import Persona
from dialplans.model.plan import Defaults, Dialplan
from dialplans.model.queues import OverflowStep, Queue
from dialplans.model.targets import Target

GENERATIONS = 16
"""So deep may personas extend each other; deeper ones are refused by `dialplans.language.lint`."""


def resolve(plan: Dialplan) -> Dialplan:
    """The same plan with every inherited and default value written out.

    Unknown and circular `extends` are left as they are; `dialplans.language.lint` reports them.
    """
    defaults = plan.defaults
    personas = {n: _with_defaults(_extended(plan, n), plan) for n in plan.personas}
    return plan.model_copy(
        update={
            "numbers": {
                key: number.model_copy(
                    update={
                        "language": number.language or defaults.language,
                        "timezone": number.timezone or plan.timezone,
                    }
                )
                for key, number in plan.numbers.items()
            },
            "personas": personas,
            "menus": {n: _menu(m, defaults) for n, m in plan.menus.items()},
            "queues": {n: _queue(q, defaults) for n, q in plan.queues.items()},
            "targets": {n: _target(t, defaults) for n, t in plan.targets.items()},
        }
    )


def _extended(plan: Dialplan, name: str) -> Persona:
    """A persona with what it inherits: its own words win, then its parent's, and so on up."""
    own = plan.personas[name]
    inherited: dict[str, Any] = {}
    seen, parent = {name}, own.extends
    while parent in plan.personas and parent not in seen and len(seen) < GENERATIONS:
        assert parent is not None
        seen.add(parent)
        ancestor = plan.personas[parent]
        for field in ancestor.model_fields_set - own.model_fields_set - inherited.keys():
            inherited[field] = getattr(ancestor, field)
        parent = ancestor.extends
    inherited.pop("extends", None)
    return own.model_copy(update=inherited) if inherited else own


def _with_defaults(persona: Persona, plan: Dialplan) -> Persona:
    return persona.model_copy(
        update={
            "fallback": persona.fallback or persona.to_human or plan.defaults.otherwise,
            "to_human": persona.to_human or plan.defaults.otherwise,
            "voice": persona.voice or plan.defaults.voice,
            "record": persona.record or plan.recording,
        }
    )


def _menu(menu: Menu, defaults: Defaults) -> Menu:
    return menu.model_copy(
        update={
            "timeout": menu.timeout if menu.timeout is not None else defaults.timeout,
            "retries": menu.retries if menu.retries is not None else defaults.retries,
            "otherwise": menu.otherwise or defaults.otherwise,
        }
    )


def _queue(queue: Queue, defaults: Defaults) -> Queue:
    steps = queue.overflow
    leaves = bool(steps) and steps[-1].do is not None
    if not leaves and defaults.otherwise is not None:
        after = max(defaults.wait, steps[-1].after * 2) if steps else defaults.wait
        steps = (*steps, OverflowStep(after=after, do=defaults.otherwise))
    return queue.model_copy(
        update={
            "overflow": steps,
            "ring": queue.ring if queue.ring is not None else defaults.ring,
        }
    )


def _target(target: Target, defaults: Defaults) -> Target:
    return target.model_copy(
        update={
            "ring": target.ring if target.ring is not None else defaults.ring,
            "otherwise": target.otherwise or defaults.otherwise,
        }
    )
