"""Sentences rendered ahead: what is said in fixed words starts at once, synthesiser or not.

They are kept on disk alone, under `$SWITCHBOARD_HOME/cache/voice`, where every job reads what a
worker rendered before it took its first call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import tts

from agents.providers.models import Choices
from agents.settings import Settings
from agents.speech.prerender_cache import PrerenderCache
from dialplans.speech.language import base_language

log = structlog.get_logger(__name__)

RATE = 24_000


async def frames_of(pcm: bytes, rate: int = RATE) -> AsyncIterator[rtc.AudioFrame]:
    """16-bit mono PCM as the frames `AgentSession.say(audio=…)` takes; the last may be short."""
    step = rate // 50 * 2
    for at in range(0, len(pcm) - 1, step):
        chunk = pcm[at : at + step]
        yield rtc.AudioFrame(chunk, rate, 1, len(chunk) // 2)


def voice_of(settings: Settings, choices: Choices, language: str, name: str = "") -> Voice:
    """What was rendered in the chosen voice, or in that of a persona which has its own `name`."""
    sentences = PrerenderCache(settings.home / "cache" / "voice", memory_bytes=0)
    parts = [choices.tts.active, choices.tts.asked, *filter(None, [name])]
    return Voice(sentences, base_language(language), "|".join(parts))


class Voice:
    """The rendered sentences of one voice. `name` tells voices apart: provider, model, persona."""

    def __init__(self, sentences: PrerenderCache, language: str, name: str) -> None:
        self._sentences = sentences
        self._language = language
        self._name = name

    def frames(self, text: str) -> AsyncIterator[rtc.AudioFrame] | None:
        """The sentence as audio, or nothing if nobody rendered it yet."""
        pcm = self._sentences.get(text, self._language, self._name)
        return None if pcm is None else frames_of(pcm)

    def missing(self, texts: Iterable[str]) -> list[str]:
        return [text for text in texts if not self._sentences.has(text, self._language, self._name)]

    async def render(self, speaker: tts.TTS[Any], texts: Iterable[str]) -> int:
        """Renders what is missing and returns how much that was. A voice that is away is no
        error: the sentences are then synthesised when they are said."""
        rendered = 0
        for text in self.missing(texts):
            try:
                pcm = await _synthesise(speaker, text)
            except Exception as error:  # any provider may fail in its own way
                log.warning("voice.not_rendered", left=len(self.missing(texts)), error=repr(error))
                return rendered
            await asyncio.to_thread(self._keep, text, pcm)
            rendered += 1
        return rendered

    def _keep(self, text: str, pcm: bytes) -> None:
        self._sentences.put(text, self._language, self._name, pcm, keep=True)


async def _synthesise(speaker: tts.TTS[Any], text: str) -> bytes:
    stream = speaker.synthesize(text)
    pcm = bytearray()
    resampler: rtc.AudioResampler | None = None
    async with contextlib.aclosing(stream):
        async for piece in stream:
            frame = piece.frame
            if frame.sample_rate == RATE:
                pcm += frame.data
                continue
            resampler = resampler or rtc.AudioResampler(frame.sample_rate, RATE)
            for better in resampler.push(frame):
                pcm += better.data
    if resampler is not None:
        for better in resampler.flush():
            pcm += better.data
    if not pcm:
        raise RuntimeError("the voice gave no sound")
    return bytes(pcm)
