"""Microphones that speak: a sentence and a pause, over and over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from sip.phone.audio import resample
from sip.phone.voice import PhoneVoice
from tests.stack.running import Stack

RATE = 48_000


async def speaking(stack: Stack, text: str, file: Path, *, pause_s: float = 2.5) -> Path:
    """A WAV file for a browser's microphone, made by the system's own voice."""
    voice = PhoneVoice(Path(stack.layout.speech_socket), "en")
    try:
        samples, rate = await voice.say(text)
    finally:
        await voice.aclose()
    loud = resample(samples, rate, RATE)
    quiet = np.zeros(round(pause_s * RATE), np.int16)
    soundfile.write(file, np.concatenate([quiet, loud]), RATE, subtype="PCM_16")
    return file
