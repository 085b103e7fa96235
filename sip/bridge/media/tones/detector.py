"""Hears keys in the sound (ITU-T Q.24): two tones of the keypad and next to nothing else, each at
its pitch, for long enough.

Every 5 ms the last 20 ms are looked at by Goertzel's sums, all of them as one product of matrices.
A voice meets the two pitches now and then, but its pitch moves and it has overtones: from one look
to the next the phase of a tone must advance as its pitch says.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.tones.dtmf import COLUMNS, KEYPAD, ROWS

WINDOW, HOP = 160, 40
"""Samples that are looked at, and between two looks."""
OFF = (-0.012, 0.0, 0.012)
"""Parts by which a tone may be beside its pitch for a sum of its own to be taken."""
FARTHEST = 0.025
"""Farther beside it (Q.24: 1.5 % are to be heard, 3.5 % not) it is another tone."""
SOFTEST = 200.0
"""Amplitude of either tone, about -41 dBm0."""
LOUDER_LOW, LOUDER_HIGH = 10.0, 7.0
"""Decibels by which the lower tone may be louder, or the higher."""
SHARE = 0.72
"""Of the energy that must be in the two tones; by it 14 ms of them are in the window."""
CLEAR, CLEAR_LOOKS = 0.88, 2
"""So much of it in so many of the looks, which have nothing but the key before them: 10 dB above
the noise."""
HEARD = 4
"""Looks in a row that hear one key: 24 ms of it at least, and 40 ms are enough."""
GONE = 5
"""Looks without it after which the same key is a second press: 23 ms of a pause at least."""

Complex = npt.NDArray[np.complex128]


class Look(NamedTuple):
    """Which two tones are heard; the phases that their sums have."""

    row: int
    column: int
    phases: tuple[float, float]
    share: float

    @property
    def key(self) -> str:
        return KEYPAD[self.row][self.column]


@cache
def _sums() -> Complex:
    """One row for each pitch, those beside it included."""
    pitches = np.array([pitch * (1 + off) for pitch in (*ROWS, *COLUMNS) for off in OFF])
    places = np.arange(WINDOW) / SAMPLE_RATE
    made: Complex = np.exp(-2j * np.pi * pitches[:, None] * places)
    return made


class ToneDetector:
    """One phone's, at 8 kHz."""

    def __init__(self) -> None:
        self._past = np.zeros(0, np.float64)
        self._before: Look | None = None
        self._count = self._clear = 0
        self._missed = GONE
        self._pressed = ""

    @property
    def suspects(self) -> bool:
        """Whether what was heard last may be a key."""
        return self._before is not None or bool(self._pressed and self._missed < GONE)

    def hear(self, pcm: Pcm) -> str:
        """Any number of samples; the keys that are known now, as a rule none."""
        self._past = np.concatenate((self._past, pcm))
        looks = (len(self._past) - WINDOW) // HOP + 1
        if looks < 1:
            return ""
        windows = np.lib.stride_tricks.sliding_window_view(self._past, WINDOW)[::HOP]
        energies = (windows**2).sum(axis=1)
        keys = ""
        if energies.max() < WINDOW * SOFTEST**2 / 2:
            for _ in range(looks):
                keys += self._take(None)
        else:
            sums = _sums() @ windows.T
            for index in range(looks):
                keys += self._take(_look(sums[:, index], float(energies[index])))
        self._past = self._past[looks * HOP :]
        return keys

    def _take(self, look: Look | None) -> str:
        goes_on = look is not None and self._goes_on(look)
        self._count = self._count + 1 if goes_on else int(look is not None)
        clear = look is not None and look.share >= CLEAR
        self._clear = clear + (self._clear if goes_on else 0)
        self._before = look
        if look is None or look.key != self._pressed:
            self._missed += 1
        elif goes_on:
            self._missed = 0
        if self._missed >= GONE:
            self._pressed = ""
        if look is None or self._count < HEARD or self._clear < CLEAR_LOOKS:
            return ""
        if look.key == self._pressed:
            return ""
        self._pressed, self._missed = look.key, 0
        return look.key

    def _goes_on(self, look: Look) -> bool:
        before = self._before
        if before is None or before.key != look.key:
            return False
        pitches = ROWS[look.row], COLUMNS[look.column]
        return all(
            _is_at(pitch, then, now)
            for pitch, then, now in zip(pitches, before.phases, look.phases, strict=True)
        )


def _is_at(pitch: int, then: float, now: float) -> bool:
    """By how far the phase has advanced in the time of a hop."""
    turns = (now - then) / (2 * np.pi) - pitch * HOP / SAMPLE_RATE
    beside = (turns - round(turns)) * SAMPLE_RATE / HOP
    return abs(beside) <= FARTHEST * pitch


def _look(sums: Complex, energy: float) -> Look | None:
    power = np.abs(sums.reshape(8, len(OFF))) ** 2
    best = power.max(axis=1)
    row, column = int(best[:4].argmax()), int(best[4:].argmax())
    low, high = float(best[row]), float(best[4 + column])
    softest = (SOFTEST * WINDOW / 2 * SHARE) ** 2
    share = (low + high) * 2 / WINDOW / (energy + 1.0)
    if min(low, high) < softest or share < SHARE:
        return None
    louder = 10 * np.log10(low / high)
    if not -LOUDER_HIGH <= louder <= LOUDER_LOW:
        return None
    middle = len(OFF) // 2
    whole = sums.reshape(8, len(OFF))[:, middle]
    phases = float(np.angle(whole[row])), float(np.angle(whole[4 + column]))
    return Look(row, column, phases, share)
