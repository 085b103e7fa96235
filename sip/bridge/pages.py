"""What the leg says of itself over HTTP: `/health` and `/metrics`."""

from __future__ import annotations

import asyncio

import msgspec
import psutil

from sip.bridge.admission.capacity import Capacity
from sip.bridge.calls.services import CallServices
from sip.bridge.carriers.ping import Pings
from sip.bridge.psrpc.bus import Bus
from sip.bridge.runtime.health import Answer, json_answer


class Pages:
    def __init__(self, services: CallServices, capacity: Capacity, bus: Bus, pings: Pings) -> None:
        self._services = services
        self._capacity = capacity
        self._bus = bus
        self._pings = pings

    def page(self, path: str) -> Answer:
        match path.split("?", 1)[0]:
            case "/" | "/health":
                return self._health()
            case "/metrics":
                self._measure()
                return Answer(200, self._services.metrics.text(), "text/plain; version=0.0.4")
        return Answer(404, b"")

    def _health(self) -> Answer:
        services = self._services
        if self._capacity.draining:
            state, status = "draining", 503
        elif not services.pool.there:
            state, status = "no media worker", 503
        elif not self._bus.connected.is_set():
            state, status = "redis is away", 503
        elif self._capacity.too_busy or self._capacity.full:
            state, status = "full", 429
        else:
            state, status = "ok", 200
        return json_answer(
            status,
            {
                "state": state,
                "leg": services.settings.name,
                "other_legs": sorted(services.legs.others),
                "leads": services.registrations.leads,
                "calls": self._capacity.busy,
                "media_workers": services.pool.shown(),
                "rtp_ports": len(services.ports),
                "tasks": len(asyncio.all_tasks()),
                "transactions": services.endpoint.transactions,
                "dialogs": services.endpoint.dialogs,
                "registrations": services.registrations.report(),
                "telephones": services.telephones.report(),
                "carriers": msgspec.to_builtins(self._pings.states),
            },
        )

    def _measure(self) -> None:
        services, metrics = self._services, self._services.metrics
        metrics.leg.labels(services.settings.name).set(services.registrations.leads)
        metrics.registered.clear()
        for trunk, state in services.registrations.report().items():
            metrics.registered.labels(trunk).set(state["registered"])
        metrics.telephones.clear()
        for name, telephone in services.telephones.report().items():
            metrics.telephones.labels(name).set(len(telephone["at"]))
        metrics.ports.set(len(services.ports))
        metrics.tasks.set(len(asyncio.all_tasks()))
        metrics.transactions.set(services.endpoint.transactions)
        metrics.dialogs.set(services.endpoint.dialogs)
        metrics.received.set(services.endpoint.counters.received)
        metrics.malformed.set(services.endpoint.counters.malformed)
        metrics.failed.set(services.endpoint.counters.failed)
        metrics.flooded.set(services.endpoint.counters.flooded)
        metrics.shut_out.set(services.endpoint.counters.shut_out)
        metrics.dropped.set(services.endpoint.transport.dropped)
        metrics.connections.set(services.endpoint.transport.connections)
        metrics.waiting_events.set(len(services.outbox))
        metrics.hep_lost.set(services.hep.lost if services.hep is not None else 0)
        own = psutil.Process().memory_info().rss
        metrics.memory.set(own + services.pool.resident)
        metrics.late.set(services.pool.take_worst_late())
        metrics.carriers.clear()
        for carrier in self._pings.states:
            metrics.carriers.labels(carrier.trunk, carrier.address).set(carrier.up)
        metrics.workers.set(services.pool.there)
