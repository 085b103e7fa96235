"""The questions of support as a tree: each is answered with yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["solved", "slow_wifi", "ticket"]


@dataclass(frozen=True)
class DiagnosticStep:
    """`ask` is a key of the phrases; yes and no lead to another step or to the end of the tree.
    `working` is what it answers to say that it works."""

    ask: str
    yes: DiagnosticStep | Outcome
    no: DiagnosticStep | Outcome
    working: bool = True


_RESTART = DiagnosticStep("support.step_restart", yes="solved", no="ticket")
_CABLE = DiagnosticStep("support.step_cable", yes=_RESTART, no="ticket")
_LIGHTS = DiagnosticStep("support.step_lights", yes=_RESTART, no=_CABLE)
_NEAR = DiagnosticStep("support.step_near", yes=_RESTART, no="slow_wifi", working=False)

START: dict[str, DiagnosticStep] = {
    "internet": _LIGHTS,
    "router": _LIGHTS,
    "phone": _RESTART,
    "slow": _NEAR,
}


def first_step(problem: str) -> DiagnosticStep:
    """Where to begin; a problem without a name of its own begins at the lights."""
    return START.get(problem, _LIGHTS)
