"""Coaching by voice: what the supervisor said becomes the text that the persona gets."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path

import msgspec
import numpy as np
import soxr

from dialplans.contracts.speech_wire import (
    Recognise,
    Recognised,
    SpeechFailedError,
    SpeechGoneError,
    SpeechLine,
)
from gateway.errors import Problem

LONGEST_S = 30.0
RATE = 16_000
_PATIENCE_S = 20.0


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what was understood and passed on."""

    ok: bool
    text: str
    detail: str = ""


class VoiceCoaching:
    """Asks the speech process; the sound itself is kept nowhere."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def understand(self, sound: bytes, language: str) -> str:
        pcm = await asyncio.to_thread(as_pcm, sound)
        try:
            line = await SpeechLine.open(self._socket)
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    reply = await line.ask(Recognise(pcm=pcm, language=language))
            finally:
                await line.aclose()
        except (SpeechGoneError, SpeechFailedError, TimeoutError) as error:
            raise Problem("speech_unreachable") from error
        text = reply.text.strip() if isinstance(reply, Recognised) else ""
        if not text:
            raise Problem("invalid", "No words were heard in this recording.")
        return text


def as_pcm(sound: bytes) -> bytes:
    """16-bit WAV of any rate, mono or stereo → 16-bit mono at 16 kHz."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if width != 2 or not 8_000 <= rate <= 96_000 or channels not in (1, 2):
                raise Problem("invalid", "Send 16-bit WAV, mono or stereo.")
            if file.getnframes() > LONGEST_S * rate:
                raise Problem("too_large", f"At most {LONGEST_S:.0f} seconds.")
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise Problem("invalid", "This is not a WAV file.") from error
    samples = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], np.int16)
    mono = samples.reshape(-1, channels).astype(np.float32).mean(axis=1)
    at_rate = soxr.resample(mono, rate, RATE) if rate != RATE else mono
    clipped: bytes = np.clip(at_rate, -32768, 32767).astype(np.int16).tobytes()
    return clipped
