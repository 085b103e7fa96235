"""LiveKit's tts.TTS on the speech process."""

from __future__ import annotations

from typing import Any

from livekit.agents import APIConnectionError, APIStatusError, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

from agents.speech.client import SpeechClient
from dialplans.speechwire import SpeechFailedError, SpeechGoneError

RATE = 24_000
FRAME_MS = 20
PATIENCE_S = 3.0
"""How long a sentence waits for a process that is being restarted."""
SILENCE = bytes(RATE // 50 * 2)


class EmbeddedTTS(tts.TTS[Any]):
    """Sentence by sentence, the first as soon as it is rendered.

    When the process is away longer than a caller should wait, `fallback` is said instead if it was
    rendered ahead; otherwise the error goes to the session.
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
        self.language = language.split("-")[0]
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
            async for pcm in voice.client.synthesise(
                self.input_text, voice.language, voice=voice.voice, patience_s=voice.patience_s
            ):
                output_emitter.push(pcm)
                said = True
        except SpeechGoneError as error:
            instead = voice.client.known_phrase(voice.fallback, voice.language)
            if said or instead is None:
                raise APIConnectionError(str(error), retryable=not said) from error
            output_emitter.push(instead)
        except SpeechFailedError as error:
            raise APIStatusError(str(error), status_code=501, retryable=False) from error
        else:
            if not said:  # a text of nothing but dots is silence, not an error
                output_emitter.push(SILENCE)
        output_emitter.flush()
