"""The events of one call, read from the stream where every process writes them."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.events import STREAM, Event, Journal, Refused, Said, Started, decode

PATIENCE_S = 30.0
E = TypeVar("E", bound=Event)


class Records:
    """All that was recorded, since `begin`, of the call of one caller's number."""

    def __init__(self, redis_url: str, caller: str) -> None:
        self._url = redis_url
        self.caller = caller
        self._from = "0-0"
        self._all: list[Event] = []
        self._turn = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        async with Redis.from_url(self._url) as redis:
            newest = await redis.xrevrange(STREAM, count=1)
        self._from = newest[0][0].decode() if newest else "0-0"

    async def wait(self, kind: type[E], *, timeout_s: float = PATIENCE_S, **fields: object) -> E:
        """The first event of that kind in which each of `fields` is as given; a tuple means any
        of these."""
        deadline = time.monotonic() + timeout_s
        while True:
            await self.refresh()
            for event in self.of(kind):
                if all(_is(getattr(event, name), value) for name, value in fields.items()):
                    return event
            short = "\n".join(self.short())
            assert time.monotonic() < deadline, f"no {kind.__name__} {fields} in\n{short}"
            await asyncio.sleep(0.1)

    async def all(self) -> list[Event]:
        await self.refresh()
        return self.events

    @property
    def call(self) -> str:
        """The call's id; empty until the leg has recorded the call."""
        for event in self._all:
            if isinstance(event, Started | Refused) and event.caller == self.caller:
                return event.call
        return ""

    @property
    def events(self) -> list[Event]:
        """Sorted by when they happened, which is not when they arrived."""
        ours = (event for event in self._all if event.call and event.call == self.call)
        return sorted(ours, key=lambda event: event.at)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def said(self) -> str:
        """What the personas said, as they meant it."""
        return " ".join(event.text for event in self.of(Said))

    def short(self) -> list[str]:
        shown = ("call", "id", "at", "source", "steps", "figures")
        return [
            f"{event.at:%H:%M:%S.%f} {event.source} {event.kind} "
            + " ".join(
                f"{name}={value!r}"
                for name in event.__struct_fields__
                if name not in shown and (value := getattr(event, name)) not in ("", None)
            )
            for event in self.events
        ]

    async def refresh(self) -> None:
        """Whoever is cancelled in here leaves the reading to itself: a connection that is broken
        off while it is made is closed by nobody."""
        self._reading = asyncio.create_task(self._read())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        async with self._turn:
            await self._read_on()

    async def _read_on(self) -> None:
        try:
            async with Redis.from_url(self._url) as redis:
                new = await redis.xrange(STREAM, f"({self._from}" if self._from != "0-0" else "-")
        except (RedisError, OSError):
            return  # Redis is being restarted: the next look sees everything
        for key, fields in new:
            self._from = key.decode()
            self._all.append(decode(fields[Journal.FIELD.encode()]))


def _is(found: object, wanted: object) -> bool:
    return found in wanted if isinstance(wanted, tuple) else found == wanted
