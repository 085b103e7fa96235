"""Something gentle to wait by, and the tones of a telephone; made here, so nobody owns it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache

import numpy as np
from livekit import rtc

from agents.providers.voice import RATE, frames_of

_NOTES = (262, 330, 392, 330, 294, 349, 440, 349, 262, 330, 392, 523, 494, 392, 330, 294)
_NOTE_S = 0.75
_LOUD = 2600


def _note(frequency: float, seconds: float) -> np.ndarray:
    t = np.arange(int(RATE * seconds)) / RATE
    fade = np.minimum(1.0, t / 0.03) * np.exp(-t * 2.2)
    return fade * (np.sin(2 * np.pi * frequency * t) + 0.3 * np.sin(4 * np.pi * frequency * t))


@cache
def _melody() -> bytes:
    sound = np.concatenate([_note(frequency, _NOTE_S) for frequency in _NOTES])
    return bytes((sound * _LOUD).astype("<i2").tobytes())


@cache
def _beep() -> bytes:
    t = np.arange(int(RATE * 0.3)) / RATE
    fade = np.minimum(1.0, np.minimum(t, 0.3 - t) / 0.01)
    return bytes((np.sin(2 * np.pi * 800 * t) * fade * 8000).astype("<i2").tobytes())


@cache
def _ringing() -> bytes:
    """One ring and its pause (425 Hz, one second in five, ETSI TS 101 041)."""
    t = np.arange(RATE) / RATE
    sound = np.concatenate([np.sin(2 * np.pi * 425 * t) * 4000, np.zeros(RATE * 4)])
    return bytes(sound.astype("<i2").tobytes())


ROUND_S = 12.0
"""So much is played at once: between rounds there is room for an announcement."""


class Music:
    """Something to wait by, round by round: a sound of the plan's, or our own melody."""

    def __init__(self, pcm: bytes | None = None) -> None:
        self._pcm = pcm or _melody()
        self._at = 0

    def next_round(self) -> AsyncIterator[rtc.AudioFrame]:
        """Goes on where the last round stopped, and from the beginning after the end."""
        end = self._at + int(ROUND_S * RATE) * 2
        piece = self._pcm[self._at : end]
        self._at = end if end < len(self._pcm) else 0
        return frames_of(piece)


def melody() -> AsyncIterator[rtc.AudioFrame]:
    """Twelve quiet seconds."""
    return frames_of(_melody())


def beep() -> AsyncIterator[rtc.AudioFrame]:
    return frames_of(_beep())


def ringing() -> AsyncIterator[rtc.AudioFrame]:
    return frames_of(_ringing())
