"""What every call of this process shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from dialplans.contracts.outbox import Outbox
from dialplans.process.background import Tasks
from sip.bridge.admission.admission import AdmissionServices
from sip.bridge.calls.outcome import Ending
from sip.bridge.calls.remote_sound import MediaNames
from sip.bridge.carriers.carriers import Carriers
from sip.bridge.legs.presence import Presence
from sip.bridge.media.address import Ours
from sip.bridge.media.ports import Ports
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.server import Server
from sip.bridge.registrar.telephones import Telephones
from sip.bridge.registration.registrations import Registrations
from sip.bridge.runtime.garbage_collector import GarbageCollector
from sip.bridge.runtime.metrics import Metrics
from sip.bridge.runtime.settings import Settings
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.trace.hep import Hep
from sip.bridge.trace.recorder import Recorder
from sip.bridge.workers.pool import Pool


class LiveCall(Protocol):
    """A call that has a place here."""

    def end(self, ending: Ending) -> None: ...


@dataclass(eq=False)
class CallServices:
    settings: Settings
    endpoint: Endpoint
    ports: Ports
    ours: Ours
    pool: Pool
    livekit: Client
    """Calls to livekit-server's IOInfo."""
    methods: Server
    """What livekit-server calls here: SIPInternal."""
    outbox: Outbox
    admission: AdmissionServices
    metrics: Metrics
    garbage: GarbageCollector
    registrations: Registrations
    telephones: Telephones
    carriers: Carriers
    legs: Presence
    """Which others there are."""
    trace: Recorder
    hep: Hep | None
    """Copies for a Homer, if there is one."""
    calls: dict[str, LiveCall]
    """By LiveKit's id of the call."""
    names: MediaNames = field(default_factory=MediaNames)
    tasks: Tasks = field(default_factory=Tasks)
