"""What the leg knows of the addresses that calls of ours are sent to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from sip.bridge.carriers.failing import Failing
from sip.bridge.carriers.locate import Hop, Place, hops
from sip.bridge.carriers.records import Records

PATIENCE_SECONDS = 4.0
"""Without any answer, where there is another address: eight times what a UDP packet may take."""


class Carriers:
    def __init__(
        self,
        records: Records,
        *,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.records = records
        self.failing = Failing()
        self._clock = clock
        self._rng = rng or random.Random()

    async def hops(self, place: Place) -> list[Hop]:
        """In the order in which they are to be tried. Raises NotFoundError."""
        found = await hops(place, self.records, self._rng)
        return self.failing.ordered(found, self._clock())

    def failed(self, hop: Hop, *, retry_after: float = 0.0) -> None:
        self.failing.note(hop, self._clock(), retry_after=retry_after)

    def answered(self, hop: Hop) -> None:
        self.failing.forget(hop)

    def is_failing(self, hop: Hop) -> bool:
        return self.failing.is_failing(hop, self._clock())
