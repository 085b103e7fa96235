"""A phone with an echo, played by a test."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sip.bridge.media.g711 import FRAME, Pcm
from sip.phone.audio import Samples, resample
from sip.phone.ear import LOUD
from tests.fakes.echoing_line import Echo, Line
from tests.sip.bridge.caller import Caller, purity
from tests.sip.bridge.descriptions import describe

PAUSE_FRAMES = 20
"""0.4 s without a loud frame end what somebody says."""


@dataclass(eq=False)
class Speakerphone(Caller):
    """Frames are counted from the answer on: `told` and what the caller says are on one clock."""

    line: Line = field(default_factory=Line)
    told: list[Pcm] = field(default_factory=list)
    saying: list[Pcm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._echo = Echo(self.line)

    @property
    def offer(self) -> bytes:
        return describe(self.local, payload_types=(self.line.codec,))

    def tick(self) -> None:
        came = self.stream.listen()
        told = came if came is not None else np.zeros(FRAME, np.int16)
        own = self.saying.pop(0) if self.saying else np.zeros(FRAME, np.int16)
        back = self._echo.of(told)
        self.told.append(told)
        self.stream.speak(np.clip(back + own, -32768, 32767).astype(np.int16))

    def says(self, samples: Samples, rate: int) -> int:
        """Begins now; returns the frame of its first sound."""
        narrow = np.asarray(resample(samples, rate, 8000), np.int16)
        whole = np.pad(narrow, (0, -len(narrow) % FRAME)).reshape(-1, FRAME)
        self.saying = list(whole)
        first = next(n for n, frame in enumerate(whole) if _loud(frame))
        return len(self.told) + first

    def is_told(self, hz: float, frames: int = 40) -> float:
        """How much of that tone is in what it was told last."""
        return purity(np.concatenate(self.told[-frames:]), hz)

    @property
    def speaks(self) -> bool:
        return bool(self.saying)

    def stops_after(self, frame: int) -> int | None:
        """The last loud frame of what the far end was saying at that one, if it was and has
        stopped for good."""
        loud = [_loud(told) for told in self.told]
        if not any(loud[max(0, frame - PAUSE_FRAMES) : frame + 1]):
            return None
        quiet = 0
        for at in range(frame, len(loud)):
            quiet = 0 if loud[at] else quiet + 1
            if quiet >= PAUSE_FRAMES:
                return at - quiet
        return None

    def quiet_frames(self) -> int:
        """How long the far end has said nothing."""
        for back, told in enumerate(reversed(self.told)):
            if _loud(told):
                return back
        return len(self.told)


def _loud(frame: Pcm) -> bool:
    wave = frame.astype(np.float64)
    return bool(np.sqrt(np.mean(wave * wave)) > LOUD)
