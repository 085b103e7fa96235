"""One turn of the caller: its audio so far, and the guess at its text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec
import structlog
from livekit.agents import stt

from agents.speech.client.client import SpeechClient
from dialplans.contracts.speech_wire import (
    HUNCH,
    SPECULATIVE,
    URGENT,
    Recognise,
    Recognised,
    SpeechFailedError,
    SpeechGoneError,
)

log = structlog.get_logger(__name__)

BYTES_A_SECOND = 32_000
SHORTEST_S = 0.2
"""Less than this is not worth a guess."""
NOTHING = Recognised(text="")


class Turn:
    """Told what the voice detector notices; emits LiveKit's speech events in their order."""

    def __init__(
        self,
        client: SpeechClient,
        question: Callable[[bytes], Recognise],
        emit: Callable[[stt.SpeechEvent], None],
    ) -> None:
        self._client = client
        self._question = question
        self._emit = emit
        self._audio = bytearray()
        self._guess: _Guess | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._unfinished = b""
        self.in_vain = 0
        """Guesses of this turn after which the caller went on."""
        self.speaking = False

    @property
    def seconds(self) -> float:
        return len(self._audio) / BYTES_A_SECOND

    def begins(self, pcm: bytes) -> None:
        """If the sentence before is still being decoded, this is the rest of it."""
        if self._finishing and not self._finishing.done():
            self._finishing.cancel()
            pcm = self._unfinished + pcm
        self.speaking = True
        self.in_vain = 0
        self._audio = bytearray(pcm)
        self._emit(stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH))

    def goes_on(self, pcm: bytes) -> None:
        self._audio += pcm

    def still_speaking(self) -> None:
        """The silence was a breath: the guess is worth nothing."""
        if self._guess:
            self._guess.drop(self._emit)
            self._guess = None
            self.in_vain += 1

    def perhaps_over(self, *, hunch: bool = False) -> None:
        """Begins to decode what there is. A `hunch` is begun only while nobody else is decoded."""
        if self._guess is None and self.seconds >= SHORTEST_S:
            self._guess = self._decode(HUNCH if hunch else SPECULATIVE)
        elif self._guess is not None and not hunch:
            self._guess.hurry(SPECULATIVE)

    def ends(self, silence_s: float) -> None:
        self._finish(silence_s, time.time() - silence_s)
        self.speaking = False

    def cut(self) -> None:
        """Somebody speaks without a pause for longer than Whisper listens: what there is counts."""
        self.still_speaking()
        self._finish(None, time.time())

    def drop(self) -> None:
        """The call is over: nobody wants the text any more."""
        self.still_speaking()
        if self._finishing:
            self._finishing.cancel()

    async def finished(self) -> None:
        """The last text was emitted."""
        if self._finishing:
            await asyncio.gather(self._finishing, return_exceptions=True)

    def _finish(self, silence_s: float | None, ended_at: float) -> None:
        guess, self._guess = self._guess or self._decode(URGENT), None
        guess.hurry(URGENT)
        self._unfinished, self._audio = bytes(self._audio), bytearray()
        before = self._finishing
        self._finishing = asyncio.create_task(self._conclude(guess, before, ended_at, silence_s))

    async def _conclude(
        self,
        guess: _Guess,
        before: asyncio.Task[None] | None,
        ended_at: float,
        silence_s: float | None,
    ) -> None:
        try:
            if before:
                await asyncio.gather(before, return_exceptions=True)
            heard = await guess.text()
        except asyncio.CancelledError:
            guess.drop(self._emit)
            raise
        if heard.text:
            self._emit(transcript(stt.SpeechEventType.FINAL_TRANSCRIPT, heard))
        if silence_s is not None:
            self._emit(stt.SpeechEvent(stt.SpeechEventType.END_OF_SPEECH, speech_end_time=ended_at))

    def _decode(self, priority: int) -> _Guess:
        question = msgspec.structs.replace(self._question(bytes(self._audio)), priority=priority)
        return _Guess(self._client, question, self._emit)


class _Guess:
    """A decode under way. A speculative one tells what it found, before anybody asked."""

    def __init__(
        self,
        client: SpeechClient,
        question: Recognise,
        emit: Callable[[stt.SpeechEvent], None],
    ) -> None:
        self._client = client
        self._emit = emit
        self._told: Recognised | None = None
        self._number: int | None = None
        self._request = question
        self._priority = question.priority
        self._task = asyncio.create_task(self._run(), name="stt.guess")

    def hurry(self, priority: int) -> None:
        """It has become likelier that somebody waits for this, or certain."""
        if priority < self._priority:
            self._priority = priority
            if self._number is not None:
                self._client.hurry(self._number, priority)

    async def text(self) -> Recognised:
        return await asyncio.shield(self._task)

    def drop(self, emit: Callable[[stt.SpeechEvent], None]) -> None:
        """An interim text after a preflight one tells the session that the guess was wrong."""
        self._task.cancel()
        if self._told:
            emit(transcript(stt.SpeechEventType.INTERIM_TRANSCRIPT, self._told))

    async def _run(self) -> Recognised:
        try:
            self._number, answer = await self._client.start_recognising(self._request)
            if self._priority < self._request.priority:
                self._client.hurry(self._number, self._priority)
            try:
                heard = await answer
            except asyncio.CancelledError:
                answer.cancel()
                raise
        except (SpeechGoneError, SpeechFailedError) as error:
            log.error("speech.lost", error=str(error))
            return NOTHING
        if self._request.priority != URGENT and heard.text:
            self._told = heard
            self._emit(transcript(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, heard))
        return heard


def transcript(kind: stt.SpeechEventType, heard: Recognised) -> stt.SpeechEvent:
    said = stt.SpeechData(
        language=heard.language,  # type: ignore[arg-type]  # SpeechData makes it a LanguageCode
        text=heard.text,
        confidence=heard.confidence,
    )
    return stt.SpeechEvent(type=kind, alternatives=[said])
