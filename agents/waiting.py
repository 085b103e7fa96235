"""Waiting for a person: the call is offered, the caller hears that, and the plan's steps run.

Who is asked, in which order, with which place in the line is the queue's business in the gateway;
this stage offers the call (`PersonWanted`), keeps the caller company, and follows the plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from livekit import rtc

from agents.desk import SOURCE, Desk
from agents.music import Music
from agents.opening import closed_sentence
from agents.soundfiles import samples
from agents.stage import Stage
from dialplans.events import PersonWanted
from dialplans.model import Queue
from dialplans.step import due


class Waiting(Stage):
    kind = "queue"
    answers = False

    def __init__(self, desk: Desk, name: str, **rest: Any) -> None:
        super().__init__(desk, name, model=None, **rest)
        self.queue: Queue = desk.plan.plan.queues[name]
        self.priority = int(desk.state.place.params.get("priority", 0))

    async def begin(self) -> None:
        # Asked before a word is said: "I'll put you through" must not be followed by "nobody".
        if not await self.desk.people.on(self.queue, self.desk.state.language):
            why = [text for text in self.opening if text not in self._promises()]
            closed = closed_sentence(self.desk)
            await self.lead_on(
                "nobody_on", *why, self.phrase("person.nobody"), *filter(None, [closed])
            )
            return
        self.offer_call()
        self.speak_opening()
        self.speak(self.words)
        self.spawn(self._company())
        await self._steps()

    def _promises(self) -> list[str]:
        return [self.phrase(key) for key in ("person.connecting", "person.through")]

    @property
    def words(self) -> str:
        said = self.queue.announce.say
        return said.said_in(self.desk.language) if said else self.phrase("person.waiting")

    def offer_call(self) -> None:
        """The console rings whoever has the skills; whoever joins the room has the call."""
        self.desk.tell(
            PersonWanted(
                call=self.desk.call.call_id,
                source=SOURCE,
                queue=self.name,
                skills=list(self.queue.needs.skills),
                reason="queue",
                summary=self.desk.summary(),
                language=self.desk.state.language,
                priority=self.priority,
            )
        )

    async def _steps(self) -> None:
        """The plan's overflow, at the moments it says. Callbacks are not offered here: the engine
        is told that the caller would rather wait."""
        while (at := due(self.desk.plan.plan, self.desk.state)) is not None:
            await asyncio.sleep(max(0.05, (at - self.desk.now()).total_seconds()))
            if await self.lead_on("tick", self.phrase("person.waited")):
                return
            if self.desk.state.offered:
                self.desk.happen("caller_declines_callback")

    async def _company(self) -> None:
        """Music, and the announcement again as often as the plan says. A word of the caller stops
        the music only until the next round."""
        every, file = self.queue.announce.every, self.queue.announce.music
        music = Music(await asyncio.to_thread(samples, self.desk.plan, file) if file else None)
        spoken = asyncio.get_running_loop().time()
        while True:
            if self.desk.pause is None:
                await self.play(music.next_round())
                if every and asyncio.get_running_loop().time() - spoken > every.total_seconds():
                    spoken = asyncio.get_running_loop().time()
                    self.speak(self.words, kept=False)
            await asyncio.sleep(1.0)

    async def play(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        handle = self.session.say("", audio=frames, add_to_chat_ctx=False)
        await handle.wait_for_playout()
