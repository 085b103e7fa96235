"""Waiting for a person: the call is offered, the caller hears how it stands, and the plan's steps
run.

Who is asked, in which order, with which place in the line is the queue's business in the gateway;
this stage offers the call (`PersonWanted`), says whether it rings somewhere or waits, keeps the
caller company, and follows the plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from livekit import rtc
from livekit.agents.voice.speech_handle import SpeechHandle

from agents.call.state import CallState
from agents.company.agent_presence import Availability
from agents.company.opening_hours import closed_sentence
from agents.stages.music import Music
from agents.stages.promises import without_promises
from agents.stages.sound_files import samples
from agents.stages.stage import Stage
from dialplans.contracts.events import PersonWanted
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import HappeningKind
from dialplans.engine.step import due
from dialplans.model import PlaceKind, Queue

LOOKS_S = 0.5
SETTLES_S = 2.0
"""The gateway looks twice a second whose desk to ring; after so long without, it does not ring."""
_WORDS: dict[Availability, str] = {
    "ringing": "person.ringing",
    "ready": "person.in_line",
    "busy": "person.waiting",
    "nobody": "person.away",
}


class QueueStage(Stage):
    kind = PlaceKind.QUEUE
    answers = False

    def __init__(self, call: CallState, name: str, **rest: Any) -> None:
        super().__init__(call, name, model=None, **rest)
        self.queue: Queue = call.plan.queues[name]
        self.priority = int(call.engine.place.params.get("priority", 0))
        self._music: SpeechHandle | None = None

    async def begin(self) -> None:
        # Asked before a word is said: "I'll put you through" must not be followed by "nobody".
        stands = await self._look()
        if stands == "nobody":
            closed = self._closed()
            nobody = self.phrase("person.nobody")
            why = without_promises(self.opening)
            await self.lead_on(HappeningKind.NOBODY_ON, *why, nobody, *filter(None, [closed]))
            return
        self.offer_call()
        if stands == "busy":
            self.opening = tuple(without_promises(self.opening))
        self.speak_opening()
        self.spawn(self._tell_how_it_stands(stands))
        await self._steps()

    def _closed(self) -> str | None:
        called, now = self.call.facts.context.called, self.call.services.now()
        return closed_sentence(self.call.plan, called, now=now, phrases=self.call.phrases)

    async def _look(self) -> Availability:
        language = self.call.engine.language
        return await self.call.services.presence.availability(self.queue, language, self.call.id)

    def words(self, stands: Availability) -> str:
        """What is true at this moment. The plan's own words are for those who wait."""
        own = self.queue.announce.say
        if own is not None and stands != "ringing":
            return own.said_in(self.call.language)
        return self.phrase(_WORDS[stands])

    def offer_call(self) -> None:
        """The console rings whoever has the skills; whoever joins the room has the call."""
        self.call.tell(
            PersonWanted(
                call=self.call.id,
                source=Source.AGENT,
                queue=self.name,
                skills=list(self.queue.needs.skills),
                reason="queue",
                summary=self.call.summary(),
                language=self.call.engine.language,
                priority=self.priority,
            )
        )

    async def _steps(self) -> None:
        """The plan's overflow, at the moments it says. Callbacks are not offered here: the engine
        is told that the caller would rather wait."""
        while (at := due(self.call.plan, self.call.engine.state)) is not None:
            await asyncio.sleep(max(0.05, (at - self.call.services.now()).total_seconds()))
            if await self.lead_on(HappeningKind.TICK, self.phrase("person.waited")):
                return
            if self.call.engine.state.offered:
                self.call.happen(HappeningKind.CALLER_DECLINES_CALLBACK)

    async def _tell_how_it_stands(self, stands: Availability) -> None:
        """At first, whenever it begins to ring or rings no more, and as often as the plan says.
        Between two desks it is silent for a moment, and that is not worth a word."""
        clock = asyncio.get_running_loop().time
        if stands == "ready":
            stands = await self._once_it_rings()
        told, spoken = self._tell(stands, kept=True), clock()
        self.spawn(self._company())
        every = self.queue.announce.every
        while True:
            await asyncio.sleep(LOOKS_S)
            stands = await self._look()
            if told == "ringing" and stands != "ringing":
                stands = await self._once_it_rings()
            changed = (stands == "ringing") != (told == "ringing")
            again = every is not None and clock() - spoken > every.total_seconds()
            if self.call.pause is None and (changed or again):
                told, spoken = self._tell(stands, kept=changed), clock()

    async def _once_it_rings(self) -> Availability:
        """How it stands as soon as it rings; or in the end, if it does not."""
        stands: Availability = "ready"
        for _ in range(int(SETTLES_S / LOOKS_S)):
            await asyncio.sleep(LOOKS_S)
            if (stands := await self._look()) == "ringing":
                break
        return stands

    def _tell(self, stands: Availability, *, kept: bool) -> Availability:
        if self._music is not None:
            self._music.interrupt(force=True)
        self.speak(self.words(stands), kept=kept)
        return stands

    async def _company(self) -> None:
        """Music between the sentences. A word of the caller stops it only until the next round."""
        file = self.queue.announce.music
        pinned = self.call.facts.pinned
        music = Music(await asyncio.to_thread(samples, pinned, file) if file else None)
        while True:
            if self.call.pause is None:
                await self.play(music.next_round())
            await asyncio.sleep(1.0)

    async def play(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        self._music = self.session.say("", audio=frames, add_to_chat_ctx=False)
        await self._music.wait_for_playout()
