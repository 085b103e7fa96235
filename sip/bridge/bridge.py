"""The SIP leg put together: the only place where its parts meet."""

from __future__ import annotations

import asyncio
import contextlib
import os

import msgspec
import structlog
from redis.exceptions import RedisError

from dialplans.contracts.carriers import CarrierState, carriers_of
from dialplans.contracts.causes import RefusalReason
from dialplans.contracts.events import Refused
from dialplans.language.leg_capabilities import EMBEDDED, WITHOUT_TLS, LegPresent
from dialplans.model import Dialplan
from dialplans.process.leadership import Leadership
from dialplans.telephony.addresses import address
from dialplans.telephony.call import ANONYMOUS, new_call_id
from dialplans.telephony.identity import identify
from sip.bridge.admission.admission import AdmissionServices, context_of
from sip.bridge.admission.calling_telephones import CallingTelephones
from sip.bridge.admission.capacity import Capacity
from sip.bridge.admission.plan_in_force import StoredPlans, outbound_of
from sip.bridge.admission.plan_policy import PlanPolicy
from sip.bridge.admission.refusal_reason import InboundTrunks
from sip.bridge.admission.shared_limits import SharedLimits
from sip.bridge.admission.trunk_login import TrunkLogins
from sip.bridge.calls.inbound import Inbound
from sip.bridge.calls.outbound import serve_outbound
from sip.bridge.calls.outcome import DRAINED
from sip.bridge.calls.resume import resume
from sip.bridge.calls.services import CallServices, LiveCall
from sip.bridge.calls.transfers.replacement import Replacement, replaces_another
from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.carriers.ping import Pings, Trunks
from sip.bridge.legs.presence import Presence
from sip.bridge.media.address import Ours
from sip.bridge.media.ports import Ports
from sip.bridge.pages import Pages
from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.server import Server
from sip.bridge.registrar.binding_store import BindingStore
from sip.bridge.registrar.registrar import Registrar
from sip.bridge.registrar.telephones import Telephones
from sip.bridge.registration.contact_store import ContactStore
from sip.bridge.registration.registrations import Registrations
from sip.bridge.runtime.cpu_meter import CpuMeter
from sip.bridge.runtime.garbage_collector import GarbageCollector
from sip.bridge.runtime.health import HttpServer
from sip.bridge.runtime.metrics import Metrics
from sip.bridge.runtime.outbox import LAST_SECONDS, SOURCE, leg_outbox
from sip.bridge.runtime.settings import Settings
from sip.bridge.signalling.addresses import AddressError, host_and_port
from sip.bridge.signalling.digest import Challenger
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.trace.hep import Hep
from sip.bridge.trace.ladder import Hop
from sip.bridge.trace.recorder import Recorder
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard, Limits
from sip.bridge.transport.peers import Peers
from sip.bridge.transport.sockets import Sockets
from sip.bridge.transport.tls import Certificates
from sip.bridge.workers.pool import Pool

log = structlog.get_logger()

ACCOUNTS = "switchboard:accounts:leader"
"""The lock of the leg that registers accounts."""


