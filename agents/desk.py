"""What a call carries from one stage to the next: AgentSession's `userdata`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from livekit import rtc

from agents.company import Company, Customer
from agents.kit import Kit
from agents.masking import Discretion
from agents.people import People
from agents.phrases import Phrases, phrases
from agents.plans import Pinned
from agents.recorder import CallRecorder
from agents.report import Report
from agents.settings import Settings
from agents.stretches import Stretches
from agents.voice import Voice, voice_of
from dialplans.contracts.events import Event, Problem
from dialplans.engine.decision import destination
from dialplans.engine.state import State
from dialplans.engine.step import in_its_language, step
from dialplans.language.unspoken_languages import sentence
from dialplans.model import Action
from dialplans.telephony.call import CallContext

SOURCE = "agent"


class NotReachedError(Exception):
    """Nobody could be brought to the phone. `why`: busy, no_answer, declined or failed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Spoken(Protocol):
    """Where a sound can be said to somebody."""

    async def say(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        """Returns when all was played."""


class Line(Protocol):
    """What can be done to the caller's line; the only way a stage touches the room."""

    async def hang_up(self, cause: str) -> None:
        """The caller's leg gets its BYE. `cause` is the word of the record."""

    async def refuse(self, code: int) -> None:
        """Ends a call that was not answered yet."""

    async def dial(self, number: str, *, via: str, ring_s: float) -> str:
        """Brings a telephone into the call and returns its identity once it has answered; raises
        NotReachedError."""

    async def refer(self, uri: str, *, ring_s: float) -> None:
        """Hands the caller to another telephone by REFER; raises NotReachedError."""

    async def drop(self, identity: str) -> None:
        """Removes somebody whom `dial` brought in."""

    def aside(self, identity: str) -> AbstractAsyncContextManager[Spoken]:
        """While it is open, what is said there reaches only this person whom `dial` brought in,
        and they and the caller do not hear each other. Entering raises NotReachedError."""


@dataclass
class Pause:
    """The AI is silent because `who` talks; what was heard meanwhile waits for the give-back."""

    who: str
    role: str
    heard: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Desk:
    """One call's state. Stages change it; nobody else holds it."""

    call: CallContext
    plan: Pinned
    settings: Settings
    kit: Kit
    line: Line
    report: Report
    company: Company
    people: People
    phrases: Phrases
    voice: Voice
    state: State
    now: Callable[[], datetime]

    customer: Customer | None = None
    facts: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    misheard: int = 0
    silences: int = 0
    discretion: Discretion = field(default_factory=Discretion)
    stretches: Stretches = field(default_factory=Stretches)
    pause: Pause | None = None
    gave_back: set[str] = field(default_factory=set)
    """Identities of people who were there when the call was given back to the AI. A microphone of
    theirs that comes late, as after a hold, does not take it again: each taking has its own."""
    ending: str | None = None
    recorder: CallRecorder | None = None
    consent: str = ""
    """To being recorded: given, refused, or not asked for yet."""
    speaking: Voice | None = None
    """Whose voice the caller heard last."""
    unspoken: set[str] = field(default_factory=set)
    behalf: list[tuple[str, str]] = field(default_factory=list)
    """Sentences that somebody had a persona say, with who it was, until they are heard."""
    notices: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """Whom to tell what once the caller is gone."""
    changed: Callable[[], None] = lambda: None
    """Called whenever a snapshot taken now would differ."""
    guard: Callable[[bool], None] = lambda on: None
    """While on, the caller's sound is to reach nobody but this job."""

    @property
    def sealed(self) -> bool:
        """The caller is being asked for a secret."""
        return self.discretion.sealed

    @sealed.setter
    def sealed(self, on: bool) -> None:
        self.discretion.sealed = on
        self.guard_sound()

    def guard_sound(self) -> None:
        """Whoever listens in hears nothing of a sealed step; a person who has the call does."""
        self.guard(self.sealed and self.pause is None)

    def happen(self, happening: str) -> bool:
        """Tells the engine, and says whether the call is at another place now.

        A menu's clock runs from the end of its words and a target's is the telephone's own, which
        only the line knows: there no time passes for the engine, and it is told what comes of it.
        """
        before = self.state.place
        now = self.now()
        by_line = before.kind in ("menu", "target")
        state = step(self.plan.plan, self.state, happening, None if by_line else now)
        moved = state.place is not before
        self.state = replace(state, since=now, at=now) if moved else state
        self._speak()
        return moved

    def send_to(self, action: Action, who: str) -> None:
        """Somebody decided, not the plan: the call goes to this place of it."""
        now = self.now()
        there = destination(action, self.call, self.state.language)
        moved = self.state.arrive(there, "transfer", f"{who} sends the call there")
        self.state = in_its_language(self.plan.plan, replace(moved, since=now, at=now))
        self._speak()

    @property
    def language(self) -> str:
        """What is spoken in the call by now: the plan's choice, if there is a voice for it."""
        return self.kit.voices.heard(self.state.language)

    def say_what_is_not_spoken(self) -> None:
        """In the record, once: the caller was to hear a language that has no voice here."""
        wanted = self.state.language
        if self.language == wanted or wanted in self.unspoken:
            return
        self.unspoken.add(wanted)
        detail = sentence(wanted, "this caller")
        self.tell(Problem(call=self.call.call_id, source=SOURCE, what="no_voice", detail=detail))

    def _speak(self) -> None:
        """In the language of the call from here on. Whoever speaks now finishes in their own."""
        self.say_what_is_not_spoken()
        if self.kit.language == self.language:
            return
        self.kit = self.kit.speaking(self.language)
        self.phrases = phrases(self.language)
        self.voice = voice_of(self.settings, self.kit.choices, self.language)

    def tell(self, event: Event) -> None:
        self.report.add(self.discretion.kept(event))

    def on_whose_behalf(self, text: str) -> str:
        """Who had this sentence, or what was heard of it, said; empty if nobody had."""
        heard = " ".join(text.split())
        for one in self.behalf:
            if one[0].startswith(heard):
                self.behalf.remove(one)
                return one[1]
        return ""

    def know(self, fact: str) -> None:
        """A sentence for the summary: what a person who takes over should know."""
        if fact not in self.facts:
            self.facts.append(fact)
            self.changed()

    def voice_named(self, name: str) -> Voice:
        """What was rendered in a persona's own voice; without a name in that of the house."""
        if not name:
            return self.voice
        return voice_of(self.settings, self.kit.choices, self.language, name)

    def summary(self) -> str:
        """What a colleague reads before the first word: who, what for, and how far it got."""
        known = (
            [f"Caller is {self.customer.name}, {self.customer.number}."] if self.customer else []
        )
        said = [f"Last said: “{self.heard[-1]}”"] if self.heard else []
        return " ".join([*known, *self.facts, *said])
