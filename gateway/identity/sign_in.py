"""Who may try to sign in now, by name and by address, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
from litestar import Request
from prometheus_client import Counter
from redis.asyncio import Redis

from gateway.client_address import client_ip, visitor
from gateway.errors import Problem
from gateway.identity.people import People
from gateway.identity.principal import Principal
from gateway.identity.throttling import device
from gateway.identity.throttling.backoff import Backoff, Lane
from gateway.identity.throttling.failures import Failures
from gateway.identity.throttling.throttle import Throttle, TooMany
from gateway.settings import Settings

_SEEN_S = 30 * 86400
_STARTS_PER_MINUTE = 30


class Visitor(msgspec.Struct, frozen=True):
    """Where somebody comes from, and the browser's own cookie."""

    ip: str
    device: str = ""
    me: Principal | None = None

    @property
    def line(self) -> str:
        return visitor(self.ip)


class Counts(Protocol):
    """`gateway.metrics.Metrics`."""

    sign_ins: Counter


class SignInAttempts:
    """A person is known by their browser, by the session they have, or by an address they signed
    in from before: then only their own mistakes count. Of others the address, the name and the
    two together are counted."""

    def __init__(
        self,
        redis: Redis,
        settings: Settings,
        people: People,
        *,
        failures: Failures,
        metrics: Counts,
    ) -> None:
        self._redis = redis
        self._people = people
        self._failures = failures
        self._metrics = metrics
        self._free = settings.sign_ins_per_minute
        self._proxies = settings.trusted_proxy
        self._devices = device.Devices(settings)
        self._names, self._doors = Backoff(redis, "name"), Backoff(redis, "door")
        self._starts = Throttle(redis, "oidc-start", _STARTS_PER_MINUTE)
        self.cookie = self._devices.cookie

    def ip(self, scope: Any) -> str:
        return client_ip(scope, self._proxies)

    def visitor(self, request: Request[Any, Any, Any]) -> Visitor:
        me = request.scope.get("user")
        return Visitor(
            self.ip(request.scope),
            request.cookies.get(device.COOKIE, ""),
            me if isinstance(me, Principal) else None,
        )

    async def sign_in(self, name: str, password: str, who: Visitor) -> Principal:
        """Raises a Problem: a wrong password, too many of them, or too much to do to look."""
        own, *shared = lanes = await self._lanes(name, who)
        with self._counted():
            await self._names.begin(*lanes)
        try:
            found = await self._people.sign_in(name, password)
        except BaseException:
            await self._names.take_back(*lanes)  # nobody looked at it
            raise
        if found is None:
            self._metrics.sign_ins.labels("wrong").inc()
            await self._failures.note(name, who.ip)
            raise Problem("wrong_password")
        self._metrics.sign_ins.labels("ok").inc()
        await self._names.forget(own)
        if shared:
            await self._names.take_back(*shared)
        await self._redis.set(self._seen(name, who), b"1", ex=_SEEN_S)
        return found

    async def same_person(self, me: Principal, password: str) -> bool:
        """The password of somebody who is signed in. Strangers who try their name do not count."""
        lane = Lane(f"own {me.name}", self._free)
        with self._counted():
            await self._names.begin(lane)
        try:
            right = await self._people.sign_in(me.name, password) is not None
        except BaseException:
            await self._names.take_back(lane)
            raise
        if right:
            await self._names.forget(lane)
        else:
            self._metrics.sign_ins.labels("wrong").inc()
        return right

    async def setting_out(self, who: Visitor) -> None:
        """To the identity provider; what is remembered of it until they come back is bounded."""
        with self._counted():
            await self._starts.spend(who.line)

    async def wrong_ticket(self, ip: str, kind: str) -> None:
        """Somebody came with a key or a provider's code that is none. Nobody guesses one, so the
        right ones never wait for others; the wrong ones are counted by address."""
        with self._counted():
            await self._doors.begin(Lane(f"{kind} {visitor(ip)}", 4 * self._free))
        self._metrics.sign_ins.labels("wrong").inc()
        await self._failures.note(kind, ip)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except TooMany:
            self._metrics.sign_ins.labels("refused").inc()
            raise

    async def _lanes(self, name: str, who: Visitor) -> tuple[Lane, ...]:
        if who.me is not None and who.me.name == name:
            return (Lane(f"session {who.me.token_hash}", self._free),)
        if (known := self._devices.known(who.device, name)) is not None:
            return (Lane(f"device {known}", self._free),)
        pair = Lane(f"pair {who.line} {name}", self._free)
        if await self._redis.exists(self._seen(name, who)):
            return (pair,)
        address = Lane(f"address {who.line}", 4 * self._free)
        return pair, address, Lane(f"name {name}", 2 * self._free)

    def _seen(self, name: str, who: Visitor) -> str:
        return self._names.key(f"seen {who.line} {name}")
