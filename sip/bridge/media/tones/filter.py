"""Keys out of the sound of a phone, and their tones with them."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.codecs.resample import WIDE_RATE, Narrower
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm
from sip.bridge.media.tones.detector import ToneDetector


class ToneFilter:
    """What is heard comes out 20 ms later, with silence where a key was held: nobody hears, writes
    down or records what is typed in a sealed step, and the recogniser makes no words of it."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self._narrower = Narrower() if rate == WIDE_RATE else None
        self._delay = FRAME * rate // SAMPLE_RATE
        self.forget()

    def forget(self) -> None:
        """What comes next has nothing to do with what was."""
        self._detector = ToneDetector()
        self._held: Pcm = np.zeros(self._delay, np.int16)

    def through(self, pcm: Pcm) -> tuple[Pcm, str]:
        """As many samples as go in, and the keys that are known now."""
        parts = [self._frame(pcm[at : at + self._delay]) for at in range(0, len(pcm), self._delay)]
        return np.concatenate([left for left, _ in parts]), "".join(keys for _, keys in parts)

    def _frame(self, pcm: Pcm) -> tuple[Pcm, str]:
        """Never more than what is held back: a key is suspected when that much of it has come."""
        narrow = pcm if self._narrower is None else self._narrower.narrow(pcm)
        keys = self._detector.hear(narrow)
        both = np.concatenate((self._held, pcm))
        if self._detector.suspects:
            both[:] = 0
        self._held = both[len(pcm) :]
        return both[: len(pcm)], keys
