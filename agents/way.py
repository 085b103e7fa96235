"""From a place in the plan to the stage that performs it."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.agents import llm

from agents.desk import Desk
from agents.ending import Ending
from agents.menu import MenuStage
from agents.outside import Outside
from agents.roster import persona_class
from agents.stage import Stage
from agents.voicemail import Mailbox
from agents.waiting import Waiting


def stage_for(
    desk: Desk, *, opening: Sequence[str] = (), chat_ctx: llm.ChatContext | None = None
) -> Stage:
    """The stage for `desk.state.place`. A place with nothing to perform is a goodbye, never
    silence."""
    there = desk.state.place
    match there.kind:
        case "persona":
            made = persona_class(desk.plan.plan, there.name)
            return made(desk, there.name, opening=opening, chat_ctx=chat_ctx)
        case "menu":
            return MenuStage(desk, there.name, opening=opening, chat_ctx=chat_ctx)
        case "queue":
            return Waiting(desk, there.name, opening=opening, chat_ctx=chat_ctx)
        case "voicemail":
            return Mailbox(desk, there.name, opening=opening, chat_ctx=chat_ctx)
        case "target":
            return Outside(desk, there.name, opening=opening, chat_ctx=chat_ctx)
        case "say":
            return Ending(desk, text=str(there.params["text"]), opening=opening)
        case "reject":
            return Ending(desk, code=int(there.params["code"]))
        case _:
            return Ending(desk, opening=opening)
