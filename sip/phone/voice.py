"""What the test phone says and understands, by the machine's speech process.

Without one it can still speak, by the voice's own program, but not understand.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import numpy as np

from dialplans.contracts.speech_wire import (
    BACKGROUND,
    Audio,
    Recognise,
    Recognised,
    SpeechGoneError,
    SpeechLine,
    Synthesise,
)
from dialplans.speech.language import base_language
from sip.phone.audio import Samples, read_wav, resample

RATE = 24_000
HEARING_RATE = 16_000


class PhoneVoice:
    """One for a phone. `language` is what it speaks and listens for."""

    def __init__(self, socket: Path | str, language: str = "en") -> None:
        self._socket = Path(socket)
        self._language = base_language(language)
        self._line: SpeechLine | None = None

    async def say(self, text: str) -> tuple[Samples, int]:
        """The sentence as samples, and their rate. Raises SpeechFailedError for a language that
        nobody here speaks."""
        try:
            line = await self._connected()
            replies = line.stream(
                Synthesise(text=text, language=self._language, priority=BACKGROUND)
            )
            pcm = b"".join([one.pcm async for one in replies if isinstance(one, Audio)])
        except SpeechGoneError:
            return await _by_own_program(text), RATE
        return np.frombuffer(pcm, np.int16), RATE

    async def understand(self, samples: Samples, rate: int) -> str | None:
        """The words in some audio; None where no speech process is there to ask."""
        pcm = resample(samples, rate, HEARING_RATE).tobytes()
        try:
            line = await self._connected()
            reply = await line.ask(Recognise(pcm=pcm, language=self._language, priority=BACKGROUND))
        except SpeechGoneError:
            return None
        return reply.text if isinstance(reply, Recognised) else None

    async def aclose(self) -> None:
        if self._line is not None:
            await self._line.aclose()

    async def _connected(self) -> SpeechLine:
        if self._line is None or self._line.gone:
            self._line = await SpeechLine.open(self._socket)
        return self._line


async def _by_own_program(text: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hibari.cli", text, "-o", str(wav), "--seed", "0",
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        if await program.wait():
            raise SpeechGoneError("no speech process, and the voice's own program failed")
        return read_wav(wav, RATE)
