"""The two tones of each key (ITU-T Q.23), and what a key sounds like."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYPAD = ("123A", "456B", "789C", "*0#D")
OF_KEY = {
    key: (ROWS[row], COLUMNS[column])
    for row, keys in enumerate(KEYPAD)
    for column, key in enumerate(keys)
}
LOW, HIGH = 4600, 5800
"""Amplitudes: -14 and -12 dBm0, within what Q.23's receivers want; the higher tone is lost more on
the way."""
EDGE_SECONDS = 0.002


def tone(key: str, frame: int, frames: int, rate: int = SAMPLE_RATE) -> Pcm:
    """The `frame`th of so many frames of a key that is held; no click at its ends."""
    samples = rate * FRAME // SAMPLE_RATE
    at = (np.arange(samples) + frame * samples) / rate
    row, column = OF_KEY[key]
    wave = LOW * np.sin(2 * np.pi * row * at) + HIGH * np.sin(2 * np.pi * column * at)
    until = frames * samples / rate
    edge = np.clip(np.minimum(at, until - at) / EDGE_SECONDS, 0.0, 1.0)
    made: Pcm = np.rint(wave * edge).astype(np.int16)
    return made
