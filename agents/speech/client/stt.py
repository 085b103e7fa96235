"""LiveKit's stt.STT on the speech process, deciding early what the caller said.

Decoding starts at the first breath of silence instead of at the end of the turn. If the silence
lasts, the text is there when the turn ends; if the caller goes on, it is thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import inference, stt, utils, vad
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
)
from livekit.agents.utils import AudioBuffer, is_given

from agents.speech.client.client import SpeechClient
from agents.speech.client.silence import SilenceDetector
from agents.speech.client.turns import Turn, transcript
from agents.speech.client.vad import ForgetfulVAD
from dialplans.contracts.speech_wire import Recognise
from dialplans.speech.language import base_language

RATE = 16_000


@dataclass(frozen=True)
class Hearing:
    """How patient the ear is, in seconds. `end_s` of silence ends a sentence, `guess_s` starts a
    speculative decode; shorter ends answer faster and cut slow speakers in two. A hunch comes after
    `hunch_s` without sound while the voice detector still says speech, each one in vain a little
    later; if it says so for longer than `linger_s`, somebody speaks softly."""

    end_s: float = 0.2
    guess_s: float = 0.05
    hunch_s: float = 0.09
    patience_s: float = 0.03
    linger_s: float = 0.3
    padding_s: float = 0.3
    longest_s: float = 25.0


class EmbeddedSTT(stt.STT[Any]):
    """One for each call. `language` is what it listens for; Whisper base knows many."""

    def __init__(
        self, client: SpeechClient, *, language: str = "en", hearing: Hearing | None = None
    ) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.client = client
        self.language = base_language(language)
        self.hearing = hearing or Hearing()
        self.digits: tuple[int, ...] = ()
        """The lengths of a number that the caller is being asked for; empty for anything else."""

    @property
    def model(self) -> str:
        return "whisper"

    @property
    def provider(self) -> str:
        return "switchboard"

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        wanted = language if is_given(language) else self.language
        heard = await self.client.recognise(pcm_16k(buffer), wanted, digits=self.digits)
        return transcript(stt.SpeechEventType.FINAL_TRANSCRIPT, heard)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return _Listening(self, conn_options, language if is_given(language) else self.language)


class _Listening(stt.RecognizeStream):
    def __init__(self, owner: EmbeddedSTT, options: APIConnectOptions, language: str) -> None:
        super().__init__(stt=owner, conn_options=options, sample_rate=RATE)
        self._owner = owner
        self._language = language

    async def _run(self) -> None:
        hearing = self._owner.hearing
        detector = ForgetfulVAD(
            inference.VAD(
                min_silence_duration=hearing.end_s, prefix_padding_duration=hearing.padding_s
            )
        ).stream()
        turn = Turn(self._owner.client, self._question, self._event_ch.send_nowait)
        self._hush = SilenceDetector()
        feeding = asyncio.create_task(self._feed(detector))
        try:
            async for event in detector:
                self._noticed(event, turn)
            await turn.finished()
        finally:
            turn.drop()
            await utils.aio.cancel_and_wait(feeding)
            await detector.aclose()

    def _question(self, pcm: bytes) -> Recognise:
        return Recognise(pcm=pcm, language=self._language, digits=list(self._owner.digits))

    async def _feed(self, detector: vad.VADStream) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                detector.push_frame(frame)
        detector.end_input()

    def _noticed(self, event: vad.VADEvent, turn: Turn) -> None:
        if event.type is vad.VADEventType.START_OF_SPEECH:
            self._hush = SilenceDetector()
            turn.begins(_pcm(event.frames))
        elif event.type is vad.VADEventType.INFERENCE_DONE and turn.speaking:
            pcm = _pcm(event.frames)
            turn.goes_on(pcm)
            self._hush.hears(pcm)
            self._guessed(event, turn)
        elif event.type is vad.VADEventType.END_OF_SPEECH:
            turn.ends(event.silence_duration)

    def _guessed(self, event: vad.VADEvent, turn: Turn) -> None:
        hearing, silent_s = self._owner.hearing, self._hush.lasted_s
        patience_s = hearing.hunch_s + hearing.patience_s * turn.in_vain
        hunch = patience_s <= silent_s <= hearing.linger_s
        if event.probability >= 0.5 and not hunch:
            turn.still_speaking()
        elif event.raw_accumulated_silence >= hearing.guess_s:
            turn.perhaps_over()
        elif hunch:
            turn.perhaps_over(hunch=True)
        if turn.seconds > hearing.longest_s:
            turn.cut()


def pcm_16k(buffer: AudioBuffer) -> bytes:
    frame = rtc.combine_audio_frames(buffer) if isinstance(buffer, list) else buffer
    if frame.sample_rate == RATE:
        return bytes(frame.data)
    resampler = rtc.AudioResampler(frame.sample_rate, RATE)
    return _pcm([*resampler.push(frame), *resampler.flush()])


def _pcm(frames: Iterable[rtc.AudioFrame]) -> bytes:
    return b"".join(bytes(frame.data) for frame in frames)
