"""Asks the DNS, beside the loop of the calls, and remembers for as long as it may."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver
import structlog

from sip.bridge.carriers.records import Naptr, Srv
from sip.bridge.transport.flow import Address

log = structlog.get_logger()

ANSWER_SECONDS = 3.0
"""A call waits for it."""
LEAST_SECONDS, MOST_SECONDS = 5.0, 3600.0
"""Whatever a record says: nobody asks for every call, and nobody is wrong for a day."""
NOTHING_SECONDS = 30.0
"""How long it is remembered that there is nothing."""
AWAY_SECONDS = 5.0
"""How long nobody is asked again after no answer came; what was known before holds meanwhile."""
REMEMBERED = 1000

NO_SUCH = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN)


@dataclass
class _Known:
    found: list[Any]
    until: float


class Dns:
    """`servers` are asked in turn; without any, those of the system, and for addresses all that the
    system knows (`/etc/hosts`). `six`: whether IPv6 can be sent to."""

    def __init__(
        self,
        servers: Sequence[Address] = (),
        *,
        six: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = bool(servers)
        self._families = ("A", "AAAA") if six else ("A",)
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[list[Any]]] = {}
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*one) for one in servers]
        if not servers:
            with contextlib.suppress(dns.resolver.NoResolverConfiguration):
                self._resolver = dns.asyncresolver.Resolver()
        self._resolver.cache = None
        self._resolver.lifetime = ANSWER_SECONDS

    async def naptr(self, name: str) -> list[Naptr]:
        return [
            Naptr(
                one.order,
                one.preference,
                one.flags.decode(errors="replace"),
                one.service.decode(errors="replace"),
                _plain(one.replacement),
            )
            for one in await self._records(name, "NAPTR")
        ]

    async def srv(self, name: str) -> list[Srv]:
        return [
            Srv(one.priority, one.weight, one.port, _plain(one.target))
            for one in await self._records(name, "SRV")
        ]

    async def addresses(self, name: str) -> list[str]:
        """IPv4 first, which more carriers speak well."""
        if self._own:
            found = [
                one.address
                for family in self._families
                for one in await self._records(name, family)
            ]
            if found:
                return found
        return await self._records(name, "host")

    async def aclose(self) -> None:
        for asking in self._asking.values():
            asking.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _records(self, name: str, kind: str) -> list[Any]:
        """Calls that want to know the same at once ask once."""
        key = (name.lower().rstrip("."), kind)
        known = self._known.get(key)
        if known is not None and known.until > self._clock():
            self._known.move_to_end(key)
            return known.found
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(*key))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    async def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            if kind == "host":
                found, seconds = await self._of_system(name), NOTHING_SECONDS
            else:
                answer = await self._resolver.resolve(f"{name}.", kind)
                found, seconds = list(answer), float(answer.chaining_result.minimum_ttl)
                seconds = max(LEAST_SECONDS, min(seconds, MOST_SECONDS))
        except NO_SUCH:
            found, seconds = [], NOTHING_SECONDS
        except (dns.exception.DNSException, OSError, UnicodeError, TimeoutError) as error:
            log.info(
                "carrier.name_not_asked", name=name, kind=kind, reason=str(error) or repr(error)
            )
            known = self._known.get((name, kind))
            found, seconds = known.found if known is not None else [], AWAY_SECONDS
        self._known[name, kind] = _Known(found, self._clock() + seconds)
        self._known.move_to_end((name, kind))
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def _of_system(self, name: str) -> list[str]:
        family = socket.AF_UNSPEC if len(self._families) > 1 else socket.AF_INET
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await loop.getaddrinfo(name, None, family=family, type=socket.SOCK_DGRAM)
        except socket.gaierror:
            return []
        addresses = dict.fromkeys(str(one[4][0]) for one in found)
        return sorted(addresses, key=lambda address: ":" in address)


def _plain(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True)).rstrip(".")
