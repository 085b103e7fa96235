"""LiveKit's voice detectors, made to forget.

The model behind all of them remembers what it heard, and that makes it deaf: after some seconds of
a faint noise it may take a loud voice for nothing for half a second, or for as long as it speaks. A
model that begins anew hears the same sound at once. So it begins anew while nobody speaks.
`python -m tests.bench.voice_onset` shows what that is worth.
"""

from __future__ import annotations

import asyncio

from livekit import rtc
from livekit.agents import utils, vad

from agents.speech.client.silence import loudness

QUIET = 0.1
"""A probability of speech below which nobody speaks."""
FORGETS_S = 2.0
"""After so much of it; and again after so much more. In the second after it the model hesitates."""
LOUD = 500.0
"""Root mean square (of 32,768) of a sound that is no noise of a line. That it is no voice either,
as music, is known by what was before: then nothing is forgotten."""


class ForgetfulVAD(vad.VAD):
    """`remembers` is any detector of LiveKit's: its options and its events are not changed."""

    def __init__(self, remembers: vad.VAD) -> None:
        super().__init__(capabilities=remembers.capabilities)
        self._remembers = remembers

    @property
    def model(self) -> str:
        return self._remembers.model

    @property
    def provider(self) -> str:
        return self._remembers.provider

    @property
    def min_silence_duration(self) -> float | None:
        """Asked by LiveKit's turn detector, which wants some."""
        found: float | None = getattr(self._remembers, "min_silence_duration", None)
        return found

    def stream(self) -> vad.VADStream:
        return _Stream(self, self._remembers.stream())


class _Stream(vad.VADStream):
    def __init__(self, owner: ForgetfulVAD, inner: vad.VADStream) -> None:
        super().__init__(owner)
        self._inner = inner

    async def _main_task(self) -> None:
        feeding = asyncio.create_task(self._feed())
        quiet_s = 0.0
        try:
            async for event in self._inner:
                self._event_ch.send_nowait(event)
                if event.type is not vad.VADEventType.INFERENCE_DONE:
                    continue
                quiet_s = quiet_s + self._vad.capabilities.update_interval if _quiet(event) else 0.0
                if quiet_s >= FORGETS_S and not feeding.done() and not _loud(event):
                    quiet_s = 0.0
                    self._inner.flush()
        finally:
            await utils.aio.cancel_and_wait(feeding)
            await self._inner.aclose()

    async def _feed(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                self._inner.push_frame(frame)
            else:
                self._inner.flush()
        self._inner.end_input()


def _quiet(event: vad.VADEvent) -> bool:
    return not event.speaking and event.probability < QUIET


def _loud(event: vad.VADEvent) -> bool:
    return loudness(b"".join(bytes(frame.data) for frame in event.frames)) > LOUD
