"""What Prometheus can ask about the leg."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SETUP_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 2, 4, 8, 16, 32)


class Metrics:
    """Names begin with `switchboard_sip_`. The registry is its own, not the one of the process."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.calls = Gauge(
            "switchboard_sip_calls", "Calls that are up", ["direction"], registry=registry
        )
        self.refused = Counter(
            "switchboard_sip_refused", "Calls refused", ["code", "reason"], registry=registry
        )
        self.ended = Counter("switchboard_sip_ended", "Calls ended", ["cause"], registry=registry)
        self.setup = Histogram(
            "switchboard_sip_setup_seconds",
            "INVITE to 200 OK",
            registry=registry,
            buckets=SETUP_BUCKETS,
        )
        self.lost_packets = Counter(
            "switchboard_sip_rtp_lost", "RTP packets of phones that never came", registry=registry
        )
        self.packets = Counter(
            "switchboard_sip_rtp_received", "RTP packets of phones", registry=registry
        )
        self.strangers = Counter(
            "switchboard_sip_rtp_strangers",
            "RTP packets of others than the phone, dropped",
            registry=registry,
        )
        self.rejoins = Counter(
            "switchboard_sip_rejoins", "Rooms joined again in mid-call", registry=registry
        )
        self.workers = Gauge(
            "switchboard_sip_media_workers", "Media workers that are there", registry=registry
        )
        self.ports = Gauge("switchboard_sip_rtp_ports", "RTP ports in use", registry=registry)
        self.tasks = Gauge("switchboard_sip_tasks", "Tasks of the event loop", registry=registry)
        self.transactions = Gauge(
            "switchboard_sip_transactions", "SIP transactions remembered", registry=registry
        )
        self.dialogs = Gauge("switchboard_sip_dialogs", "SIP dialogs", registry=registry)
        self.late = Gauge(
            "switchboard_sip_clock_late_seconds",
            "The worst delay of the 20 ms clock since the last scrape",
            registry=registry,
        )
        self.received = Gauge(
            "switchboard_sip_received", "Messages that arrived", registry=registry
        )
        self.malformed = Gauge(
            "switchboard_sip_malformed", "Messages that could not be read", registry=registry
        )
        self.flooded = Gauge(
            "switchboard_sip_flooded", "Messages over an address's rate", registry=registry
        )
        self.shut_out = Gauge(
            "switchboard_sip_shut_out",
            "Messages and connections of addresses that no trunk names",
            registry=registry,
        )
        self.dropped = Gauge(
            "switchboard_sip_dropped",
            "Datagrams that the kernel dropped: of addresses shut out, or for want of room",
            registry=registry,
        )
        self.connections = Gauge(
            "switchboard_sip_connections", "TCP connections", registry=registry
        )
        self.registered = Gauge(
            "switchboard_sip_registered",
            "Whether the account of a trunk is registered",
            ["trunk"],
            registry=registry,
        )
        self.telephones = Gauge(
            "switchboard_sip_telephone_places",
            "At how many places a telephone of the company is registered",
            ["telephone"],
            registry=registry,
        )
        self.carriers = Gauge(
            "switchboard_sip_carrier_up",
            "Addresses that calls out go to: 1 for one that answers",
            ["trunk", "address"],
            registry=registry,
        )
        self.waiting_events = Gauge(
            "switchboard_sip_events_waiting", "Events not yet in the stream", registry=registry
        )
        self.memory = Gauge("switchboard_sip_resident_bytes", "Resident memory", registry=registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)