class Bridge:
    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.settings = settings
        self._bus = Bus(settings.redis_url)
        leg = EMBEDDED if settings.sip_tls_listen else WITHOUT_TLS
        self._plans = StoredPlans(self._bus.redis, leg)
        limits = Limits.of(
            calls=settings.sip_calls_per_second,
            messages=settings.sip_messages_per_second,
            octets=settings.sip_bytes_per_second,
            stranger_octets=settings.sip_stranger_bytes_per_second,
        )
        guard = Guard(limits, Peers(lambda: self._plans.addresses))
        host = settings.sip_listen[0]
        ports = Ports(host, settings.rtp_ports)
        livekit = Client(self._bus, "IOInfo")
        certificates = Certificates(settings.tls_files)
        endpoint = Endpoint(settings.sip_listen, guard=guard, certificates=certificates)
        redis = self._bus.redis
        self._legs = Presence(redis, self._told)
        self._shared = SharedLimits(redis)
        registrations = Registrations(
            endpoint,
            os.environ,
            Leadership(
                redis, ACCOUNTS, what="registrations", me=f"{settings.name} {settings.address}"
            ),
            ContactStore(redis),
        )
        telephones = Telephones(
            endpoint, BindingStore(redis), os.environ, leg=settings.name, legs=self._legs
        )
        self._registrar = Registrar(endpoint, telephones)
        challenger = Challenger()
        self._plans.on_change = self._follow
        self._dns = Dns(settings.sip_resolver, six=":" in host)
        calls: dict[str, LiveCall] = {}
        outbox = leg_outbox(self._bus.redis)
        trace = Recorder(outbox)
        hep = Hep(settings.sip_hep) if settings.sip_hep is not None else None
        self._capacity = Capacity(
            settings.sip_max_calls, CpuMeter(settings.sip_max_cpu), calls.keys(), lambda: pool.cpu
        )
        self.services = CallServices(
            settings=settings,
            endpoint=endpoint,
            ports=ports,
            ours=Ours(
                host,
                settings.sip_advertise,
                settings.service_ports,
                rtp=ports,
                also=self._legs.uses,
            ),
            pool=pool,
            livekit=livekit,
            methods=Server(self._bus, "SIPInternal"),
            outbox=outbox,
            trace=trace,
            hep=hep,
            admission=AdmissionServices(
                capacity=self._capacity,
                policy=PlanPolicy(self._plans),
                livekit=livekit,
                trunks=InboundTrunks(settings.api_key),
                logins=TrunkLogins(settings.api_key),
                guard=guard,
                account_of=registrations.trunk_of,
                telephones=CallingTelephones(telephones, guard, challenger),
                challenger=challenger,
                shared=self._shared,
            ),
            metrics=Metrics(),
            garbage=GarbageCollector(),
            registrations=registrations,
            telephones=telephones,
            carriers=Carriers(self._dns),
            legs=self._legs,
            calls=calls,
        )
        self._pings = Pings(
            endpoint,
            self.services.carriers,
            self._outbound,
            every=settings.sip_ping,
            tell=self._tell_carriers,
        )
        self._http = HttpServer(
            settings.sip_health,
            Pages(self.services, self._capacity, self._bus, self._pings).page,
        )

    async def start(self, sockets: Sockets) -> None:
        """Raises OSError naming the address when a port is taken, and NameTakenError."""
        services = self.services
        await self._http.start()
        self._capacity.cpu.start()
        await services.pool.start()
        await services.livekit.start()
        await self._legs.start()
        await services.telephones.start()
        await self._plans.start()
        await serve_outbound(services)
        services.endpoint.on_invite = self._invited
        services.endpoint.on_flood = self._flooded
        services.endpoint.on_options = self._what_a_call_would_meet
        services.endpoint.transport.tap = self._tapped
        await services.endpoint.start(self.settings.host, sockets)
        for found in services.pool.take_found():
            resume(services, found)
        services.registrations.start()
        self._shared.start()
        services.garbage.start()
        self._pings.start()
        services.trace.start()
        host, port = services.endpoint.transport.address
        services.trace.local = f"{self.settings.host}:{port}"
        if (hep := services.hep) is not None:
            hep.local = services.trace.local
            services.trace.on_message = hep.message
            hep.start()
        tls = services.endpoint.transport.tls_address
        by_tls = {"tls": f"{tls[0]}:{tls[1]}"} if tls is not None else {}
        log.info("bridge.ready", sip=f"{host}:{port}", health=self._http.address, **by_tls)

    async def drain(self) -> None:
        """Take no more calls and wait until those that are up have ended."""
        services = self.services
        self._capacity.draining = True
        log.info("bridge.draining", calls=len(services.calls))
        await services.registrations.aclose()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.sip_drain_for):
                while self._capacity.busy:  # noqa: ASYNC110 - seconds do not matter here
                    await asyncio.sleep(0.1)

    async def aclose(self) -> None:
        services = self.services
        self._capacity.draining = True
        for call in tuple(services.calls.values()):
            call.end(DRAINED)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await services.tasks.finish()
        await services.tasks.aclose()
        await services.registrations.aclose()
        await services.telephones.aclose()
        await self._legs.aclose()
        await services.endpoint.aclose()
        await services.pool.aclose()
        await self._capacity.cpu.aclose()
        await self._shared.aclose()
        await services.garbage.aclose()
        await self._plans.aclose()
        await self._pings.aclose()
        await self._dns.aclose()
        await services.trace.aclose()
        if services.hep is not None:
            await services.hep.aclose()
        await services.outbox.aclose(LAST_SECONDS)
        await self._http.aclose()
        await self._bus.aclose()

    def _told(self) -> LegPresent:
        """What other legs learn of this one."""
        settings = self.settings
        takes, leads = self._capacity.affinity() >= 0, self.services.registrations.leads
        return LegPresent(settings.name, settings.address, settings.own_ports, takes, leads)

    def _follow(self, plan: Dialplan) -> None:
        self.services.registrations.follow(plan)
        self.services.telephones.follow(plan)
        self._registrar.follow()

    def _tapped(self, data: bytes, flow: Flow, peer: Address, sent: bool) -> None:
        try:
            self.services.trace.tap(data, Hop(sent, flow.name, *peer))
        except Exception:
            # Whatever somebody sends, it is not for its trace that a message goes astray.
            log.exception("sip.not_traced", peer=peer[0])

    def _invited(self, transaction: ServerTransaction) -> None:
        kind = Replacement if replaces_another(transaction.request) else Inbound
        self.services.tasks.spawn(kind(self.services, transaction).run())

    def _what_a_call_would_meet(self, request: Request, flow: Flow) -> int:
        """As a carrier wants to know it, which then sends its calls elsewhere (RFC 3261 §11.2).
        Others learn that somebody is here, and nothing about numbers."""
        services = self.services
        if not services.endpoint.peers.standing(flow.peer[0]).known:
            return 200
        if self._capacity.draining:
            return 503
        policy = services.admission.policy
        names_nobody = "@" not in request.uri and request.uri.lower().startswith("sip")
        ours = names_nobody or policy.has(policy.read(context_of(request, flow)))
        return 200 if ours else 404

    def _flooded(self, request: Request, flow: Flow) -> None:
        sent = context_of(request, flow)
        called = address(sent.called).user
        who = identify(sent.caller, sent.headers, trusted=False)
        record = new_call_id(called)
        self.services.trace.claim(request.call_id, record)
        self.services.trace.over(request.call_id)
        self.services.metrics.refused.labels("503", RefusalReason.FLOOD).inc()
        self.services.outbox.add(
            Refused(
                call=record,
                source=SOURCE,
                code=503,
                reason=RefusalReason.FLOOD,
                detail=f"more than {self.settings.sip_calls_per_second:g} calls a second",
                called=called,
                caller=address(who.shown).user or ANONYMOUS,
                source_ip=sent.source_ip,
            )
        )

    def _outbound(self) -> Trunks:
        """Where calls out of the plan in force go."""
        ready = self._plans.current
        places: dict[str, Place] = {}
        for name, (where, transport) in outbound_of(ready.plan).items() if ready else ():
            try:
                host, port = host_and_port(where)
            except AddressError:
                continue
            places[name] = Place(host.strip("[]"), port, transport)
        return places

    async def _tell_carriers(self, states: list[CarrierState]) -> None:
        with contextlib.suppress(RedisError, OSError):
            said_for = int(3 * self.settings.sip_ping) + 1
            key = carriers_of(self.settings.name)
            await self._bus.redis.set(key, msgspec.json.encode(states), ex=said_for)
