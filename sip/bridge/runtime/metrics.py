"""What Prometheus can ask about the leg."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LOSS_BUCKETS = (0.0, 0.1, 0.3, 1, 2, 3, 5, 10, 20, 50)
JITTER_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16)
MOS_BUCKETS = (1.5, 2.0, 2.5, 3.0, 3.3, 3.6, 3.8, 4.0, 4.2, 4.3, 4.4, 4.5)
_DIRECTIONS = {"": "received", "_sent": "sent"}
"""What a figure's name ends in, and the label."""
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
        self.loss = Histogram(
            "switchboard_sip_rtp_loss_percent",
            "Share of a call's RTP packets that were lost",
            ["direction"],
            registry=registry,
            buckets=LOSS_BUCKETS,
        )
        self.jitter = Histogram(
            "switchboard_sip_rtp_jitter_seconds",
            "Interarrival jitter of a call (RFC 3550)",
            ["direction"],
            registry=registry,
            buckets=JITTER_BUCKETS,
        )
        self.mos = Histogram(
            "switchboard_sip_mos",
            "How a call sounded, 1 to 4.5 (E-model, ITU-T G.107)",
            ["direction"],
            registry=registry,
            buckets=MOS_BUCKETS,
        )
        self.unreadable = Counter(
            "switchboard_sip_rtp_unreadable",
            "RTP packets of phones that are not encrypted with the call's key, dropped",
            registry=registry,
        )
        self.rejoins = Counter(
            "switchboard_sip_rejoins", "Rooms joined again in mid-call", registry=registry
        )
        self.leg = Gauge(
            "switchboard_sip_leg",
            "Which leg says all this; 1 if it is the one that registers accounts",
            ["leg"],
            registry=registry,
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
        self.failed = Gauge(
            "switchboard_sip_failed", "Messages that an error of ours met", registry=registry
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
        self.hep_lost = Gauge(
            "switchboard_sip_hep_lost", "Copies for Homer that were not sent", registry=registry
        )
        self.waiting_events = Gauge(
            "switchboard_sip_events_waiting", "Events not yet in the stream", registry=registry
        )
        self.memory = Gauge("switchboard_sip_resident_bytes", "Resident memory", registry=registry)

    def observe_quality(self, figures: Mapping[str, float]) -> None:
        """Those of `Ended` of a call that was answered; nothing of what was not measured."""
        for ending, direction in _DIRECTIONS.items():
            if (loss := figures.get(f"loss{ending}_pct")) is None:
                continue
            self.loss.labels(direction).observe(loss)
            if (jitter := figures.get(f"jitter{ending}_ms")) is not None:
                self.jitter.labels(direction).observe(jitter / 1000)
            if (mos := figures.get(f"mos{ending}")) is not None:
                self.mos.labels(direction).observe(mos)

    def text(self) -> bytes:
        return generate_latest(self.registry)
