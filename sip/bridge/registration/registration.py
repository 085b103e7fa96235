"""One account that is kept registered for as long as its trunk is in the plan."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from dialplans.process.background import end
from sip.bridge.registration.account import Account
from sip.bridge.registration.contact_store import ContactStore
from sip.bridge.registration.granted import Granted, keep_alive_every, refresh_after, wait_after
from sip.bridge.registration.register_request import NotRegisteredError, RegisterRequest
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.transport.flow import Address, Flow

log = structlog.get_logger()

KEEP_ALIVE_S = 25.0
"""A router between forgets who talks to whom after half a minute of silence (RFC 6223)."""
KEEP_ALIVE = b"\r\n\r\n"
GOODBYE_S = 2.0
"""How long taking a registration back may take; the server forgets it by itself later."""


@dataclass(frozen=True)
class State:
    """`until` is when the registrar forgets us; `error` is what went wrong last, in a sentence,
    and empty since it went right."""

    registered: bool = False
    until: datetime | None = None
    error: str = ""


class Registration:
    """`start` it once; after `aclose` the registrar sends us no more of the account's calls."""

    def __init__(
        self, endpoint: Endpoint, account: Account, contacts: ContactStore | None = None
    ) -> None:
        """`contacts` says what another leg has registered it with that may be gone."""
        self.account = account
        self._contacts = contacts
        self._looked_back = contacts is None
        self._said = ""
        """What `contacts` has of ours."""
        self.error = ""
        self.hosts: frozenset[str] = frozenset()
        """Addresses of the account's server: its calls come from there."""
        self.peer: Address | None = None
        """The one of them that registered us last."""
        self.routes: tuple[str, ...] = account.routes
        """The way of calls out."""
        self._endpoint = endpoint
        self._request = RegisterRequest(endpoint, account)
        self._flow: Flow | None = None
        self._until: datetime | None = None
        self._ends = float("-inf")
        self._asking = False
        self._flow_timer = 0
        self._other_timer = asyncio.Event()
        self._failures = 0
        self._losses = 0
        """Connections that ended before they were of use a second time."""
        self._connection_lost = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def start(self) -> None:
        self._tasks = (
            asyncio.create_task(self._run()),
            asyncio.create_task(self._keep_alive()),
        )

    async def aclose(self) -> None:
        await end(*self._tasks)
        if self._flow is not None and (self.registered or self._asking):
            with contextlib.suppress(TimeoutError, NotRegisteredError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._request.ask(self._flow, 0)
                    await self._forgotten()
            log.info("registration.taken_back", trunk=self.account.trunk)
        self._ends = float("-inf")
        self._forget_flow()
        self._know(frozenset())

    @property
    def connection(self) -> Flow | None:
        """Which the registrar knows us by: calls out go by it, like those in (RFC 5626 §5.1)."""
        flow = self._flow
        return flow if flow is not None and flow.reliable and not flow.closed else None

    @property
    def registered(self) -> bool:
        return asyncio.get_running_loop().time() < self._ends

    @property
    def state(self) -> State:
        return State(self.registered, self._until if self.registered else None, self.error)

    async def _run(self) -> None:
        while True:
            self._connection_lost.clear()
            try:
                wait = self._registered(await self._register())
            except NotRegisteredError as error:
                wait = self._failed(error)
            except Exception as error:  # an answer that nobody thought of must not end an account
                log.exception("registration.broke", trunk=self.account.trunk)
                wait = self._failed(NotRegisteredError(repr(error)))
            await self._pause(wait)

    async def _pause(self, wait: float) -> None:
        """Less where the connection ends: nobody reaches us over it. Yet there are servers that
        close each when they have answered, and call by our address."""
        loop = asyncio.get_running_loop()
        due = loop.time() + wait
        try:
            async with asyncio.timeout(wait):
                await self._connection_lost.wait()
        except TimeoutError:
            self._losses = 0
            return
        self._losses += 1
        await asyncio.sleep(min(wait_after(self._losses), max(0.0, due - loop.time())))

    async def _register(self) -> Granted:
        """At one address of the server after the other."""
        addresses = await self._look_up()
        self._know(frozenset(host for host, _ in addresses))
        failure: NotRegisteredError | None = None
        for address in addresses:
            try:
                flow = await self._flow_to(address)
                self._asking = True
                await self._look_back(flow)
                found = await self._request.ask(flow, self.account.expires)
                self._asking = False
                await self._kept_as(self._request.contact(flow))
                self.peer = address
                return found
            except NotRegisteredError as error:
                self._asking = False
                failure = error
                if not error.elsewhere:
                    break
        assert failure is not None
        raise failure

    async def _look_back(self, flow: Flow) -> None:
        """Once. A leg that was killed has left its binding: calls would go there as well. It is
        taken back before ours is made, in case the server keeps but one."""
        if self._looked_back or self._contacts is None:
            return
        self._looked_back = True
        before = await self._contacts.before(self.account.name)
        if before in ("", self._request.contact(flow)):
            return
        with contextlib.suppress(TimeoutError, NotRegisteredError):
            async with asyncio.timeout(GOODBYE_S):
                await self._request.ask(flow, 0, before)
                log.info("registration.other_taken_back", trunk=self.account.trunk)

    async def _kept_as(self, contact: str) -> None:
        if self._contacts is not None and contact != self._said:
            self._said = contact
            await self._contacts.put(self.account.name, contact)

    async def _forgotten(self) -> None:
        said, self._said = self._said, ""
        if self._contacts is not None and said:
            await self._contacts.remove(self.account.name, said)

    async def _look_up(self) -> list[Address]:
        """The one that knows us first, or it would keep what another of them has replaced."""
        host, port = self.account.hop
        family = socket.AF_INET6 if ":" in self._endpoint.transport.address[0] else socket.AF_INET
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, family=family, type=socket.SOCK_DGRAM
            )
        except (OSError, UnicodeError) as error:
            said = f"the name {host} leads to no address"
            raise NotRegisteredError(said) from error
        there = dict.fromkeys((str(each[4][0]), port) for each in found)
        return sorted(there, key=lambda address: address != self.peer)

    async def _flow_to(self, address: Address) -> Flow:
        """A connection is kept: calls may come on it."""
        known = self._flow
        if known is not None and known.peer == address and not known.closed:
            return known
        self._forget_flow()
        transport = self._endpoint.transport
        by = self.account.transport
        if by == "udp":
            self._flow = transport.udp_flow(address)
            return self._flow
        try:
            if by == "tls":  # the server has to prove the name that the plan has for it
                flow = await transport.connect_tls(address, self.account.hop[0])
            else:
                flow = await transport.connect(address)
        except (OSError, TimeoutError) as error:
            raise NotRegisteredError(_no_connection(address, by, error), elsewhere=True) from error
        flow.on_lost.add(self._lost)
        self._flow = flow
        return flow

    def _forget_flow(self) -> None:
        if self._flow is not None:
            self._flow.on_lost.discard(self._lost)
            self._flow = None

    def _lost(self, flow: Flow) -> None:
        self._flow = None
        self._connection_lost.set()

    def _know(self, hosts: frozenset[str]) -> None:
        """They are heard whatever others do."""
        for host in hosts - self.hosts:
            self._endpoint.peers.hold(host)
        for host in self.hosts - hosts:
            self._endpoint.peers.release(host)
        self.hosts = hosts

    def _registered(self, found: Granted) -> float:
        if not self.registered or self.error:
            server = self.account.server
            log.info("registration.done", trunk=self.account.trunk, server=server, s=found.seconds)
        self.error, self._failures = "", 0
        self._until = datetime.now(UTC) + timedelta(seconds=found.seconds)
        self._ends = asyncio.get_running_loop().time() + found.seconds
        self.routes = _way_out(self.account.routes, found.routes)
        if found.flow_timer != self._flow_timer:
            self._flow_timer = found.flow_timer
            self._other_timer.set()
        return refresh_after(found.seconds)

    def _failed(self, error: NotRegisteredError) -> float:
        self._failures += 1
        if str(error) != self.error:
            log.warning("registration.failed", trunk=self.account.trunk, error=str(error))
        self.error = str(error)
        return wait_after(self._failures, least=error.retry_after, longest=error.hopeless)

    async def _keep_alive(self) -> None:
        while True:
            every = keep_alive_every(KEEP_ALIVE_S, self._flow_timer)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._other_timer.wait()
                self._other_timer.clear()
                continue
            if self._flow is not None and self.registered:
                self._flow.send(KEEP_ALIVE, self._flow.peer)


def _no_connection(address: Address, by: str, error: Exception) -> str:
    said = f"no connection to {address[0]}:{address[1]} ({by.upper()})"
    why = "".join(c for c in str(error) if c.isprintable())[:160].rstrip(".")
    return f"{said}: {why}" if by == "tls" and why else said


def _way_out(proxy: tuple[str, ...], service: tuple[str, ...]) -> tuple[str, ...]:
    """Through our proxy and then as the registrar says (RFC 3608 §6.1), nowhere twice in a row."""
    first = service[0].partition(";")[0].strip("<>") if service else ""
    through = tuple(route for route in proxy if route.partition(";")[0].strip("<>") != first)
    return (*through, *service)
