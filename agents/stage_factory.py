"""From a place in the plan to its stage, and from a persona's name to its class."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.agents import llm

from agents.call.state import CallState
from agents.personas.billing import Billing
from agents.personas.persona import Persona
from agents.personas.reception import Night, Reception
from agents.personas.support import Support
from agents.stages.hangup import HangupStage
from agents.stages.menu import MenuStage
from agents.stages.queue import QueueStage
from agents.stages.stage import Stage
from agents.stages.transfer import TransferStage
from agents.stages.voicemail import VoicemailStage
from dialplans.model import Dialplan, PlaceKind

PERSONAS: dict[str, type[Persona]] = {
    "reception": Reception,
    "billing": Billing,
    "support": Support,
    "night": Night,
}


def stage_for(
    call: CallState, *, opening: Sequence[str] = (), chat_ctx: llm.ChatContext | None = None
) -> Stage:
    """The stage for `call.engine.place`. A place with nothing to perform is a goodbye, never
    silence."""
    there = call.engine.place
    match there.kind:
        case PlaceKind.PERSONA:
            made = persona_class(call.plan, there.name)
            return made(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case PlaceKind.MENU:
            return MenuStage(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case PlaceKind.QUEUE:
            return QueueStage(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case PlaceKind.VOICEMAIL:
            return VoicemailStage(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case PlaceKind.TARGET:
            return TransferStage(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case PlaceKind.SAY:
            return HangupStage(call, text=str(there.params["text"]), opening=opening)
        case PlaceKind.REJECT:
            return HangupStage(call, code=int(there.params["code"]))
        case _:
            return HangupStage(call, opening=opening)


def persona_class(plan: Dialplan, name: str) -> type[Persona]:
    """By its name, else by the nearest persona that it extends, else one without tools of its own
    besides those that all have."""
    seen: set[str] = set()
    while name not in PERSONAS and name in plan.personas and name not in seen:
        seen.add(name)
        name = plan.personas[name].extends or ""
    return PERSONAS.get(name, Persona)
