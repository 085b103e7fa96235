"""All accounts of the plan in force, and which of them a call belongs to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from dialplans.engine.received import received
from dialplans.model import Dialplan
from dialplans.process.background import end
from dialplans.process.leadership import REFRESH_S, Leadership
from dialplans.telephony.addresses import address
from dialplans.telephony.call import CallContext
from sip.bridge.registration.account import Account, NoAccountError, account_of
from sip.bridge.registration.contact_store import ContactStore
from sip.bridge.registration.registration import Registration, State
from sip.bridge.signalling.dialogs.route import SIPS_PORT
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import SIP_PORT, Request
from sip.bridge.transport.flow import Address, Flow

log = structlog.get_logger()


@dataclass(frozen=True)
class WayOut:
    """How calls of an account leave: `routes` before the target, and where to send them first."""

    routes: tuple[str, ...]
    hop: Address
    flow: Flow | None = None
    """The connection that we are registered by."""


class Registrations:
    """`env` holds the passwords. Of several legs one registers the accounts, the leader: a server
    that knew two of us would send a call to both, or to the one that it heard last."""

    def __init__(
        self,
        endpoint: Endpoint,
        env: Mapping[str, str],
        leadership: Leadership | None = None,
        contacts: ContactStore | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._env = env
        self._leadership = leadership
        self._contacts = contacts
        self._plan: Dialplan | None = None
        self._kept: dict[str, Registration] = {}
        self._not_kept: dict[str, str] = {}
        self._wanted: dict[str, Account] = {}
        self._changed = asyncio.Event()
        self._follows = False
        """Whether another leg was found to lead."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Take all of them back, and let another leg have them. Calls that are up go on."""
        await end(self._task)
        self._wanted = {}
        await self._catch_up()
        if self._leadership is not None:
            await self._leadership.release()

    @property
    def leads(self) -> bool:
        """Whether accounts are registered from here."""
        return self._leadership is None or self._leadership.held

    def keeps(self, server: str, username: str) -> bool:
        """Whether a call through livekit-server's trunk with this address and login is one by an
        account of ours, registered here or by another leg."""
        return any(
            (account.server, account.login.username) == (server, username)
            for account in self._wanted.values()
        )

    def follow(self, plan: Dialplan) -> None:
        """This plan is in force now."""
        self._plan = plan
        wanted: dict[str, Account] = {}
        missing: dict[str, str] = {}
        for name, trunk in plan.trunks.items():
            if trunk.account is None:
                continue
            try:
                wanted[name] = account_of(name, trunk, self._env)
            except NoAccountError as error:
                missing[name] = str(error)
                if self._not_kept.get(name) != str(error):
                    log.warning("registration.failed", trunk=name, error=str(error))
        self._wanted, self._not_kept = wanted, missing
        self._changed.set()

    def trunk_of(self, request: Request, flow: Flow) -> str | None:
        """The trunk whose account this call came to: from its server, and either to the account's
        own name or to a number of the trunk. Other calls of the same host are none of ours."""
        host = flow.peer[0]
        there = [name for name, kept in self._kept.items() if host in kept.hosts]
        if not there:
            return None
        user = address(request.uri).user
        named = [name for name in there if self._kept[name].account.user == user]
        if len(named) == 1:
            return named[0]
        headers = request.all_headers()
        called = received(self._plan, CallContext(request.uri, headers=headers)).called
        number = self._plan.numbers.get(called) if self._plan is not None else None
        return number.trunk if number is not None and number.trunk in there else None

    def way_out(self, server: str, username: str) -> WayOut | None:
        """For a call through livekit-server's trunk with this address and login."""
        for kept in self._kept.values():
            account = kept.account
            if (account.server, account.login.username) == (server, username):
                return self._way(kept)
        return None

    def report(self) -> dict[str, dict[str, Any]]:
        """By trunk, for whoever asks how things are. Where another leg leads there is nothing to
        say here."""
        if self._follows:
            return {}
        states = {name: kept.state for name, kept in self._kept.items()}
        states |= {name: State(error=error) for name, error in self._not_kept.items()}
        for name in self._wanted.keys() - states.keys():
            states[name] = State(error="has not been tried yet")
        return {
            name: {
                "registered": state.registered,
                "until": state.until.isoformat(timespec="seconds") if state.until else None,
                "error": state.error,
            }
            for name, state in sorted(states.items())
        }

    def _way(self, kept: Registration) -> WayOut:
        """To the proxy or server that knows us, unless the registrar names another first."""
        account, tls = kept.account, kept.account.transport == "tls"
        if kept.routes and kept.routes[0] not in account.routes:
            named = address(kept.routes[0])
            port = named.port or (SIPS_PORT if tls else SIP_PORT)
            return WayOut(kept.routes, (named.host.strip("[]"), port))
        # By TLS it has to prove its name, so that is what is called.
        hop = account.hop if tls else kept.peer or account.hop
        return WayOut(kept.routes, hop, kept.connection)

    async def _run(self) -> None:
        """Whoever leads has to say so again and again, and others look whether somebody does."""
        while True:
            if self._leadership is not None:
                self._follows = not await self._leadership.refresh()
            await self._catch_up()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S if self._leadership is not None else None):
                    await self._changed.wait()
            self._changed.clear()

    async def _catch_up(self) -> None:
        """What goes, goes first: a trunk may have another's account under a new name, and taking
        that back later would take it from both."""
        wanted = self._wanted if self.leads else {}
        gone = [n for n, kept in self._kept.items() if wanted.get(n) != kept.account]
        await asyncio.gather(*(self._kept[name].aclose() for name in gone))
        for name in gone:
            del self._kept[name]
        for name, account in wanted.items():
            if name not in self._kept:
                self._kept[name] = Registration(self._endpoint, account, self._contacts)
                self._kept[name].start()
