"""The company's telephones: who may register, and where each is."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import msgspec
import structlog

from dialplans.engine.admit import inside
from dialplans.model import Dialplan, Telephone
from dialplans.process.background import end
from dialplans.telephony.addresses import address
from sip.bridge.registrar.binding_store import Bindings, BindingStore
from sip.bridge.registrar.bindings import Binding
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import SIP_PORT
from sip.bridge.transport.flow import Address, Flow
from sip.credentials import MissingSecretsError, secret

log = structlog.get_logger()

REALM = "switchboard"
KEEP_ALIVE_S = 25.0
KEEP_ALIVE = b"\r\n\r\n"


LEARN_S = 2.0


class Legs(Protocol):
    """The others on this Redis: `sip.bridge.legs.presence`."""

    @property
    def any_other(self) -> bool: ...

    def takes(self, name: str) -> bool: ...


class _Alone:
    any_other = False

    def takes(self, name: str) -> bool:
        return False


ALONE = _Alone()


@dataclass(frozen=True)
class Place:
    """Where a telephone can be rung. `flow` is a connection of its own that is still there."""

    uri: str
    address: Address
    routes: tuple[str, ...]
    tcp: bool
    flow: Flow | None
    q: float


class Telephones:
    """`env` holds the passwords. `leg` is what this leg is called among `legs` on its Redis."""

    def __init__(
        self,
        endpoint: Endpoint,
        store: BindingStore,
        env: Mapping[str, str],
        *,
        leg: str = "",
        legs: Legs = ALONE,
    ) -> None:
        self._leg = leg
        self._legs = legs
        self._endpoint = endpoint
        self._store = store
        self._env = env
        self._known: dict[str, tuple[Telephone, Login]] = {}
        self._missing: dict[str, str] = {}
        self._bindings: dict[str, Bindings] = {}
        self._flows: dict[tuple[str, tuple[str, str, int]], Flow] = {}
        self._nobody = Login("", secrets.token_hex(), REALM)
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        self._bindings = {**await self._store.start(), **self._bindings}
        self._tasks = (
            asyncio.create_task(self._keep_alive()),
            asyncio.create_task(self._learn()),
        )

    async def aclose(self) -> None:
        """They stay registered: the leg that starts next rings them."""
        await end(*self._tasks)
        await self._store.aclose()

    def follow(self, plan: Dialplan) -> None:
        """This plan is in force now. Who is not in it is forgotten."""
        self._known, self._missing = {}, {}
        for name, telephone in plan.telephones.items():
            try:
                login = Login(name, secret(telephone.password, self._env), REALM)
                self._known[name] = (telephone, login)
            except MissingSecretsError as error:
                self._missing[name] = str(error)
                log.warning("telephone.cannot_register", telephone=name, error=str(error))
        for name in self._bindings.keys() - plan.telephones.keys():
            self._store.put(name, self._bindings.pop(name), ())

    @property
    def any(self) -> bool:
        return bool(self._known)

    def has(self, name: str) -> bool:
        """Whether the plan has such a telephone, with a password that is known here."""
        return name in self._known

    def login(self, name: str, host: str) -> Login:
        """Whose password to ask for. Of a telephone that there is not, or not there, one that
        nobody knows: to whoever asks there is no difference."""
        telephone, login = self._known.get(name, (None, self._nobody))
        if telephone is None or (telephone.allow and not inside(host, telephone.allow)):
            return self._nobody
        return login

    def of(self, name: str) -> Bindings:
        now = time.time()
        return tuple(b for b in self._bindings.get(name, ()) if b.until > now)

    async def look_up(self, name: str) -> None:
        """It may have registered with another leg on the same Redis."""
        if name in self._known and (self._legs.any_other or not self.of(name)):
            found = await self._store.get(name)
            if found is not None:
                self._bindings[name] = found

    async def rung_from_here(self, name: str) -> bool:
        """Whether a call to it is for this leg: it is registered here, or nowhere where another
        could ring it. Behind a router or over a connection only that leg reaches it which it has
        registered with."""
        if not self._legs.any_other:
            return True
        await self.look_up(name)
        legs = {binding.leg for binding in self.of(name)}
        return self._leg in legs or not any(self._legs.takes(leg) for leg in legs)

    def bind(self, name: str, bindings: Bindings, flow: Flow) -> None:
        """From now on `name` is at these places, and `flow` is the way to those on it."""
        known = self.of(name)
        before = {binding.key for binding in known}
        # Those that this REGISTER has made or renewed are to be rung from here.
        mine = partial(msgspec.structs.replace, leg=self._leg)
        bindings = tuple(one if one in known else mine(one) for one in bindings)
        after = {binding.key: binding for binding in bindings}
        for key in after.keys() - before:
            where = f"{after[key].host}:{after[key].port}"
            log.info("telephone.registered", telephone=name, at=where, agent=after[key].agent)
        for key in before - after.keys():
            log.info("telephone.gone", telephone=name, contact=key[1])
            self._flows.pop((name, key), None)
        for key, binding in after.items():
            if flow.reliable and (binding.host, binding.port) == flow.peer:
                self._flows[name, key] = flow
                flow.on_lost.add(self._lost)
        self._store.put(name, self._bindings.get(name, ()), bindings)
        self._bindings[name] = bindings

    def places(self, name: str) -> list[list[Place]]:
        """Where to ring: the places that are wanted most, together, then the next (RFC 3261
        §16.6)."""
        found = [self._place(name, binding) for binding in self.of(name)]
        wanted = sorted({place.q for place in found}, reverse=True)
        return [[place for place in found if place.q == q] for q in wanted]

    def report(self) -> dict[str, dict[str, Any]]:
        """By name, for whoever asks how things are."""
        told: dict[str, dict[str, Any]] = {
            name: {
                "at": [f"{binding.host}:{binding.port}" for binding in self.of(name)],
                "agents": sorted({b.agent for b in self.of(name) if b.agent}),
                "error": "",
            }
            for name in self._known
        }
        for name, error in self._missing.items():
            told[name] = {"at": [], "agents": [], "error": error}
        return dict(sorted(told.items()))

    def _place(self, name: str, binding: Binding) -> Place:
        flow = self._flows.get((name, binding.key))
        where, tcp = (binding.host, binding.port), binding.tcp
        if binding.path or (tcp and flow is None):
            hop = address(binding.path[0] if binding.path else binding.contact)
            tcp = hop.parameters.get("transport", "udp").lower() == "tcp"
            where = (hop.host.strip("[]"), hop.port or SIP_PORT)
        return Place(binding.contact, where, binding.path, tcp, flow, binding.q)

    def _lost(self, flow: Flow) -> None:
        """A telephone whose connection is gone is not to be reached until it registers again (RFC
        5626 §5.3)."""
        for name, key in [where for where, known in self._flows.items() if known is flow]:
            del self._flows[name, key]
            known = self.of(name)
            left = tuple(one for one in known if one.key != key or one.leg != self._leg)
            log.info("telephone.gone", telephone=name, contact=key[1])
            self._store.put(name, known, left, leg=self._leg)
            self._bindings[name] = left

    async def _keep_alive(self) -> None:
        """A router before a telephone forgets the way to it after half a minute."""
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            for name in self._known:
                for binding in self._kept_open(name):
                    flow = self._flows.get((name, binding.key))
                    if flow is not None:
                        flow.send(KEEP_ALIVE)
                    elif not binding.tcp:
                        where = (binding.host, binding.port)
                        self._endpoint.transport.udp_flow(where).send(KEEP_ALIVE)

    def _kept_open(self, name: str) -> list[Binding]:
        """A router lets through only who it was opened for."""
        return [one for one in self.of(name) if one.leg in (self._leg, "")]

    async def _learn(self) -> None:
        """What other legs have heard, for those who ask where a telephone is."""
        while True:
            await asyncio.sleep(LEARN_S)
            if self._legs.any_other and (found := await self._store.read()) is not None:
                self._bindings = found
