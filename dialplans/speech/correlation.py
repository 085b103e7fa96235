"""How alike two waves are: what a phone says, and what it was told at any moment before.

Two waves are compared by their shape (normalised cross-correlation, over a whole second by FFT).
What is alike enough to be an echo is for `dialplans.speech.echo` to say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float32]

RATE = 8_000
FRAME = 160
"""Samples of one frame, sent or heard: 20 ms."""
WINDOW = 8 * FRAME
"""Samples that are compared: 160 ms, some twenty periods of a voice."""

REACH = 2
"""Samples that lie between the two of which a difference is compared."""
NEAR = 64
"""Samples around the place of the echo where it is looked for first: clocks drift."""

SPEECH = 60.0**2
"""Mean square above which we say something."""

FADES = 0.9
ENOUGH = 6.0
FAINT = 0.2
"""Ten windows of two voices have at most 0.17 in common."""


@dataclass(frozen=True)
class Match:
    """How alike two waves are where they are most alike (0 to 1), how many samples the later one is
    behind, and how much of the sound came back."""

    likeness: float
    lag: int
    gain: float


NOTHING = Match(0.0, 0, 0.0)


class Sent:
    """What the phone was told lately: `longest` samples, a product of small primes. An echo is
    found if it comes before that, less the window."""

    def __init__(self, longest: int = 8192) -> None:
        self.longest = longest
        self.wave: Wave = np.zeros(longest + REACH, np.float32)
        self._power = np.zeros(longest // FRAME)
        self._quiet_frames = len(self._power) + 1

    def add(self, frame: Pcm) -> None:
        self.wave[:-FRAME] = self.wave[FRAME:]
        self.wave[-FRAME:] = frame
        self._power[:-1] = self._power[1:]
        self._power[-1] = power(self.wave[-FRAME:])
        self._quiet_frames = 0 if self._power[-1] > SPEECH else self._quiet_frames + 1

    @property
    def may_echo(self) -> bool:
        """Something of it may still come back."""
        return self._quiet_frames <= len(self._power)

    def ago(self, samples: int) -> Pcm:
        """The frame that ended so many samples ago."""
        end = len(self.wave) - samples
        return self.wave[end - FRAME : end].astype(np.int16)

    def loudest(self, lag: int) -> float:
        """Mean square of the loudest frame that is just coming back, or was a moment ago: a room
        goes on sounding."""
        newest = len(self._power) - max(0, lag // FRAME - 1)
        return float(self._power[max(0, newest - 6) : newest].max(initial=0.0))

    def everywhere(self, heard: Wave) -> Likeness:
        """Of `heard`, WINDOW samples and the one before, at every place. Some 0.4 ms of one
        processor."""
        ours, theirs = _voice(self.wave), _voice(heard)
        spectrum = np.fft.rfft(ours) * np.conj(np.fft.rfft(theirs, self.longest))
        products = np.fft.irfft(spectrum, self.longest)[: self.longest - WINDOW + 1]
        return Likeness(products.astype(np.float32, copy=False), ours, theirs, newest=0)

    def near(self, heard: Wave, lag: int, around: int = NEAR) -> Likeness:
        """The same, a few milliseconds around a place, also of less than a window. Some 0.02 ms."""
        theirs = _voice(heard)
        newest = max(0, lag - around)
        oldest = min(self.longest - len(theirs), lag + around)
        ours = _voice(self.wave[self.longest - len(theirs) - oldest : len(self.wave) - newest])
        return Likeness(np.correlate(ours, theirs, "valid"), ours, theirs, newest=newest)


class Likeness:
    """Of two waves at a row of places; the last is the `newest`. Differences of samples are
    compared: they have the pitch of a voice and little of the hum."""

    def __init__(self, products: Wave, ours: Wave, theirs: Wave, *, newest: int) -> None:
        energy = np.zeros(len(ours) + 1)
        np.cumsum(ours * ours, dtype=np.float64, out=energy[1:])
        found: Wave = (energy[len(theirs) :] - energy[: -len(theirs)]).astype(np.float32)
        # What is hardly there is like anything.
        floor = 0.01 * float(found.max())
        of_places: Wave = np.asarray(np.maximum(found, np.float32(floor)) + 1.0, np.float32)
        whole = np.float32(np.sqrt(float(np.dot(theirs, theirs)) + 1.0))
        self.at: Wave = np.asarray(products / (np.sqrt(of_places) * whole), np.float32)
        """From -1 to 1."""
        self._products, self._of_places = products, of_places
        self._newest = newest

    def best(self) -> Match:
        return self.match(int(np.argmax(np.abs(self.at))))

    def match(self, place: int) -> Match:
        lag = self._newest + len(self.at) - 1 - place
        gain = float(self._products[place]) / float(self._of_places[place])
        return Match(abs(float(self.at[place])), lag, abs(gain))


class Picture:
    """What many windows have in common. An echo beneath the noise of the line is too faint to be
    seen in one of them, but it stands at the same place in all."""

    def __init__(self) -> None:
        self._sum: Wave | None = None
        self._weight = 0.0

    def add(self, likeness: Likeness) -> Match | None:
        """The place of an echo, if there is one for certain."""
        old = 0.0 if self._sum is None else self._sum * FADES
        self._sum = np.asarray(old + likeness.at, np.float32)
        self._weight = self._weight * FADES + 1.0
        place = int(np.argmax(np.abs(self._sum)))
        clear = abs(float(self._sum[place])) / self._weight
        return likeness.match(place) if self._weight > ENOUGH and clear > FAINT else None


def _voice(wave: Wave) -> Wave:
    """What of it is in the middle of the band, where the pitch of a voice is not: neither the hum
    nor the hiss of a line is like anything then."""
    return np.asarray(wave[REACH:] - wave[:-REACH])


def power(wave: Wave) -> float:
    return float(np.dot(wave, wave)) / len(wave)
