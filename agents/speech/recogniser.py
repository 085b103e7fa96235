"""Which Whisper hears which language on this machine: measured at start, not configured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import structlog

from agents.speech.weights import WHISPER_BASE, WHISPER_TINY_EN
from agents.speech.whisper import Heard, Whisper

log = structlog.get_logger(__name__)

Choice = Literal["auto", "base", "tiny.en"]

SLOW_MS = 300.0
"""A three-second sentence that takes base longer than this leaves a caller waiting: English then
goes to tiny.en, which is half as slow and a little worse on accents and digits."""
TRIES = 4


@dataclass(frozen=True)
class Recogniser:
    """Base hears every language but those in `special`. `measured_ms` is the best of a few decodes
    of a three-second sentence, by model: the others tell how busy the machine was."""

    base: Whisper
    special: dict[str, Whisper]
    measured_ms: dict[str, float]

    def model(self, language: str) -> Whisper:
        return self.special.get(language, self.base)

    def hear(self, pcm: bytes, language: str) -> Heard:
        return self.model(language).hear(pcm, language)

    def models(self) -> dict[str, str]:
        """Language → model; "*" is every language not named."""
        return {"*": self.base.name, **{code: m.name for code, m in self.special.items()}}


def load_recogniser(choice: Choice, sample: bytes, *, workers: int) -> Recogniser:
    """`sample` is about three seconds of speech, 16-bit at 16 kHz, to measure with."""
    base = Whisper("whisper-base", WHISPER_BASE, workers=workers)
    measured = {base.name: measure(base, sample)}
    special: dict[str, Whisper] = {}
    if choice == "tiny.en" or (choice == "auto" and measured[base.name] > SLOW_MS):
        tiny = Whisper("whisper-tiny.en", WHISPER_TINY_EN, workers=workers)
        measured[tiny.name] = measure(tiny, sample)
        special["en"] = tiny
    chosen = special.get("en", base).name
    log.info("speech.model_chosen", english=chosen, asked=choice, **_rounded(measured))
    return Recogniser(base, special, measured)


def measure(model: Whisper, sample: bytes) -> float:
    """Milliseconds of the fastest of a few decodes; the first warms caches up."""
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        model.hear(sample, "en")
        times.append((time.perf_counter() - began) * 1000)
    return min(times)


def _rounded(measured: dict[str, float]) -> dict[str, float]:
    return {f"ms_{name}": round(ms, 1) for name, ms in measured.items()}
