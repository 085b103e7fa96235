"""How well the phone's packets arrive (RFC 3550 appendix A)."""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.media.g711 import SAMPLE_RATE

MAX_DROPOUT = 3000
"""A jump of sequence numbers beyond this is a restarted sender, not a loss (A.1)."""


@dataclass
class Reception:
    """Counts of one source; a new source or a restart begins a new count and keeps the old one."""

    received: int = 0
    _expected_before: int = 0
    _base: int = 0
    _highest: int | None = None
    _transit: float | None = None
    jitter_samples: float = 0.0

    def note(self, sequence: int, timestamp: int, arrival: float, *, timed: bool = True) -> None:
        """`arrival` in seconds on any steady clock. Not `timed`: the timestamp says nothing of when
        it left, as those of a key that is held."""
        self.received += 1
        if self._highest is None:
            self._base = self._highest = sequence
        else:
            step = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
            if abs(step) > MAX_DROPOUT:
                self._expected_before = self.expected
                self._base = self._highest = sequence
                self._transit = None
            elif step > 0:
                self._highest += step
        if not timed:
            return
        transit = arrival * SAMPLE_RATE - timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < SAMPLE_RATE:  # the timestamp wrapped or jumped otherwise
                self.jitter_samples += (change - self.jitter_samples) / 16
        self._transit = transit

    @property
    def expected(self) -> int:
        now = 0 if self._highest is None else self._highest - self._base + 1
        return self._expected_before + now

    @property
    def lost(self) -> int:
        return max(0, self.expected - self.received)

    @property
    def loss(self) -> float | None:
        """As a share; None before the first packet."""
        return self.lost / self.expected if self.expected else None

    @property
    def highest(self) -> int:
        """The newest sequence number, which goes on beyond 16 bits."""
        return self._highest or 0

    @property
    def jitter_ms(self) -> float:
        return self.jitter_samples * 1000 / SAMPLE_RATE
