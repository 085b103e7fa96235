"""A mailbox: a greeting, a tone, and what the caller says afterwards as a WAV file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import wave
from collections.abc import AsyncIterable, AsyncIterator
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from livekit import rtc

from agents.call.state import CallState
from agents.speech.client.silence import loudness
from agents.stages.music import beep
from agents.stages.sound_files import sound
from agents.stages.stage import Stage
from agents.stages.voicemail_notify import Notice, NotToldError, tell
from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Problem, VoiceMessage
from dialplans.contracts.masking import mask
from dialplans.contracts.words import Source
from dialplans.model import PlaceKind, Voicemail

log = structlog.get_logger(__name__)

HEADER = 44
"""Bytes of a WAV file before its first sample."""
SHORTEST_S = 0.8
"""Anything shorter is somebody who hung up at the tone."""
LOUD = 300.0
"""Root mean square above which a frame is somebody speaking, and not the noise of the line."""
SPOKEN_S = 0.4
"""So much sound is a message, whether or not the recogniser made words of it yet."""
WORDS_WITHIN_S = 4.0
"""The last words of a message may still be on their way when the caller presses the key."""


class VoicemailStage(Stage):
    """Ends with #, with silence, at the longest message, or when the caller hangs up; the file is
    complete in every case, since each piece is written as it is heard."""

    kind = PlaceKind.VOICEMAIL
    answers = False

    def __init__(self, call: CallState, name: str, **rest: Any) -> None:
        super().__init__(call, name, model=None, **rest)
        self.box: Voicemail = call.plan.voicemail[name]
        self._writer: wave.Wave_write | None = None
        self._file: Path | None = None
        self._frames = 0
        self._rate = 16_000
        self._words: list[str] = []
        self._since = 0
        self._done = asyncio.Event()
        self._spoke = False
        self._loud_s = 0.0
        self._understood = asyncio.Event()

    async def begin(self) -> None:
        self.speak_opening()
        await self._greet()
        await self.session.say("", audio=beep(), add_to_chat_ctx=False).wait_for_playout()
        self._open()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), self.box.max.total_seconds())
        if self._spoke and self._loud_s >= SPOKEN_S:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._understood.wait(), WORDS_WITHIN_S)
        kept = self._close()
        if kept:
            await self.farewell(self.phrase("voicemail.thanks"), cause=EndCause.MESSAGE_TAKEN)
        else:
            await self.farewell(self.phrase("voicemail.nothing"), cause=EndCause.NO_MESSAGE)

    async def _greet(self) -> None:
        """The box's own sound file, its own words, or ours."""
        frames = sound(self.call.facts.pinned, self.box.greeting) if self.box.greeting else None
        if frames is not None:
            await self.session.say("", audio=frames, add_to_chat_ctx=False).wait_for_playout()
            return
        said = self.box.say.said_in(self.call.language) if self.box.say else None
        await self.speak(said or self.phrase("voicemail.greeting")).wait_for_playout()

    async def stt_node(self, audio: AsyncIterable[rtc.AudioFrame], model_settings: Any) -> Any:
        """The caller's sound goes into the file on its way to the recogniser."""

        async def recorded() -> AsyncIterator[rtc.AudioFrame]:
            async for frame in audio:
                self._record(frame)
                yield frame

        async for event in super().stt_node(recorded(), model_settings):
            yield event

    def _open(self) -> None:
        folder = self.call.facts.settings.voicemail / self.name
        folder.mkdir(parents=True, exist_ok=True)
        at = self.call.services.now().astimezone(UTC)
        self._file = folder / f"{at:%Y%m%dT%H%M%SZ}-{self.call.id}.wav"
        self._writer = wave.open(str(self._file), "wb")  # noqa: SIM115 open for as long as the caller talks
        self._writer.setnchannels(1)
        self._writer.setsampwidth(2)
        self.call.masking.ask()  # a number to call back belongs into a message

    def _record(self, frame: rtc.AudioFrame) -> None:
        if self._writer is None:
            return
        if not self._frames:
            self._rate = frame.sample_rate
            self._writer.setframerate(self._rate)
        self._writer.writeframes(bytes(frame.data))
        if loudness(bytes(frame.data)) > LOUD:
            self._loud_s += frame.duration
            self._spoke = self._spoke or self._loud_s >= SPOKEN_S
            self._understood.clear()
        self._frames += frame.samples_per_channel

    def _silence(self, since: int) -> None:
        """What was said from there on held a secret, such as a PIN: it is silence in the file."""
        if self._writer is None or self._file is None or not self._frames:
            return
        self._writer.writeframes(b"")
        with self._file.open("r+b") as file:
            file.seek(HEADER + 2 * since)
            file.write(bytes(2 * (self._frames - since)))

    def _close(self) -> bool:
        """Finishes the file and reports it; one that holds nothing is removed."""
        writer, self._writer = self._writer, None
        if writer is None or self._file is None:
            return False
        if not self._frames:
            writer.setframerate(self._rate)
        writer.close()
        seconds = self._frames / self._rate
        if seconds < SHORTEST_S or not (self._spoke or self._words):
            self._file.unlink(missing_ok=True)
            return False
        self.call.tell(
            VoiceMessage(
                call=self.call.id,
                source=Source.AGENT,
                mailbox=self.name,
                file=str(self._file.relative_to(self.call.facts.settings.home)),
                seconds=round(seconds, 2),
                text=" ".join(self._words),
            )
        )
        if self.box.notify is not None:
            self.call.notices.append(partial(self._notify, self.box.notify, self._notice(seconds)))
        return True

    def _notice(self, seconds: float) -> Notice:
        assert self._file is not None
        call = self.call.facts.context
        return Notice(
            call=call.call_id,
            mailbox=self.name,
            caller=call.caller,
            called=call.called,
            at=self.call.services.now().isoformat(timespec="seconds"),
            seconds=round(seconds, 2),
            text=" ".join(self._words),
            file=str(self._file.relative_to(self.call.facts.settings.home)),
        )

    async def _notify(self, whom: str, notice: Notice) -> None:
        """The message is in the record in any case; that nobody was told is, too."""
        try:
            await tell(whom, notice, self.call.facts.settings.home, os.environ)
        except NotToldError as error:
            log.warning("voicemail.not_told", mailbox=self.name, error=str(error))
            what = Problem(
                call=notice.call,
                source=Source.AGENT,
                what="notify_failed",
                detail=f"{whom}: {error}",
            )
            self.call.tell(what)

    def left(self) -> None:
        self._close()

    def offers(self, digit: str) -> bool:
        return digit == "#"

    async def on_key(self, digit: str) -> None:
        if digit == "#":
            self._done.set()

    async def on_words(self, text: str) -> bool:
        if self._writer is not None and text.strip():
            self._spoke = True
            kept = mask(text.strip(), asked=True)
            if kept != text.strip():
                self._silence(self._since)
            self._since = self._frames
            self._words.append(kept)
            self._loud_s = 0.0
            self._understood.set()
        return True

    async def on_silence(self, times: int) -> None:
        if self._writer is not None:
            self._done.set()

    async def on_noise(self) -> None:
        """Sound without words is still a message: the caller may speak another language."""
        self._spoke = True
