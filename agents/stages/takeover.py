"""The AI falls silent while people talk, and comes back knowing what they said.

Silent means more than no sound: no model is asked and no tool runs (`Stage.on_user_turn_completed`
keeps what the caller says meanwhile, and nothing is prepared ahead of a turn's end).
"""

from __future__ import annotations

from livekit.agents import AgentSession, ChatContext

from agents.call.state import CallState, Pause
from agents.stages.stage import Stage
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.model import PlaceKind, ToPersona


async def fall_silent(session: AgentSession[CallState], by: Actor) -> None:
    """From now on they have the call. Again, for somebody else, only changes the name."""
    call = session.userdata
    if call.pause is not None:
        call.pause.by = by
        return
    call.pause = Pause(by)
    session.options.preemptive_generation["enabled"] = False
    stage = session.current_agent
    if isinstance(stage, Stage):
        stage.halt()
    await session.interrupt(force=True)
    session.output.set_audio_enabled(False)
    call.guard_sound()
    call.changed()


async def speak_again(session: AgentSession[CallState], note: str = "") -> None:
    """The stage that was interrupted has the call again; a queue or a menu, which nobody wants to
    hear twice, gives way to the persona that the caller spoke to before."""
    call = session.userdata
    pause, call.pause = call.pause, None
    if pause is None:
        return
    session.options.preemptive_generation["enabled"] = not call.sealed
    call.guard_sound()
    session.output.set_audio_enabled(True)
    stage = session.current_agent
    assert isinstance(stage, Stage)
    await stage.update_chat_ctx(_with_what_was_said(stage.chat_ctx.copy(), pause, note))
    if stage.kind == PlaceKind.PERSONA:
        stage.speak(stage.phrase("call.back"))
    elif (earlier := _last_persona(call)) is not None:
        call.send_to(ToPersona(persona=earlier), pause.who)
        stage.go(stage.follow(stage.phrase("call.back"), reason="given back"))
    else:
        stage.spawn(stage.begin())
    call.changed()


def _with_what_was_said(chat: ChatContext, pause: Pause, note: str) -> ChatContext:
    """The caller's words as the caller's; a person's as ours, since they spoke for the company."""
    for speaker, text in pause.heard:
        if speaker == ActorKind.CALLER:
            chat.add_message(role="user", content=text)
        else:
            chat.add_message(role="assistant", content=f"[{speaker}] {text}")
    if note:
        chat.add_message(role="assistant", content=f"[{pause.who}, note] {note}")
    return chat


def _last_persona(call: CallState) -> str | None:
    begins = f"{PlaceKind.PERSONA} "
    been = [place for place in call.conversation.path if place.startswith(begins)]
    return been[-1].removeprefix(begins) if been else None
