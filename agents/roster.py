"""Which class speaks for which persona of the dialplan."""

from __future__ import annotations

from agents.billing import Billing
from agents.persona import Persona
from agents.reception import Night, Reception
from agents.support import Support
from dialplans.model import Dialplan

ROSTER: dict[str, type[Persona]] = {
    "reception": Reception,
    "billing": Billing,
    "support": Support,
    "night": Night,
}


def persona_class(plan: Dialplan, name: str) -> type[Persona]:
    """By its name, else by the nearest persona that it extends, else one without tools of its own
    besides those that all have."""
    seen: set[str] = set()
    while name not in ROSTER and name in plan.personas and name not in seen:
        seen.add(name)
        name = plan.personas[name].extends or ""
    return ROSTER.get(name, Persona)
