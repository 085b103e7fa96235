"""What every call of this process shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sip.bridge.calls.admission import Admission
from sip.bridge.calls.why import Trunks
from sip.bridge.journal import EventBuffer
from sip.bridge.load import CpuMeter
from sip.bridge.media.address import Ours
from sip.bridge.media.clock import Clock
from sip.bridge.media.ports import Ports
from sip.bridge.metrics import Metrics
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.server import Server
from sip.bridge.settings import Settings
from sip.bridge.sweep import Sweeper
from sip.bridge.tasks import Tasks
from sip.bridge.ua.digest import Challenger
from sip.bridge.ua.endpoint import Endpoint

if TYPE_CHECKING:
    from sip.bridge.calls.call import Call


@dataclass(eq=False)
class House:
    settings: Settings
    endpoint: Endpoint
    ports: Ports
    ours: Ours
    clock: Clock
    livekit: Client
    """Calls to livekit-server's IOInfo."""
    methods: Server
    """What livekit-server calls here: SIPInternal."""
    events: EventBuffer
    admission: Admission
    metrics: Metrics
    cpu: CpuMeter
    trunks: Trunks
    sweeper: Sweeper
    challenger: Challenger = field(default_factory=Challenger)
    tasks: Tasks = field(default_factory=Tasks)
    calls: dict[str, Call] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)
    """Inbound calls that were let in, before and after they have a place in `calls`."""
    draining: bool = False

    @property
    def busy(self) -> int:
        return len(self.arrived | self.calls.keys())
