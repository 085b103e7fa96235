"""When a voice detector notices a voice, and the voices of a telephone to try it with."""

from __future__ import annotations

import asyncio

import numpy as np
import soxr
from livekit import rtc
from livekit.agents import vad
from numpy.typing import NDArray

from tests.speech.conftest import Pcm

RATE = 16_000
WINDOW = 512
Wave = NDArray[np.float64]


def narrow(samples: Pcm, *, deep: bool) -> Wave:
    """In the band of a telephone, its root mean square 1; `deep`: at two thirds of its pitch."""
    wave = samples.astype(np.float64)
    if deep:
        wave = soxr.resample(wave, 2, 3)
    spectrum, hertz = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(hertz < 200) | (hertz > 3_600)] = 0
    found = np.fft.irfft(spectrum, len(wave))
    return np.asarray(found / found.std())


def noisy(line: Wave, noise: float, chance: np.random.Generator) -> Pcm:
    """As 16-bit samples, with white noise of that root mean square."""
    return np.asarray(np.clip(line + chance.normal(0, noise, len(line)), -32_768, 32_767), np.int16)


async def onsets(detector: vad.VAD, line: Pcm) -> list[float]:
    """Seconds into `line` at which speech began, by the sound and not by the clock."""
    stream = detector.stream()
    fed = 0
    found = []

    async def feed() -> None:
        nonlocal fed
        for start in range(0, len(line) - WINDOW, WINDOW):
            stream.push_frame(
                rtc.AudioFrame(line[start : start + WINDOW].tobytes(), RATE, 1, WINDOW)
            )
            fed = start + WINDOW
            judged.clear()
            await judged.wait()
        stream.end_input()

    judged = asyncio.Event()
    feeding = asyncio.create_task(feed())
    async for event in stream:
        if event.type is vad.VADEventType.INFERENCE_DONE:
            judged.set()
        elif event.type is vad.VADEventType.START_OF_SPEECH:
            found.append(fed / RATE)
    await feeding
    await stream.aclose()
    return found
