"""A call without a telephone: words and keys go in, what was said and recorded comes out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from livekit.agents import (
    AgentSession,
    StopResponse,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agents.call.setup import set_up_call
from agents.call.state import CallFacts, CallServices, CallState
from agents.company.demo_company import DemoCompany
from agents.job.session_events import SessionEvents
from agents.plans import PinnedPlan
from agents.providers.models import choose
from agents.providers.session_factory import SessionFactory
from agents.providers.voice import RATE
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.speech.intents.intents import IntentSet
from agents.stage_factory import stage_for
from agents.stages.stage import Stage
from dialplans.contracts.outbox import Outbox
from dialplans.language.load import load_text
from dialplans.speech.voices import EVERY, Voices
from dialplans.telephony.call import CallContext
from tests.fakes.contact_centre import Record, Staff, TestCallControl
from tests.fakes.language_model import Answer, ScriptedLLM

TODAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""A Tuesday morning, office hours in London and Berlin."""
RECEPTION, BILLING, BERLIN = "+442079460100", "+442079460200", "+493023125100"
CALLER = "+447700900123"

PLAN = """
version: 1
timezone: Europe/London
hours: {office: {mon-fri: "08:00-18:00"}}
trunks: {local: {allow: ["127.0.0.1/32"]}}
limits: {dial_out: ["+44*"]}
numbers:
  "+442079460100": {trunk: local, language: en, route: reception}
  "+442079460200": {trunk: local, language: en, route: billing}
  "+442079460300": {trunk: local, language: en, route: menu}
  "+442079460400": {trunk: local, language: en, route: queue}
  "+442079460500": {trunk: local, language: en, route: target}
  "+442079460600": {trunk: local, language: en, route: refer}
  "+442079460700": {trunk: local, language: en, route: words}
  "+442079460800": {trunk: local, language: en, route: never}
  "+442079460900": {trunk: local, language: en, route: box}
  "+493023125100": {trunk: local, language: de, timezone: Europe/Berlin, route: reception}
routes:
  reception: [{when: {hours: office, is: closed}, do: {persona: night}}, {do: {persona: reception}}]
  billing: [{do: {persona: billing}}]
  menu: [{do: {menu: main}}]
  queue: [{do: {queue: support}}]
  target: [{do: {target: duty}}]
  refer: [{do: {target: pbx}}]
  words: [{do: {say: {en: "We have moved. Goodbye.", de: "Wir sind umgezogen."}}}]
  never: [{do: {reject: 603}}]
  box: [{do: {voicemail: messages}}]
personas:
  reception: {prompt: p.md, intents: r.yaml, hand_off: [billing, support],
              to_human: {queue: support}, fallback: {menu: main}}
  billing: {prompt: p.md, intents: b.yaml, hand_off: [reception, support],
            to_human: {queue: support}}
  support: {prompt: p.md, intents: s.yaml, hand_off: [reception, billing], to_human: {target: duty}}
  night: {prompt: p.md, to_human: {target: duty}, fallback: {voicemail: messages}}
menus:
  main:
    say: {en: "For billing, press 1. For help, press 2.", de: "Rechnungen die 1, Hilfe die 2."}
    keys: {"1": {persona: billing}, "2": {persona: support}}
    timeout: 1s
    retries: 1
    else: {voicemail: messages}
queues:
  support: {needs: {skills: [support]}, nobody_on: {voicemail: messages},
            overflow: [{after: 2s, do: {voicemail: messages}}]}
targets:
  duty: {dial: "+442079469999", via: local, ring: 20s, else: {voicemail: messages}}
  pbx: {refer: "sip:200@192.0.2.1", else: {voicemail: messages}}
voicemail: {messages: {max: 1s}}
"""
INTENTS = {"r": "reception", "b": "billing", "s": "support"}


def plan(text: str = PLAN) -> PinnedPlan:
    prompts = Path(__file__).parents[2] / "dialplans" / "prompts"
    files = {f"{k}.yaml": (prompts / f"{v}.intents.yaml").read_text() for k, v in INTENTS.items()}
    loaded = load_text(text, others={"p.md": "You work for Larkfield.", **files})
    assert loaded.plan is not None, loaded.report()
    return PinnedPlan(loaded.plan, loaded.revision, dict(loaded.files))


class ScriptedSessionFactory(SessionFactory):
    """Every persona of the call speaks with the same script."""

    def model_for(self, intents: IntentSet, asking: Callable[[], str] = str) -> llm.LLM[Any]:
        return self.script

    script: ScriptedLLM
    led = True
    """The script stands for a language model, which follows instructions; else for the flow."""

    @property
    def coachable(self) -> bool:
        return self.led


