"""LiveKit's tts.TTS on the speech process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import structlog
from livekit.agents import APIConnectionError, APIError, APIStatusError, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

from agents.speech.client.client import SpeechClient
from dialplans.contracts.speech_wire import NO_VOICE, SpeechFailedError, SpeechGoneError
from dialplans.speech.language import base_language
from dialplans.speech.voices import FALLBACK

log = structlog.get_logger(__name__)

RATE = 24_000
FRAME_MS = 20
PATIENCE_S = 3.0
"""How long a sentence waits for a process that is being restarted."""
SILENCE = bytes(RATE // 50 * 2)


class EmbeddedTTS(tts.TTS[Any]):
    """Sentence by sentence, the first as soon as it is rendered.

    A language that nobody here speaks any more is read by the voice that is always here. When the
    process is away longer than a caller should wait, or cannot say the sentence at all, `fallback`
    is said instead if it was rendered ahead; otherwise the error goes to the session.
    """

    def __init__(
        self,
        client: SpeechClient,
        *,
        language: str = "en",
        voice: str = "",
        fallback: str = "",
        patience_s: float = PATIENCE_S,
    ) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1
        )
        self.client = client
        self.language = base_language(language)
        self.voice = voice
        self.fallback = fallback
        self.patience_s = patience_s

    @property
    def model(self) -> str:
        return "hibari" if self.language == "en" else "espeak-ng"

    @property
    def provider(self) -> str:
        return "switchboard"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Sentences(tts=self, input_text=text, conn_options=conn_options)


class _Sentences(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, EmbeddedTTS)
        output_emitter.initialize(
            request_id=utils.shortuuid("tts_"),
            sample_rate=RATE,
            num_channels=1,
            mime_type="audio/pcm",
            frame_size_ms=FRAME_MS,
        )
        said = False
        try:
            async for pcm in _sentences(voice, self.input_text):
                output_emitter.push(pcm)
                said = True
        except (SpeechGoneError, SpeechFailedError) as error:
            instead = voice.client.known_phrase(voice.fallback, voice.language)
            if said or instead is None:
                raise _for_the_session(error, said) from error
            output_emitter.push(instead)
        else:
            if not said:  # a text of nothing but dots is silence, not an error
                output_emitter.push(SILENCE)
        output_emitter.flush()


async def _sentences(voice: EmbeddedTTS, text: str) -> AsyncIterator[bytes]:
    """In the language asked for; where that has no voice, by the one that is always here."""
    ask = partial(voice.client.synthesise, text, patience_s=voice.patience_s)
    given = 0
    try:
        async for pcm in ask(voice.language, voice=voice.voice):
            yield pcm
            given += 1
        return
    except SpeechFailedError as error:
        if error.code != NO_VOICE or voice.language == FALLBACK:
            raise
        log.warning("voice.missing", language=voice.language, instead=FALLBACK)
    async for pcm in ask(FALLBACK):
        if given:
            given -= 1  # heard already
            continue
        yield pcm


def _for_the_session(error: SpeechGoneError | SpeechFailedError, said: bool) -> APIError:
    if isinstance(error, SpeechGoneError):
        return APIConnectionError(str(error), retryable=not said)
    return APIStatusError(str(error), status_code=501, retryable=False)
