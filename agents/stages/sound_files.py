"""Sound files that a dialplan names, as frames for the session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import soundfile
import structlog
from livekit import rtc

from agents.plans import PinnedPlan
from agents.providers.voice import RATE, frames_of

log = structlog.get_logger(__name__)


def sound(plan: PinnedPlan, name: str) -> AsyncIterator[rtc.AudioFrame] | None:
    """The file beside the plan, mono at 24 kHz; None, and a line in the log, if it is not there
    or is no sound: the caller then hears words instead."""
    pcm = samples(plan, name)
    return None if pcm is None else frames_of(pcm)


def samples(plan: PinnedPlan, name: str) -> bytes | None:
    """The same as 16-bit PCM."""
    try:
        return _read(plan.folder / name)
    except (OSError, soundfile.LibsndfileError) as error:
        log.error("sound.unusable", file=name, error=repr(error))
        return None


def _read(file: Path) -> bytes:
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        import soxr  # only here: most calls never need it, and a job starts faster without

        mono = soxr.resample(mono, rate, RATE)
    return bytes((np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())