class Call:
    """What a test does to a call, and what it can look at."""

    def __init__(
        self, session: AgentSession[CallState], record: Record, line: TestCallControl
    ) -> None:
        self.session = session
        self.state = session.userdata
        self.record = record
        self.line = line
        self.script: ScriptedLLM = self.state.spoken.providers.script  # type: ignore[attr-defined]
        self.session_events = SessionEvents(session)

    @property
    def stage(self) -> Stage:
        stage = self.session.current_agent
        assert isinstance(stage, Stage)
        return stage

    @property
    def said(self) -> list[str]:
        return self.record.said()

    def phrase(self, key: str, **blanks: object) -> str:
        return self.state.phrases.say(key, **blanks)

    async def says(self, text: str) -> None:
        """The caller speaks a sentence to its end."""
        heard = UserInputTranscribedEvent(transcript=text, is_final=True)
        self.session.emit("user_input_transcribed", heard)
        message = llm.ChatMessage(role="user", content=[text])
        with contextlib.suppress(StopResponse):
            await self.stage.on_user_turn_completed(self.stage.chat_ctx.copy(), message)
            self.session.generate_reply(user_input=message)
        await self.settled()

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.stage.on_key(key)
        await self.settled()

    def tells_aside(self, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """Who is dialled is told about the caller for a second, and then does something."""
        self.state.summary = lambda: "it is urgent"  # type: ignore[method-assign]
        for what in ("take_call", "coming"):
            said = self.phrase(f"person.{what}", summary="it is urgent", digit=1)
            self.state.spoken.voice._keep(said, bytes(2 * RATE))
        self.line.then = then or self.line.then

    async def keeps_silent(self) -> None:
        away = UserStateChangedEvent(old_state="listening", new_state="away")
        self.session.emit("user_state_changed", away)
        await self.settled()

    async def settled(self, for_s: float = 0.06) -> None:
        """Until nobody has said or recorded anything for a moment."""
        quiet, seen = 0.0, -1
        while quiet < for_s:
            busy = self.session.current_speech is not None or len(self.record.events) != seen
            quiet = 0.0 if busy else quiet + 0.01
            seen = len(self.record.events)
            await asyncio.sleep(0.01)

    async def hears(self, key: str, *, times: int = 1, within: float = 8.0) -> None:
        """Until a sentence, by its key or as it stands, was said so many times."""
        text = self.phrase(key) if self.state.phrases.has(key) else key
        async with asyncio.timeout(within):
            while self.said.count(text) < times:
                await asyncio.sleep(0.02)

    async def until(self, place: str, within: float = 5.0) -> None:
        async with asyncio.timeout(within):
            while self.stage.place != place:
                await asyncio.sleep(0.02)
        await self.settled()


@contextlib.asynccontextmanager
async def call_to(
    called: str,
    *script: Answer,
    home: Path,
    staff: Staff | None = None,
    line: TestCallControl | None = None,
    company: Any = None,
    now: datetime = TODAY,
    text: str = PLAN,
    pinned: PinnedPlan | None = None,
    voices: Voices = EVERY,
    led: bool = True,
    caller: str = CALLER,
    recorder: Any = None,
    **settings: Any,
) -> AsyncIterator[Call]:
    """A call that the plan has just decided about, begun and greeted."""
    record, line = Record(), line or TestCallControl()
    chosen = Settings(home=home, **settings)
    pinned = pinned or plan(text)
    context = CallContext(called, caller, f"call-{called[1:]}-test", trunk="local")
    books = DemoCompany(home / "company.db")
    books.prepare(now.date())
    clock = asyncio.get_running_loop().time
    began = clock()
    services = CallServices(
        control=line,
        outbox=Outbox(record),
        crm=company(books) if company else books,
        presence=staff or Staff(),
        stage_for=stage_for,
        now=lambda: now + timedelta(seconds=clock() - began),
    )

    def providers(language: str) -> ScriptedSessionFactory:
        choices = choose(chosen, {}, turn_files=False)
        speech = SpeechClient(home / "none.sock", patience_s=0.0)
        detector: Any = None  # without sound there is no voice to detect
        made = ScriptedSessionFactory(
            choices, chosen, speech, voices.heard(language), detector, voices
        )
        made.script, made.led = ScriptedLLM(*script), led
        return made

    state = set_up_call(CallFacts(context, pinned, chosen), services, providers)
    state.recorder = recorder
    session = state.spoken.providers.session(state)
    async with session:
        made = Call(session, record, line)
        await session.start(stage_for(state), record=False)
        await made.settled()
        yield made
    await state.services.outbox.aclose()
