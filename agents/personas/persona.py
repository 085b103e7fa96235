"""What every persona can do: listen, hand over, find a person, cope with not understanding, and
say goodbye. A persona adds tools; `agents/README.md` shows how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from livekit.agents import Agent, StopResponse, function_tool, llm

from agents.call.state import CallState
from agents.call.tool_events import tell_tool
from agents.personas.consent import NO_KEY, STOP_KEY, YES_KEY, Consent
from agents.personas.filler import StageWithFiller
from agents.personas.handover_context import (
    SUMMARY,
    TRANSCRIPT,
    carried_question,
    forget_what_stays,
)
from agents.stages.stage import Stage
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Persona as PersonaEvent
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.model import PlaceKind
from dialplans.speech.language import base_language

MANNERS = """\
You are on the telephone and speak {tongue}. Answer in one or two short sentences, without lists or
markup. Never ask for a PIN yourself and never repeat one: the tools collect it. About an account
say only what a tool told you. Numbers that callers say reach you as ••••, and the tools take
them."""

MISHEARD_MOST = 3
"""After so many sentences in a row that nobody understood, a person takes over."""


class Persona(StageWithFiller):
    """`phrases` names its group of sentences in `agents/prompts`: greeting, keys and its own."""

    kind = PlaceKind.PERSONA
    phrases: ClassVar[str] = "reception"
    taken_up: ClassVar[frozenset[str]] = frozenset()
    """Tools that answer what a caller already asked the persona before, instead of a greeting."""

    def __init__(
        self,
        call: CallState,
        name: str,
        *,
        opening: Sequence[str] = (),
        chat_ctx: llm.ChatContext | None = None,
    ) -> None:
        self.plan = call.plan.personas[name]
        self.intents = call.facts.pinned.intents(name)
        self._been_here = f"{self.kind} {name}" in call.conversation.path
        self.consent = Consent(self, self.plan.record)
        self.asked = ""
        """What the caller said to the persona before, and got no answer but being put through."""
        super().__init__(
            call,
            name,
            opening=opening,
            chat_ctx=chat_ctx,
            instructions=self.task(call, name),
            model=call.spoken.providers.model_for(self.intents, self.asking),
            voice=self.plan.voice_in(call.language) or "",
        )

    @staticmethod
    def task(call: CallState, name: str) -> str:
        """The prose of the dialplan, and what a model must know that an author need not write."""
        tongue = {"de": "German", "en": "English"}.get(base_language(call.language), call.language)
        known = call.summary()
        return "\n\n".join(
            part
            for part in (
                call.facts.pinned.prompt(name),
                MANNERS.format(tongue=tongue),
                f"Known so far: {known}" if known else "",
            )
            if part
        )

    @property
    def coachable(self) -> bool:
        """Whether a coach's words can be followed."""
        return self.call.spoken.providers.coachable

    # Coming and greeting.

    async def begin(self) -> None:
        self.call.conversation.misheard = 0
        self.call.tell(
            PersonaEvent(
                call=self.call.id,
                source=Source.AGENT,
                name=self.name,
                language=self.call.language,
                coachable=self.coachable,
            )
        )
        self.speak_opening()
        if await self.consent.settle():
            return  # they have said already what they want
        if self.resumed:
            if self._unanswered():
                self.session.generate_reply()
        elif self.asked and (
            intent := await carried_question(self.call, self.asked, self.intents, self.taken_up)
        ):
            self.speak(self.phrase(f"{self.phrases}.here"))
            await self._do(intent.tool or "", **intent.arguments)
        else:
            for text in self.greetings():
                self.speak(text)

    def _unanswered(self) -> str:
        """What the caller said last, if nobody has said anything since."""
        said = [item for item in self.chat_ctx.items if isinstance(item, llm.ChatMessage)]
        return (said[-1].text_content or "") if said and said[-1].role == "user" else ""

    def greetings(self) -> list[str]:
        """The first words. A persona that the caller has met before does not introduce itself."""
        if self.plan.greeting is not None and not self._been_here:
            return [self.plan.greeting.said_in(self.call.language)]
        key = f"{self.phrases}.again"
        if self._been_here and self.call.phrases.has(key):
            return [self.phrase(key)]
        return [self.phrase(f"{self.phrases}.greeting")]

    # Hearing.

    def asking(self) -> str:
        """The question that waits for yes or no, as it was said; empty where the persona keeps no
        such question itself."""
        return ""

    async def on_words(self, text: str) -> bool:
        if self.consent.asking:
            return self.consent.hears(text)
        return not text.strip()

    async def on_key(self, digit: str) -> None:
        """A key is the same as saying what it stands for."""
        name = self.intents.for_key(digit)
        intent = self.intents.intents.get(name) if name else None
        self.call.conversation.silences = 0
        if self.consent.key(digit):
            return
        if digit == STOP_KEY and self.consent.stoppable and intent is None:
            await self.act("stop_recording")
        elif intent is None:
            await self.offer_keys("menu.wrong")
        elif intent.tool is not None and hasattr(type(self), intent.tool):
            await self.act(intent.tool, **intent.arguments)
        elif intent.repeat:
            await self.repeat()
        elif said := intent.say.get(self._tongue) or intent.say.get("en"):
            self.speak(said)
        else:
            await self.offer_keys("menu.wrong")

    def offers(self, digit: str) -> bool:
        if self.consent.asking and digit in (YES_KEY, NO_KEY):
            return True
        if digit == STOP_KEY and self.consent.stoppable:
            return True
        return self.intents.for_key(digit) is not None

    @property
    def _tongue(self) -> Any:
        return base_language(self.call.language)

    async def act(self, tool: str, **arguments: Any) -> None:
        """Does what the tool does, as if the model had called it."""
        if self.session.current_speech is not None:
            await self.session.interrupt(force=True)
        await self._do(tool, **arguments)

    async def _do(self, tool: str, **arguments: Any) -> None:
        """Without a model: by a key, or taken up from before. It is in the record all the same."""
        outcome: Any = None
        try:
            outcome = await getattr(self, tool)(**arguments)
        except StopResponse:
            pass
        except Exception:
            tell_tool(self.call, tool, arguments, ok=False)
            raise
        said = "" if isinstance(outcome, Stage) else str(outcome or "")
        tell_tool(self.call, tool, arguments, result=said)
        if isinstance(outcome, Stage):
            self.go(outcome)
        elif said:
            self.speak(said)

    async def repeat(self) -> None:
        said = [
            item.text_content
            for item in self.chat_ctx.items
            if isinstance(item, llm.ChatMessage) and item.role == "assistant" and item.text_content
        ]
        self.speak(said[-1] if said else self.phrase(f"{self.phrases}.greeting"), kept=False)

    async def offer_keys(self, key: str) -> None:
        """Says why, and then what the keys do: the way for whom speech does not work."""
        self.speak(self.phrase(key))
        self.speak(self.phrase(f"{self.phrases}.keys"))

    # Silence, noise, and not understanding.

    async def on_silence(self, times: int) -> None:
        if times == 1:
            self.speak(self.phrase("silence.first"), kept=False)
            return
        if times == 2:
            await self.offer_keys("silence.keys")
            return
        why = self.phrase("silence.person"), self.phrase("person.through")
        if not self.happen(HappeningKind.WANTS_HUMAN, *why, reason="silence"):
            await self.farewell(self.phrase("call.closing"), cause=EndCause.CALLER_SILENT)

    async def on_noise(self) -> None:
        self.speak(self.phrase("noise.first"), kept=False)

    async def failed(self) -> None:
        """Something of ours broke: the plan's fallback, said aloud."""
        if not self.happen(HappeningKind.PERSONA_FAILED, self.phrase("call.trouble")):
            await super().failed()

    # Tools every persona has.

    @function_tool
    async def person(self) -> Agent:
        """The caller wants to speak to a person, a colleague or a human being."""
        return self.to_person()

    @function_tool
    async def stop_recording(self) -> str:
        """The caller does not want the call to be recorded."""
        self.understood()
        if self.consent.rule.consent != "never" or self.call.consent:
            self.consent.refuse()
        return self.phrase("recording.stopped")

    def left(self) -> None:
        if self.call.recorder is not None:
            self.call.recorder.pause()

    @function_tool
    async def goodbye(self) -> None:
        """The caller is done and says goodbye."""
        await self.leave("call.goodbye")

    @function_tool
    async def not_understood(self, heard: str = "") -> Agent | str:
        """What the caller said makes no sense here. `heard` is what was recognised."""
        self.call.conversation.misheard += 1
        if self.call.conversation.misheard == 1:
            return self.phrase("misheard.first")
        if self.call.conversation.misheard < MISHEARD_MOST:
            return f"{self.phrase('misheard.keys')} {self.phrase(f'{self.phrases}.keys')}"
        return self.to_person("misheard.person", reason="not understood")

    def to_person(self, why: str = "", *, reason: str = "caller asked") -> Stage:
        """Where the plan sends whoever wants a person. `why` is the key of what happened, for a
        caller who did not ask for it."""
        self.understood()
        self.call.know("The caller wants a person.")
        opening = [why, "person.through"] if why else ["person.connecting"]
        stage = self.after(HappeningKind.WANTS_HUMAN, *map(self.phrase, opening), reason=reason)
        return stage or self.follow(self.phrase("person.nobody"))

    async def leave(self, key: str) -> None:
        self.spawn(self.farewell(self.phrase(key)))
        raise StopResponse

    def understood(self) -> None:
        """Something the caller said made sense: the count of misses starts again."""
        self.call.conversation.misheard = 0
        self.call.masking.answered()

    def hand_to(self, name: str, key: str) -> Stage | str:
        """The next persona, bare, with what this one carries over; or a sentence if the plan does
        not let it hand over there."""
        self.understood()
        goodbye = self.phrase(key)  # in our language: the next one may have another
        over = Happening(HappeningKind.HAND_OFF, name)
        if not self.call.happen(over):
            return self.phrase("misheard.first")
        carried = self.plan.carry
        forget_what_stays(self.call, carried)
        said = TRANSCRIPT in carried
        stage = self.follow(goodbye, reason=str(over), transcript=said)
        if isinstance(stage, Persona) and SUMMARY in carried:
            stage.asked = self._unanswered()
        return stage
