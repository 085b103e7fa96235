"""A telephone line that gives back what it is told: later, softer, through a room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from sip.bridge.media.g711 import FRAME, Pcm, codec

PCMU, PCMA = 0, 8
CALLERS = Path(__file__).parents[1] / "bench/data/callers"
Samples = np.ndarray[tuple[int], np.dtype[np.int16]]
Wave = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Line:
    """`later_ms` from the phone's earpiece to its microphone; `gain_db` of what it was told, None
    is no echo; `room` is how loud its reverberation is beside the straight way; `noise` is a root
    mean square."""

    later_ms: int = 180
    gain_db: float | None = -14.0
    codec: int = PCMU
    room: float = 0.5
    noise: float = 0.0

    def __str__(self) -> str:
        law = "A-law" if self.codec == PCMA else "µ-law"
        noise = f", noise {self.noise:.0f}" if self.noise else ""
        if self.gain_db is None:
            return f"{law}, no echo{noise}"
        return f"{law}, {self.later_ms:3} ms, {self.gain_db:3.0f} dB{noise}"


class Echo:
    """Frame in, frame out: what comes back of what was told."""

    def __init__(self, line: Line, seed: int = 7) -> None:
        self._chance = np.random.default_rng(seed)
        self._noise = line.noise
        gain = 0.0 if line.gain_db is None else 10 ** (line.gain_db / 20)
        self._path = gain * _room(line.room, self._chance)
        self._late = line.later_ms * 8
        self._told: Wave = np.zeros(self._late + len(self._path) + FRAME)

    def of(self, told: Pcm) -> Wave:
        self._told = np.concatenate([self._told[FRAME:], told])
        end = len(self._told) - self._late
        heard = self._told[end - FRAME - len(self._path) + 1 : end]
        back = np.convolve(heard, self._path, "valid")
        return np.asarray(back + self._noise * self._chance.standard_normal(FRAME))

    @property
    def late_ms(self) -> float:
        return self._late / 8

    def moves(self, by_ms: int) -> None:
        """The way has become longer, or shorter."""
        self._late += by_ms * 8
        longer = self._late + len(self._path) + FRAME - len(self._told)
        self._told = np.pad(self._told, (max(0, longer), 0))


def _room(loudness: float, chance: np.random.Generator) -> Wave:
    """The straight way, and a tenth of a second of reverberation."""
    taps = np.arange(800)
    tail = chance.standard_normal(len(taps)) * np.exp(-taps / 200)
    path = loudness * tail / np.sqrt(np.sum(tail**2))
    path[0] += 1.0
    return np.asarray(path / np.sqrt(np.sum(path**2)))


def spoken(*names: str, seconds: float = 0.0) -> Samples:
    """What synthetic callers say at 8 kHz, one after the other, 0.3 s apart; with silence up to so
    many seconds."""
    said = []
    for name in names:
        (file,) = CALLERS.glob(f"*{name}.wav")
        said += [soundfile.read(str(file), dtype="int16")[0], np.zeros(2400, np.int16)]
    whole = np.concatenate(said)
    return np.pad(whole, (0, max(0, round(seconds * 8000) - len(whole))))


def frames(samples: Samples) -> list[Pcm]:
    return list(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME))


def through(law: int, wave: Wave | Samples) -> Pcm:
    """As it is after G.711."""
    there = codec(law)
    return there.decode(there.encode(np.clip(wave, -32768, 32767).astype(np.int16)))
