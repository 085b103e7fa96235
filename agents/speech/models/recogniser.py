"""Which Whisper hears which language on this machine: measured at start, not configured."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from agents.speech.models.benchmark_cache import remember, remembered
from agents.speech.models.weights import WHISPER_BASE, WHISPER_TINY_EN
from agents.speech.models.whisper import Transcription, Whisper, Window

log = structlog.get_logger(__name__)

Choice = Literal["auto", "base", "tiny.en"]

BASE, TINY = "whisper-base", "whisper-tiny.en"
SLOW_MS = 300.0
"""A three-second sentence that takes base longer than this leaves a caller waiting: English then
goes to tiny.en, which is half as slow and a little worse on accents and digits."""
TRIES = 4
BASE_WINDOW = Window(least_s=8.0, margin_s=4.0)
"""A fifth less than tiny.en needs, and as many words right."""


@dataclass(frozen=True)
class Recogniser:
    """Base hears every language but those in `special`. `measured_ms` is the best of a few decodes
    of a three-second sentence, by model: the others tell how busy the machine was."""

    base: Whisper
    special: dict[str, Whisper]
    measured_ms: dict[str, float]

    def model(self, language: str) -> Whisper:
        return self.special.get(language, self.base)

    def hear(self, pcm: bytes, language: str, digits: Collection[int] = ()) -> Transcription:
        return self.model(language).hear(pcm, language, digits)

    def models(self) -> dict[str, str]:
        """Language → model; "*" is every language not named."""
        return {"*": self.base.name, **{code: m.name for code, m in self.special.items()}}


def load_recogniser(
    choice: Choice, sample: bytes, *, workers: int, memory: Path | None = None
) -> Recogniser:
    """`sample` is about three seconds of speech, 16-bit at 16 kHz, to measure with; `memory` is
    where the measurement is kept for the next start."""
    base = Whisper(BASE, WHISPER_BASE, workers=workers, window=BASE_WINDOW)
    ms = remembered(memory) if choice == "auto" else {}
    fresh = choice == "auto" and not ms
    if fresh:
        ms = {BASE: measure(base, sample)}
    special: dict[str, Whisper] = {}
    if choice == "tiny.en" or ms.get(BASE, 0.0) > SLOW_MS:
        special["en"] = Whisper(TINY, WHISPER_TINY_EN, workers=workers)
        if fresh:
            ms[TINY] = measure(special["en"], sample)
    if fresh:
        remember(memory, ms)
    figures = {f"ms_{name}": round(value, 1) for name, value in ms.items()}
    log.info("speech.model_chosen", english=special.get("en", base).name, asked=choice, **figures)
    return Recogniser(base, special, ms)


def measure(model: Whisper, sample: bytes) -> float:
    """Milliseconds of the fastest of a few decodes; the first warms caches up."""
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        model.hear(sample, "en")
        times.append((time.perf_counter() - began) * 1000)
    return min(times)
