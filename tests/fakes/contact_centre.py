"""The rest of a contact centre around a persona: the line, the people, the books, the record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from livekit import rtc

from agents.call.call_control import NotReached, NotReachedError
from agents.company.agent_presence import Availability
from agents.company.crm import Balance, CRMError, Customer, Invoice, Ticket
from dialplans.contracts.events import Event, Said
from dialplans.model import Queue

T = TypeVar("T")


class Record:
    """A sink (`dialplans.contracts.outbox`); `away` takes nothing, like a Redis that restarts."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.away = False

    async def append(self, event: Event) -> None:
        if self.away:
            raise ConnectionError("away")
        self.events.append(event)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.kind == kind]

    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


async def _nothing() -> None:
    pass


class TestCallControl:
    """Implements `agents.call.call_control.CallControl`. `answers` is what becomes of a number
    that is dialled."""

    __test__ = False

    def __init__(self) -> None:
        self.hung_up: list[str] = []
        self.refused: list[int] = []
        self.dialled: list[str] = []
        self.referred: list[str] = []
        self.dropped: list[str] = []
        self.answers: str = "answered"
        self.may_be_heard_early = False
        self.network_heard: Callable[[], Awaitable[None]] | None = None
        """What there is to wait for before the network is heard, until somebody has picked up."""
        self.picked_up = asyncio.Event()
        self.apart = False
        self.told_s = 0.0
        """So long somebody was told something in a briefing."""
        self.then: Callable[[], Awaitable[None]] = _nothing
        """What they do when they have heard it."""

    async def hang_up(self, cause: str) -> None:
        self.hung_up.append(cause)

    async def refuse(self, code: int) -> None:
        self.refused.append(code)

    async def dial(
        self, number: str, *, via: str, ring_s: float, heard: Callable[[], object] | None = None
    ) -> str:
        self.dialled.append(number)
        self.may_be_heard_early = heard is not None
        if heard is not None and self.network_heard is not None:
            await self.network_heard()
            heard()
            await self.picked_up.wait()
        await asyncio.sleep(0.02)
        if self.answers != "answered":
            raise NotReachedError(NotReached(self.answers))
        return "person-1"

    async def refer(self, uri: str, *, ring_s: float) -> None:
        self.referred.append(uri)
        if self.answers != "answered":
            raise NotReachedError(NotReached(self.answers))

    async def drop(self, identity: str) -> None:
        self.dropped.append(identity)

    @contextlib.asynccontextmanager
    async def briefing(self, identity: str) -> AsyncIterator[TestCallControl]:
        self.apart = True
        yield self
        self.apart = False

    async def say(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        self.told_s += sum([frame.duration async for frame in frames])
        await self.then()


class Staff:
    """Implements `agents.company.agent_presence.AgentPresence`: somebody of the queues is on, and
    it rings at their desk as soon as a call waits. `stands` is what a test makes of it."""

    def __init__(self, *queues: str, stands: Availability = "ringing") -> None:
        self.stands: Availability = stands if queues else "nobody"
        self.asked: list[str] = []

    async def availability(self, queue: Queue, language: str, call: str) -> Availability:
        self.asked.append(language)
        return self.stands


class SlowBooks:
    """Any `CRM`, but each answer takes `seconds`, or fails."""

    def __init__(self, inner: Any, *, seconds: float = 0.0, broken: bool = False) -> None:
        self._inner = inner
        self._seconds = seconds
        self._broken = broken

    async def _slowly(self, answer: Awaitable[T]) -> T:
        await asyncio.sleep(self._seconds)
        if self._broken:
            asyncio.ensure_future(answer).cancel()
            raise CRMError("the books are closed")
        return await answer

    async def identify(self, number: str, pin: str) -> Customer | None:
        return await self._slowly(self._inner.identify(number, pin))

    async def balance(self, customer: Customer) -> Balance:
        return await self._slowly(self._inner.balance(customer))

    async def last_invoice(self, customer: Customer) -> Invoice | None:
        return await self._slowly(self._inner.last_invoice(customer))

    async def promise_invoice(self, customer: Customer) -> str:
        return await self._slowly(self._inner.promise_invoice(customer))

    async def open_ticket(self, text: str, *, caller: str, customer: Customer | None) -> Ticket:
        return await self._slowly(self._inner.open_ticket(text, caller=caller, customer=customer))

    async def take_message(self, text: str, *, caller: str, wanted: str) -> Ticket:
        return await self._slowly(self._inner.take_message(text, caller=caller, wanted=wanted))

    async def last_ticket(self, caller: str) -> Ticket | None:
        return await self._slowly(self._inner.last_ticket(caller))
