"""Whatever has the call at a moment: a persona, a menu, a queue, a mailbox, a last sentence.

A stage is a LiveKit Agent, so moving the call on is always the same thing: the session gets another
agent. What a stage may do with the caller's line goes through `call.services.control`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, ClassVar

import structlog
from livekit.agents import llm
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.voice.speech_handle import SpeechHandle

from agents.call.state import CallState
from agents.livekit_private import started
from agents.providers.voice import Voice
from agents.stages.listener import Listener
from agents.stages.promises import instead, kept
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Said
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.model import PlaceKind

log = structlog.get_logger(__name__)

REMEMBERED = 40
"""Items of conversation that travel from one stage to the next."""


class Stage(Listener):
    """`opening` is said before the stage's own first words, such as "I'll put you through"."""

    kind: ClassVar[PlaceKind]
    answers: ClassVar[bool] = True
    """Whether a caller who stops speaking waits for us: else it is no turn of a conversation."""
    keys_interrupt: ClassVar[bool] = True
    """Whether a key cuts off what is being said."""

    def __init__(
        self,
        call: CallState,
        name: str,
        *,
        opening: Sequence[str] = (),
        chat_ctx: llm.ChatContext | None = None,
        instructions: str = "",
        model: NotGivenOr[llm.LLM[Any] | None] = NOT_GIVEN,
        voice: str = "",
    ) -> None:
        foreign = call.spoken.providers.language != call.spoken.providers.session_language
        super().__init__(
            instructions=instructions,
            chat_ctx=chat_ctx if chat_ctx is not None else NOT_GIVEN,
            llm=model,
            stt=call.spoken.providers.stt() if foreign else NOT_GIVEN,
            tts=call.spoken.providers.tts(voice) if voice or foreign else NOT_GIVEN,
            id=f"{self.kind}_{name}",
        )
        self.call = call
        self.name = name
        self.voice = call.spoken.voice_named(voice)
        self.opening = tuple(opening)
        self.ready: Awaitable[bool] | None = None
        """Until then the caller would not hear a word: the first stage of a call waits for it."""
        self.resumed = False
        """The job before this one died here: the caller knows where they are."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def place(self) -> str:
        """As dialplans write it: `persona billing`."""
        return f"{self.kind} {self.name}".strip()

    # What a kind of stage fills in.

    async def begin(self) -> None:
        """The stage has the call from now on; `opening` was not said yet."""

    async def on_key(self, digit: str) -> None:
        """The caller pressed a key."""

    def offers(self, digit: str) -> bool:
        """Whether the caller may choose something by this key now, so that it is no secret."""
        return False

    async def on_silence(self, times: int) -> None:
        """Nobody spoke for a while, for the `times`th time in a row."""

    async def on_noise(self) -> None:
        """There was sound without words for seconds."""

    async def on_key_from(self, identity: str, digit: str) -> None:
        """Somebody other than the caller pressed a key."""

    async def on_left(self, identity: str) -> None:
        """Somebody other than the caller left the call."""

    def left(self) -> None:
        """Another stage has the call now."""

    # What every stage does.

    async def on_enter(self) -> None:
        self.call.conversation.path.append(self.place)
        self.call.conversation.silences = 0
        self.call.sealed = False
        self.call.masking.forget_question()
        self.call.changed()
        self.spawn(self._begin())

    async def _begin(self) -> None:
        if self.ready is not None and not await self.ready:
            return
        await self.begin()

    async def on_exit(self) -> None:
        self.call.spoken.heard_last = self.voice
        self.left()
        self.halt()

    def halt(self) -> None:
        """Stops whatever the stage was about to do by itself."""
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that ends with the stage. What it raises is logged and moves the call on."""

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("stage.failed", stage=self.place)
                await self.failed()

        task = asyncio.create_task(guarded(), name=f"stage {self.place}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def failed(self) -> None:
        """The last resort: say so and end the call, rather than leave the caller in silence."""
        await self.farewell(self.phrase("call.trouble"), cause=EndCause.FAILED)

    def phrase(self, key: str, **blanks: object) -> str:
        return self.call.phrases.say(key, **blanks)

    def speak(
        self,
        text: str,
        *,
        interruptible: bool = True,
        kept: bool = True,
        voice: Voice | None = None,
    ) -> SpeechHandle:
        """Says it, from what was rendered ahead if it can. Not `kept`: not part of what the
        personas remember, such as a filler."""
        frames = (voice or self.voice).frames(text)
        if not kept:
            self.call.tell(
                Said(call=self.call.id, source=Source.AGENT, speaker=self.name, text=text)
            )
        return self.session.say(
            text,
            audio=frames if frames is not None else NOT_GIVEN,
            allow_interruptions=interruptible,
            add_to_chat_ctx=kept,
        )

    def speak_opening(self) -> SpeechHandle | None:
        handle = None
        for text in self.opening:
            # "I'll put you through" is said by whoever puts through, if they were rendered ahead.
            before = self.call.spoken.heard_last or self.voice
            handle = self.speak(text, voice=None if before.missing([text]) else before)
        self.opening = ()
        return handle

    def speech_only(self) -> llm.ChatContext:
        """What both said, without instructions, tools and hand-overs: what the next stage gets."""
        return self.chat_ctx.copy(
            exclude_instructions=True,
            exclude_function_call=True,
            exclude_handoff=True,
            exclude_config_update=True,
        ).truncate(max_items=REMEMBERED)

    def after(
        self, happening: Happening | HappeningKind, *opening: str, reason: str = ""
    ) -> Stage | None:
        """The stage that the plan goes to when this happens, with the conversation so far, or
        None if the call stays here. Whoever asks hands it to the session: a tool by returning it,
        anything else by `go`."""
        if not self.call.happen(happening):
            return None
        return self.follow(*opening, reason=reason or str(happening))

    def follow(self, *opening: str, reason: str = "", transcript: bool = True) -> Stage:
        """The stage of the place where the plan has put the call; with what both said so far,
        unless it is not to know the `transcript`."""
        said = self.speech_only() if transcript else llm.ChatContext.empty()
        opening = tuple(kept(self.call, opening))
        stage = self.call.services.stage_for(self.call, opening=opening, chat_ctx=said)
        assert isinstance(stage, Stage)
        self.call.tell_handover(self.place, stage.place, reason)
        return stage

    def go(self, stage: Stage) -> None:
        """Moves the call on; what is still being said is cut off."""
        if self.session.current_speech is not None:
            self.session.interrupt(force=True)
        if started(self.session):
            self.session.update_agent(stage)
        else:
            self.spawn(self._go_once_started(stage))

    async def _go_once_started(self, stage: Stage) -> None:
        """The first stage of a call begins while the session is still being started, and until
        then LiveKit would take the next one without ever beginning it."""
        while not started(self.session):  # noqa: ASYNC110 LiveKit has no event for it
            await asyncio.sleep(0.02)
        self.session.update_agent(stage)

    def happen(self, happening: Happening | HappeningKind, *opening: str, reason: str = "") -> bool:
        """`after` and `go` in one; False if the call stays here."""
        stage = self.after(happening, *opening, reason=reason)
        if stage is not None:
            self.go(stage)
        return stage is not None

    async def lead_on(self, happening: HappeningKind, *why: str) -> bool:
        """Nobody could be found. The caller hears what happened and what comes instead; False if
        the plan lets the call wait on. A happening that needs an end and has none is a goodbye."""
        if self.call.happen(happening):
            self.go(self.follow(*why, *instead(self.call), reason=str(happening)))
            return True
        if happening == HappeningKind.TICK:
            return False
        await self.farewell(" ".join([*why, self.phrase("person.later")]))
        return True

    async def farewell(self, text: str, *, cause: EndCause = EndCause.PERSONA_HUNG_UP) -> None:
        """Says the last sentence to its end and hangs up. Only the first farewell counts."""
        if self.call.ending is not None:
            return
        self.call.ending = cause
        if self.session.current_speech is not None:
            await self.session.interrupt(force=True)
        await self.speak(text, interruptible=False).wait_for_playout()
        await self.call.services.control.hang_up(cause)
