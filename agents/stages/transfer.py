"""A telephone outside: rung and brought to the caller, or the caller referred to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import structlog
from livekit import rtc

from agents.call.call_control import NotReached, NotReachedError
from agents.call.state import CallState
from agents.stages.music import ringing
from agents.stages.stage import Stage
from agents.stages.takeover import fall_silent
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Said
from dialplans.contracts.words import Source
from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.model import PlaceKind, Target
from dialplans.model.targets import DEFAULT_RING
from dialplans.process.background import end

log = structlog.get_logger(__name__)

_WHY = {NotReached.BUSY: "person.line_busy", NotReached.NO_ANSWER: "person.no_answer"}


class TransferStage(Stage):
    """Nobody is moved: the person who was dialled joins the caller. With `warm` or `confirm` they
    are told first who is calling, with `confirm` they then take the call with a key. The caller
    hears none of it: for them it goes on ringing. Else what the telephone network is heard to say
    before anybody answers takes the place of our ringing."""

    kind = PlaceKind.TARGET
    answers = False

    def __init__(self, call: CallState, name: str, **rest: Any) -> None:
        super().__init__(call, name, model=None, **rest)
        self.target: Target = call.plan.targets[name]
        self.person: str | None = None
        self._taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._gone = False
        self._connected = False

    @property
    def _ring_s(self) -> float:
        return (self.target.ring or DEFAULT_RING).total_seconds()

    async def begin(self) -> None:
        self.speak_opening() or self.speak(self.phrase("person.ringing"))
        if self.target.refer is not None:
            await self._refer(self.target.refer)
        elif self.target.rung is not None:
            await self._dial(*self.target.rung)

    async def _refer(self, uri: str) -> None:
        if self.session.current_speech is not None:
            await self.session.current_speech.wait_for_playout()
        self.call.ending = EndCause.TRANSFERRED
        try:
            await self.call.services.control.refer(uri, ring_s=self._ring_s)
        except NotReachedError as error:
            self.call.ending = None
            await self._not_reached(error.why)

    async def _dial(self, number: str, via: str) -> None:
        waiting = asyncio.create_task(self._ring())
        why: NotReached | None = None
        try:
            control = self.call.services.control
            told = self.target.warm or self.target.confirm is not None
            self.person = await control.dial(
                number, via=via, ring_s=self._ring_s, heard=None if told else waiting.cancel
            )
            self.call.happen(HappeningKind.ANSWERED)
            if told:
                await self._tell(self.person)
        except NotReachedError as error:
            why = error.why
        finally:
            await end(waiting)
            if self.session.current_speech is not None:
                await self.session.interrupt(force=True)
        if why is None and not self._gone:
            await self._connect()
            return
        person, self.person = self.person, None
        if person is not None:
            await self.call.services.control.drop(person)
        await self._not_reached(why or NotReached.DECLINED)

    async def _tell(self, person: str) -> None:
        """Raises NotReachedError unless the person takes the call."""
        key = self.target.confirm
        what = "person.take_call" if key is not None else "person.coming"
        said = self.phrase(what, summary=self.call.summary(), digit=key)
        said = " ".join(said.split())
        async with self.call.services.control.briefing(person) as briefing:
            telling = asyncio.create_task(briefing.say(self._spoken(said)))
            self.call.tell(
                Said(call=self.call.id, source=Source.AGENT, speaker=self.name, text=said)
            )
            try:
                first: set[asyncio.Future[Any]] = {telling, self._taken}
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if telling.done() and (error := telling.exception()) is not None:
                    log.error("person.not_told", error=repr(error), exc_info=error)
                if key is not None:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(asyncio.shield(self._taken), self._ring_s)
            finally:
                await end(telling)
        answer = self._taken.result() if self._taken.done() else key is None
        if not answer:
            raise NotReachedError(NotReached.DECLINED)

    def _spoken(self, text: str) -> AsyncIterator[rtc.AudioFrame]:
        return self.voice.frames(text) or _synthesised(self.call, text)

    async def _connect(self) -> None:
        """From here on two people talk; the stage only listens for the end."""
        self._connected = True
        if self.target.confirm is not None:
            self.call.happen(Happening(HappeningKind.KEY, self.target.confirm))
        await fall_silent(self.session, Actor(ActorKind.AGENT, self.name))
        person = Actor(ActorKind.PERSON, self.name)
        self.call.tell_handover(self.place, str(person), "answered")

    async def _not_reached(self, why: NotReached) -> None:
        await self.lead_on(why.happening, self.phrase(_WHY.get(why, "person.busy")))

    async def _ring(self) -> None:
        """Also a ring whose turn has not come yet ends with this: whoever answers at once would
        hear its beginning."""
        while True:
            ring = self.session.say("", audio=ringing(), add_to_chat_ctx=False)
            try:
                await ring.wait_for_playout()
            finally:
                ring.interrupt(force=True)

    async def on_key_from(self, identity: str, digit: str) -> None:
        """A key of somebody other than the caller."""
        if identity == self.person and digit == self.target.confirm:
            self._answer(taken=True)

    async def on_left(self, identity: str) -> None:
        """The person outside hung up: so does the call, unless they had not taken it yet."""
        if identity != self.person:
            return
        if not self._connected:
            self._gone = True
            self._answer(taken=False)
            return
        self.call.ending = EndCause.PERSON_HUNG_UP
        await self.call.services.control.hang_up(EndCause.PERSON_HUNG_UP)

    def _answer(self, *, taken: bool) -> None:
        if not self._taken.done():
            self._taken.set_result(taken)


async def _synthesised(call: CallState, text: str) -> AsyncIterator[rtc.AudioFrame]:
    async with call.spoken.providers.tts().synthesize(text) as sound:
        async for part in sound:
            yield part.frame
