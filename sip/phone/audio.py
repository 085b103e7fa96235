"""WAV files in and out of the phone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from dialplans.process.reading import UnreadableError, contents
from dialplans.process.writing import write_bytes

Samples = NDArray[np.int16]


LARGEST = 64 * 1024 * 1024
MOST_SAMPLES = 50_000_000
"""About an hour and a half at 8 kHz: a packed file may be far larger than it looks."""


class BadSoundError(ValueError):
    """A file cannot be played; the message is a clause that says why."""


def read_wav(path: Path | str, rate: int) -> Samples:
    """The first channel of a sound file at `rate`. Raises BadSoundError."""
    try:
        raw = contents(path, LARGEST)
    except UnreadableError as error:
        raise BadSoundError(error.reason) from None
    if len(raw) > LARGEST:
        raise BadSoundError(f"it is larger than {LARGEST // 2**20} MiB")
    try:
        with soundfile.SoundFile(BytesIO(raw)) as sound:
            if sound.frames * sound.channels > MOST_SAMPLES:
                raise BadSoundError("it is longer than any call")
            samples = sound.read(dtype="int16", always_2d=True)
            return resample(samples[:, 0], sound.samplerate, rate)
    except (soundfile.LibsndfileError, TypeError):
        raise BadSoundError("it is no sound file that is known") from None


def resample(samples: Samples, own_rate: int, rate: int) -> Samples:
    if own_rate == rate:
        return samples
    changed = soxr.resample(samples.astype(np.float32), own_rate, rate)
    return np.asarray(np.clip(changed, -32768, 32767), np.int16)


def trimmed(samples: Samples, quiet: int = 400) -> Samples:
    """Without the silence before and after: so that a turn ends when the last sound does."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > quiet)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples


def write_stereo(path: Path | str, left: Samples, right: Samples, rate: int) -> None:
    """Two sides of a call in one file, left the phone that called. Raises UnwritableError."""
    length = max(len(left), len(right))
    both = np.zeros((length, 2), np.int16)
    both[: len(left), 0] = left
    both[: len(right), 1] = right
    packed = BytesIO()
    soundfile.write(packed, both, rate, format="WAV")
    write_bytes(Path(path), packed.getvalue())


class Track:
    """One side of a call on the clock: what is missing in between is silence."""

    def __init__(self, rate: int, began: float) -> None:
        self._rate = rate
        self._began = began
        self._pieces: list[tuple[float, Samples]] = []

    def add(self, samples: Samples, starts: float) -> None:
        self._pieces.append((starts, samples))

    def between(self, begin: float, end: float) -> Samples:
        """The samples from `begin` to `end`, seconds since the epoch."""
        everything = self.whole()
        first = max(0, int((begin - self._began) * self._rate))
        return everything[first : max(first, int((end - self._began) * self._rate))]

    def whole(self) -> Samples:
        cursor = 0
        placed: list[Samples] = []
        for starts, samples in self._pieces:
            wanted = int((starts - self._began) * self._rate)
            # clocks differ by a little: only a real gap becomes silence
            if wanted - cursor > self._rate // 20:
                placed.append(np.zeros(wanted - cursor, np.int16))
                cursor = wanted
            placed.append(samples)
            cursor += len(samples)
        return np.concatenate(placed) if placed else np.zeros(0, np.int16)
