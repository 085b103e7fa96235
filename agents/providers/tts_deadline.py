"""A voice that has to begin speaking in time, as `llm_deadline` is for language models.

Plugins bound how long they wait for a connection, not for the first sound; one that hangs would
keep `FallbackAdapter` and the caller waiting. Late is an error here, and the next voice is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Never

from livekit.agents import APIConnectOptions, APITimeoutError, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS


class DeadlineTTS(tts.TTS[Never]):
    """`inner`, but its first sound comes within `seconds` of the last text, or not at all."""

    def __init__(self, inner: tts.TTS[Any], seconds: float) -> None:
        super().__init__(
            capabilities=inner.capabilities,
            sample_rate=inner.sample_rate,
            num_channels=inner.num_channels,
        )
        self.inner = inner
        self.seconds = seconds

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def provider(self) -> str:
        return self.inner.provider

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Sentence(tts=self, input_text=text, conn_options=conn_options)

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.SynthesizeStream:
        return _Stream(tts=self, conn_options=conn_options)

    def prewarm(self) -> None:
        self.inner.prewarm()

    async def aclose(self) -> None:
        await self.inner.aclose()


class _Sentence(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, DeadlineTTS)
        _begin(output_emitter, voice)
        asked = asyncio.get_running_loop().time()
        async with voice.inner.synthesize(
            self._input_text, conn_options=self._conn_options
        ) as stream:
            await _pass_on(stream, output_emitter, lambda: asked + voice.seconds)


class _Stream(tts.SynthesizeStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, DeadlineTTS)
        _begin(output_emitter, voice, stream=True)
        output_emitter.start_segment(segment_id=utils.shortuuid())
        loop = asyncio.get_running_loop()
        # No text yet, or a model that still thinks: nothing to wait for.
        last_text = float("inf")

        async def feed(stream: tts.SynthesizeStream) -> None:
            nonlocal last_text
            async for piece in self._input_ch:
                if isinstance(piece, str):
                    stream.push_text(piece)
                    last_text = loop.time()
                else:
                    stream.flush()
            stream.end_input()

        async with voice.inner.stream(conn_options=self._conn_options) as stream:
            feeding = asyncio.create_task(feed(stream))
            try:
                await _pass_on(stream, output_emitter, lambda: last_text + voice.seconds)
            finally:
                await utils.aio.cancel_and_wait(feeding)


def _begin(emitter: tts.AudioEmitter, voice: DeadlineTTS, *, stream: bool = False) -> None:
    emitter.initialize(
        request_id=utils.shortuuid("tts_"),
        sample_rate=voice.sample_rate,
        num_channels=voice.num_channels,
        mime_type="audio/pcm",
        stream=stream,
    )


async def _pass_on(
    sounds: AsyncIterator[tts.SynthesizedAudio], emitter: tts.AudioEmitter, due: Callable[[], float]
) -> None:
    """Every frame; APITimeoutError where the first has not come when `due()` says."""
    loop = asyncio.get_running_loop()
    first = asyncio.ensure_future(anext(sounds, None))
    try:
        while not first.done():
            await asyncio.wait({first}, timeout=0.05)
            if not first.done() and loop.time() > due():
                raise APITimeoutError("no sound in time", retryable=False)
    finally:
        if not first.done():
            await utils.aio.cancel_and_wait(first)
    sound = first.result()
    while sound is not None:
        emitter.push(bytes(sound.frame.data))
        sound = await anext(sounds, None)
    emitter.flush()
