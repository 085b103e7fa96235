"""The SIP leg put together: the only place where its parts meet."""

from __future__ import annotations

import asyncio
import contextlib

import psutil
import structlog

from dialplans.contracts.events import Refused
from dialplans.telephony.addresses import address
from dialplans.telephony.call import ANONYMOUS, new_call_id
from dialplans.telephony.identity import identify
from dialplans.telephony.numbers import load_numbering
from sip.bridge.calls.admission import Admission
from sip.bridge.calls.door import context_of
from sip.bridge.calls.house import House
from sip.bridge.calls.inbound import Inbound
from sip.bridge.calls.outbound import serve_outbound
from sip.bridge.calls.outcome import DRAINED
from sip.bridge.calls.why import Trunks
from sip.bridge.health import Answer, HttpServer, json_answer
from sip.bridge.journal import SOURCE, EventBuffer
from sip.bridge.load import CpuMeter
from sip.bridge.media.address import Ours
from sip.bridge.media.clock import Clock
from sip.bridge.media.ports import Ports
from sip.bridge.metrics import Metrics
from sip.bridge.plans import StoredPlans
from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.server import Server
from sip.bridge.room import ffi
from sip.bridge.settings import Settings
from sip.bridge.sweep import Sweeper
from sip.bridge.ua.endpoint import Endpoint
from sip.bridge.ua.guard import Guard, Limits
from sip.bridge.ua.message import Request
from sip.bridge.ua.peers import Peers
from sip.bridge.ua.server_transaction import ServerTransaction
from sip.bridge.ua.transport import Flow

log = structlog.get_logger()


class Bridge:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        ffi.install()
        self._bus = Bus(settings.redis_url)
        self._plans = StoredPlans(self._bus.redis)
        limits = Limits.of(
            calls=settings.sip_calls_per_second,
            messages=settings.sip_messages_per_second,
            octets=settings.sip_bytes_per_second,
            stranger_octets=settings.sip_stranger_bytes_per_second,
        )
        guard = Guard(limits, Peers(lambda: self._plans.addresses))
        host = settings.sip_listen[0]
        ports = Ports(host, settings.rtp_ports)
        self.house = House(
            settings=settings,
            endpoint=Endpoint(settings.sip_listen, guard=guard),
            ports=ports,
            ours=Ours(host, settings.sip_advertise, settings.service_ports, rtp=ports),
            clock=Clock(),
            livekit=Client(self._bus, "IOInfo"),
            methods=Server(self._bus, "SIPInternal"),
            events=EventBuffer(self._bus.redis),
            admission=Admission(self._plans),
            metrics=Metrics(),
            cpu=CpuMeter(settings.sip_max_cpu),
            trunks=Trunks(settings.keys),
            sweeper=Sweeper(),
        )
        self._http = HttpServer(settings.sip_health, self._page)

    async def start(self) -> None:
        """Raises OSError naming the address when a port is taken."""
        house = self.house
        await self._http.start()
        await asyncio.to_thread(load_numbering)
        ffi.keep_warm()
        house.events.start()
        house.cpu.start()
        await house.livekit.start()
        await self._plans.start()
        await serve_outbound(house)
        house.endpoint.on_invite = self._invited
        house.endpoint.on_flood = self._flooded
        await house.endpoint.start(self.settings.host)
        house.sweeper.start()
        host, port = house.endpoint.transport.address
        log.info("bridge.ready", sip=f"{host}:{port}", health=self._http.address)

    async def drain(self) -> None:
        """Take no more calls and wait until those that are up have ended."""
        house = self.house
        house.draining = True
        log.info("bridge.draining", calls=len(house.calls))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.sip_drain_for):
                while house.busy:  # noqa: ASYNC110 - seconds do not matter here
                    await asyncio.sleep(0.1)

    async def aclose(self) -> None:
        house = self.house
        house.draining = True
        for call in tuple(house.calls.values()):
            call.end(DRAINED)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await house.tasks.finish()
        await house.tasks.aclose()
        await house.endpoint.aclose()
        await house.clock.aclose()
        await house.cpu.aclose()
        await house.sweeper.aclose()
        await self._plans.aclose()
        await house.events.aclose()
        await self._http.aclose()
        await self._bus.aclose()

    def _invited(self, transaction: ServerTransaction) -> None:
        self.house.tasks.spawn(Inbound(self.house, transaction).run())

    def _flooded(self, request: Request, flow: Flow) -> None:
        sent = context_of(request, flow)
        called = address(sent.called).user
        who = identify(sent.caller, sent.headers, trusted=False)
        self.house.metrics.refused.labels("503", "flood").inc()
        self.house.events.note(
            Refused(
                call=new_call_id(called),
                source=SOURCE,
                code=503,
                reason="flood",
                detail=f"more than {self.settings.sip_calls_per_second:g} calls a second",
                called=called,
                caller=address(who.shown).user or ANONYMOUS,
                source_ip=sent.source_ip,
            )
        )

    def _page(self, path: str) -> Answer:
        match path.split("?", 1)[0]:
            case "/" | "/health":
                return self._health()
            case "/metrics":
                self._measure()
                return Answer(200, self.house.metrics.text(), "text/plain; version=0.0.4")
        return Answer(404, b"")

    def _health(self) -> Answer:
        house = self.house
        if house.draining:
            state, status = "draining", 503
        elif not self._bus.connected.is_set():
            state, status = "redis is away", 503
        elif house.cpu.too_busy or house.busy >= self.settings.sip_max_calls:
            state, status = "full", 429
        else:
            state, status = "ok", 200
        return json_answer(
            status,
            {
                "state": state,
                "calls": house.busy,
                "rtp_ports": len(house.ports),
                "tasks": len(asyncio.all_tasks()),
                "transactions": house.endpoint.transactions,
                "dialogs": house.endpoint.dialogs,
            },
        )

    def _measure(self) -> None:
        house, metrics = self.house, self.house.metrics
        metrics.ports.set(len(house.ports))
        metrics.tasks.set(len(asyncio.all_tasks()))
        metrics.transactions.set(house.endpoint.transactions)
        metrics.dialogs.set(house.endpoint.dialogs)
        metrics.received.set(house.endpoint.counters.received)
        metrics.malformed.set(house.endpoint.counters.malformed)
        metrics.flooded.set(house.endpoint.counters.flooded)
        metrics.shut_out.set(house.endpoint.counters.shut_out)
        metrics.dropped.set(house.endpoint.transport.dropped)
        metrics.connections.set(house.endpoint.transport.connections)
        metrics.waiting_events.set(len(house.events))
        metrics.memory.set(psutil.Process().memory_info().rss)
        metrics.late.set(house.clock.worst_late)
        house.clock.worst_late = 0.0
