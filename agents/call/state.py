"""What a call carries from one stage to the next: AgentSession's `userdata`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from livekit.agents import Agent, llm

from agents.call.audio_redaction import AudioRedaction
from agents.call.call_control import CallControl
from agents.call.engine import Engine
from agents.call.language import CallLanguage
from agents.call.masking import CallMasking
from agents.call.recorder import CallRecorder
from agents.company.agent_presence import AgentPresence
from agents.company.crm import CRM, Customer
from agents.company.phrases import Phrases
from agents.plans import PinnedPlan
from agents.settings import Settings
from dialplans.contracts.actor import Actor
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Event, HandedOver, Problem
from dialplans.contracts.outbox import Outbox
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.language.unspoken_languages import sentence
from dialplans.model import Action, Dialplan
from dialplans.telephony.call import CallContext


@dataclass(frozen=True)
class CallFacts:
    """What is known when a call begins, and stays so."""

    context: CallContext
    pinned: PinnedPlan
    settings: Settings

    @property
    def plan(self) -> Dialplan:
        return self.pinned.plan


class StageFactory(Protocol):
    """`agents.stage_factory.stage_for`: every stage leads on to every other, so none knows them."""

    def __call__(
        self,
        call: CallState,
        *,
        opening: Sequence[str] = (),
        chat_ctx: llm.ChatContext | None = None,
    ) -> Agent:
        """The stage for the place of the plan where the call is."""


@dataclass(frozen=True)
class CallServices:
    """Whom the stages of a call ask and tell."""

    control: CallControl
    outbox: Outbox
    crm: CRM
    presence: AgentPresence
    stage_for: StageFactory
    now: Callable[[], datetime]


@dataclass
class Conversation:
    """What was said so far, and what is known from it."""

    customer: Customer | None = None
    known: list[str] = field(default_factory=list)
    """Sentences for the summary."""
    heard: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    misheard: int = 0
    silences: int = 0
    behalf: list[tuple[str, str]] = field(default_factory=list)
    """Sentences that somebody had a persona say, with who it was, until they are heard."""

    def on_whose_behalf(self, text: str) -> str:
        """Who had this sentence, or what was heard of it, said; empty if nobody had."""
        heard = " ".join(text.split())
        for one in self.behalf:
            if one[0].startswith(heard):
                self.behalf.remove(one)
                return one[1]
        return ""


@dataclass
class Pause:
    """The AI is silent because somebody talks; what was heard meanwhile waits for the give-back."""

    by: Actor
    heard: list[tuple[str, str]] = field(default_factory=list)

    @property
    def who(self) -> str:
        return self.by.name

    @property
    def role(self) -> str:
        return self.by.kind


@dataclass
class CallState:
    """Stages change it; nobody else holds it."""

    facts: CallFacts
    services: CallServices
    engine: Engine
    spoken: CallLanguage

    conversation: Conversation = field(default_factory=Conversation)
    masking: CallMasking = field(default_factory=CallMasking)
    audio_redaction: AudioRedaction = field(default_factory=AudioRedaction)
    pause: Pause | None = None
    gave_back: set[str] = field(default_factory=set)
    """Identities of people who were there when the call was given back to the AI. A microphone of
    theirs that comes late, as after a hold, does not take it again: each taking has its own."""
    ending: EndCause | None = None
    """Why it will be over, once somebody of ours has decided that."""
    recorder: CallRecorder | None = None
    consent: str = ""
    """To being recorded: given, refused, or not asked for yet."""
    unspoken: set[str] = field(default_factory=set)
    """Languages that the caller was to hear and that have no voice here, once they are told."""
    notices: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """Whom to tell what once the caller is gone."""
    changed: Callable[[], None] = lambda: None
    """Called whenever a snapshot taken now would differ."""
    guard: Callable[[bool], None] = lambda on: None
    """While on, the caller's sound is to reach nobody but this job."""

    # Short for what nearly every line asks.

    @property
    def id(self) -> str:
        return self.facts.context.call_id

    @property
    def plan(self) -> Dialplan:
        return self.facts.plan

    @property
    def language(self) -> str:
        return self.spoken.language

    @property
    def phrases(self) -> Phrases:
        return self.spoken.phrases

    # Secrets.

    @property
    def sealed(self) -> bool:
        """The caller is being asked for a secret."""
        return self.masking.sealed

    @sealed.setter
    def sealed(self, on: bool) -> None:
        self.masking.sealed = on
        self.guard_sound()

    def guard_sound(self) -> None:
        """Whoever listens in hears nothing of a sealed step; a person who has the call does."""
        self.guard(self.sealed and self.pause is None)

    # Moving on.

    def happen(self, happening: Happening | HappeningKind) -> bool:
        """Tells the engine, and says whether the call is at another place now."""
        moved = self.engine.happen(happening)
        self._speak()
        return moved

    def send_to(self, action: Action, who: str) -> None:
        """Somebody decided, not the plan: the call goes to this place of it."""
        self.engine.send_to(action, who)
        self._speak()

    def _speak(self) -> None:
        """In the language of the call from here on."""
        self.spoken.follow(self.engine.language)
        self.say_what_is_not_spoken()

    def say_what_is_not_spoken(self) -> None:
        """In the record, once: the caller was to hear a language that has no voice here."""
        wanted = self.engine.language
        if self.language == wanted or wanted in self.unspoken:
            return
        self.unspoken.add(wanted)
        detail = sentence(wanted, "this caller")
        self.tell(Problem(call=self.id, source=Source.AGENT, what="no_voice", detail=detail))

    # The record, and who reads it.

    def tell(self, event: Event) -> None:
        self.services.outbox.add(self.masking.kept(event))

    def tell_handover(self, frm: str, to: str, reason: str) -> None:
        """Somebody else has the call from now on: an actor, or a place of the plan."""
        self.tell(
            HandedOver(
                call=self.id,
                source=Source.AGENT,
                frm=frm,
                to=to,
                reason=reason,
                summary=self.summary(),
            )
        )

    def know(self, fact: str) -> None:
        """A sentence for the summary: what a person who takes over should know."""
        if fact not in self.conversation.known:
            self.conversation.known.append(fact)
            self.changed()

    def summary(self) -> str:
        """What a colleague reads before the first word: who, what for, and how far it got."""
        talk = self.conversation
        who = talk.customer
        known = [f"Caller is {who.name}, {who.number}."] if who else []
        said = [f"Last said: “{talk.heard[-1]}”"] if talk.heard else []
        return " ".join([*known, *talk.known, *said])
