"""From a place in the plan to the stage that performs it."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.agents import llm

from agents.call.state import CallState
from agents.ending import Ending
from agents.menu import MenuStage
from agents.outside import Outside
from agents.roster import persona_class
from agents.stage import Stage
from agents.voicemail import Mailbox
from agents.waiting import Waiting


def stage_for(
    call: CallState, *, opening: Sequence[str] = (), chat_ctx: llm.ChatContext | None = None
) -> Stage:
    """The stage for `call.engine.place`. A place with nothing to perform is a goodbye, never
    silence."""
    there = call.engine.place
    match there.kind:
        case "persona":
            made = persona_class(call.plan, there.name)
            return made(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case "menu":
            return MenuStage(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case "queue":
            return Waiting(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case "voicemail":
            return Mailbox(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case "target":
            return Outside(call, there.name, opening=opening, chat_ctx=chat_ctx)
        case "say":
            return Ending(call, text=str(there.params["text"]), opening=opening)
        case "reject":
            return Ending(call, code=int(there.params["code"]))
        case _:
            return Ending(call, opening=opening)
