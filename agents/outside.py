"""A telephone outside: rung and brought to the caller, or the caller referred to it."""

from __future__ import annotations

import asyncio
from typing import Any

from agents.desk import SOURCE, Desk, NotReachedError
from agents.music import ringing
from agents.pausing import fall_silent
from agents.stage import Stage
from agents.tasks import end
from dialplans.events import HandedOver
from dialplans.jobs import AGENT
from dialplans.model import Target
from dialplans.model.targets import DEFAULT_RING

CONFIRM_S = 20.0
_WHY = {"busy": "person.line_busy", "no_answer": "person.no_answer"}


class Outside(Stage):
    """Nobody is moved: the person who was dialled joins the caller. With `confirm`, they hear who
    is calling and take the call with a key; the caller hears that too."""

    kind = "target"
    answers = False

    def __init__(self, desk: Desk, name: str, **rest: Any) -> None:
        super().__init__(desk, name, model=None, **rest)
        self.target: Target = desk.plan.plan.targets[name]
        self.person: str | None = None
        self._confirmed = asyncio.Event()

    @property
    def _ring_s(self) -> float:
        return (self.target.ring or DEFAULT_RING).total_seconds()

    async def begin(self) -> None:
        self.speak_opening() or self.speak(self.phrase("person.ringing"))
        if self.target.refer is not None:
            await self._refer(self.target.refer)
        elif self.target.dial is not None and self.target.via is not None:
            await self._dial(self.target.dial, self.target.via)

    async def _refer(self, uri: str) -> None:
        if self.session.current_speech is not None:
            await self.session.current_speech.wait_for_playout()
        self.desk.ending = "transferred"
        try:
            await self.desk.line.refer(uri, ring_s=self._ring_s)
        except NotReachedError as error:
            self.desk.ending = None
            await self._not_reached(error.why)

    async def _dial(self, number: str, via: str) -> None:
        waiting = asyncio.create_task(self._ring())
        try:
            self.person = await self.desk.line.dial(number, via=via, ring_s=self._ring_s)
        except NotReachedError as error:
            await self._not_reached(error.why)
            return
        finally:
            await end(waiting)
            if self.session.current_speech is not None:
                await self.session.interrupt(force=True)
        self.desk.happen("answered")
        if self.target.confirm is not None and not await self._taken(self.target.confirm):
            await self.desk.line.drop(self.person)
            self.person = None
            await self._not_reached("declined")
            return
        await self._connected()

    async def _taken(self, key: str) -> bool:
        """The person outside hears who it is and presses the key."""
        said = self.phrase("person.take_call", summary=self.desk.summary(), digit=key)
        self.speak(" ".join(said.split()), interruptible=False)
        try:
            await asyncio.wait_for(self._confirmed.wait(), CONFIRM_S)
        except TimeoutError:
            return False
        self.desk.happen(f"key {key}")
        return True

    async def _connected(self) -> None:
        """From here on two people talk; the stage only listens for the end."""
        await fall_silent(self.session, self.name, AGENT)
        self.desk.tell(
            HandedOver(
                call=self.desk.call.call_id,
                source=SOURCE,
                frm=self.place,
                to=f"person {self.name}",
                reason="answered",
                summary=self.desk.summary(),
            )
        )

    async def _not_reached(self, why: str) -> None:
        await self.lead_on(why, self.phrase(_WHY.get(why, "person.busy")))

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
            self._confirmed.set()

    async def on_left(self, identity: str) -> None:
        """The person outside hung up: so does the call."""
        if identity == self.person:
            self.desk.ending = "person_hung_up"
            await self.desk.line.hang_up("person_hung_up")
