"""A keypad that a test plays: tones as telephones and bad lines make them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sip.bridge.media.codecs.decoder import Decoder
from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.payload_types import G722_TYPE
from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.tones.dtmf import OF_KEY


@dataclass(frozen=True)
class Keypad:
    """Seconds, amplitudes, decibels; `beside` is by which part both pitches are wrong."""

    on: float = 0.1
    off: float = 0.1
    low: float = 3000.0
    high: float = 3000.0
    above_noise: float | None = None
    beside: float = 0.0
    before: float = 0.037
    rate: int = SAMPLE_RATE

    def press(self, keys: str, seed: int = 1) -> Pcm:
        chance = np.random.default_rng(seed)
        quiet, at = np.zeros(int(self.off * self.rate)), np.arange(int(self.on * self.rate))
        parts = [np.zeros(int(self.before * self.rate))]
        for key in keys:
            row, column = (pitch * (1 + self.beside) for pitch in OF_KEY[key])
            tones = [
                loud * np.sin(2 * np.pi * pitch / self.rate * at + chance.random() * 6)
                for loud, pitch in ((self.low, row), (self.high, column))
            ]
            parts += [tones[0] + tones[1], quiet]
        sound = np.concatenate([*parts, np.zeros(self.rate // 5)])
        if self.above_noise is not None:
            loudness = np.sqrt((self.low**2 + self.high**2) / 2)
            noise = chance.standard_normal(len(sound)) * loudness
            sound = sound + noise * 10 ** (-self.above_noise / 20)
        frame = self.rate // 50
        whole: Pcm = sound[: len(sound) // frame * frame].clip(-32768, 32767).astype(np.int16)
        return whole

    def over(self, codec: int, keys: str, seed: int = 1) -> Pcm:
        """As it is heard after a codec."""
        rate = WIDE_RATE if codec == G722_TYPE else SAMPLE_RATE
        encode, decoder = encoder(codec, rate), Decoder(rate)
        said = replace(self, rate=rate).press(keys, seed)
        frames = said.reshape(-1, rate // 50)
        return np.concatenate([decoder.decode(codec, encode(frame)) for frame in frames])
