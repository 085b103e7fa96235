"""How many calls this leg has and may have."""

from __future__ import annotations

from collections.abc import Callable, Set

from dialplans.contracts.causes import RefusalReason
from sip.bridge.admission.refused import RefusedError
from sip.bridge.runtime.cpu_meter import PROCESS_LIMIT, CpuMeter


class Capacity:
    """`up` are the ids of the calls that have a place, as they come and go; `worker` is the share
    of a core that the least busy media worker takes."""

    def __init__(self, most: int, cpu: CpuMeter, up: Set[str], worker: Callable[[], float]) -> None:
        self._most = most
        self._up = up
        self.cpu = cpu
        self._worker = worker
        self.arrived: set[str] = set()
        """Inbound calls that were let in, before and after they have a place."""
        self.draining = False

    @property
    def busy(self) -> int:
        return len(self.arrived | self._up)

    @property
    def full(self) -> bool:
        return self.busy >= self._most

    @property
    def too_busy(self) -> bool:
        return self.cpu.too_busy or (self.cpu.limited and self._worker() > PROCESS_LIMIT)

    def check(self) -> None:
        """Raises RefusedError, with the limit that is in the way."""
        if self.draining:
            raise RefusedError(503, RefusalReason.DRAINING, "the leg is being stopped")
        if self.full:
            raise RefusedError(503, RefusalReason.LIMIT_CONCURRENT, f"{self.busy} calls are up")
        if self.too_busy:
            shares = f"signalling {self.cpu.process:.0%}, media {self._worker():.0%}"
            detail = f"machine {self.cpu.machine:.0%}, {shares}"
            raise RefusedError(503, RefusalReason.BUSY, detail)

    def affinity(self) -> float:
        """How much an outbound call is wanted here: a full or draining leg does not bid."""
        if self.draining or self.too_busy or self.full:
            return -1.0
        return 1.0 - self.busy / max(1, self._most)
