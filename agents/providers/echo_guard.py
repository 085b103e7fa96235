"""Nothing that we have just said is heard as the caller's.

Our SIP leg takes the line's echo out; LiveKit's does not, and a browser may have it switched off.
So what comes in is compared with what the session plays, before anything listens to it: an echo is
silence to the voice detector, the recogniser and the recording.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io

from dialplans.speech.correlation import FRAME, RATE, Pcm, Sent
from dialplans.speech.echo import EchoJudge, Verdict

LONGEST = 12_288
"""Samples (1.5 s): the way through LiveKit and back comes on top of the telephone's own echo."""
FRAME_S = FRAME / RATE
ASTRAY_FRAMES = 5
"""Further than that from the clock, the sound that is played is found again by it."""
SILENCE: Pcm = np.zeros(FRAME, np.int16)


class Narrow:
    """Sound of any rate as frames of `dialplans.speech.correlation`."""

    def __init__(self) -> None:
        self._resampler: rtc.AudioResampler | None = None
        self._rate = RATE
        self._rest = np.zeros(0, np.int16)

    def frames(self, sound: rtc.AudioFrame) -> list[Pcm]:
        """All of it, but for what is shorter than a frame and comes with the next."""
        if sound.sample_rate != self._rate:
            self._rate = sound.sample_rate
            self._resampler = rtc.AudioResampler(self._rate, RATE)
        parts = [sound] if self._resampler is None else self._resampler.push(sound)
        return self._cut([np.frombuffer(part.data, np.int16) for part in parts])

    def at_once(self, sound: rtc.AudioFrame) -> list[Pcm]:
        """The same for a telephone's sound, which has nothing above 4 kHz that could fold over: no
        filter keeps the end of it back."""
        every = sound.sample_rate // RATE
        samples = np.frombuffer(sound.data, np.int16)
        narrow = samples[: len(samples) // every * every].reshape(-1, every).mean(axis=1)
        return self._cut([narrow.astype(np.int16)])

    def last(self) -> list[Pcm]:
        """What is left at the end of a sentence."""
        parts = [] if self._resampler is None else self._resampler.flush()
        whole = self._cut([np.frombuffer(part.data, np.int16) for part in parts])
        rest, self._rest = self._rest, self._rest[:0]
        return [*whole, np.pad(rest, (0, FRAME - len(rest)))] if len(rest) else whole

    def _cut(self, parts: list[Pcm]) -> list[Pcm]:
        whole = np.concatenate([self._rest, *parts])
        cut = len(whole) // FRAME * FRAME
        self._rest = whole[cut:]
        return list(whole[:cut].reshape(-1, FRAME))


class EchoGuard:
    """`plays` what the session says, as early as it is known; `without` for each frame heard."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent = Sent(LONGEST)
        self._judge = EchoJudge(self._sent)
        self._mouth, self._ear = Narrow(), Narrow()
        self._waiting: deque[Pcm] = deque()
        self._began = 0.0
        self._played = 0
        self._verdict = Verdict.CLEAR

    def plays(self, sound: rtc.AudioFrame) -> None:
        if not self._waiting:
            self._began, self._played = self._clock(), 0
        self._waiting.extend(self._mouth.frames(sound))

    def ends(self) -> None:
        """A sentence is complete."""
        self._waiting.extend(self._mouth.last())

    def falls_silent(self) -> None:
        """What was not played yet never will be."""
        self._mouth.last()
        self._waiting.clear()

    def without(self, sound: rtc.AudioFrame) -> rtc.AudioFrame:
        """The frame, or as much silence if it is an echo."""
        for heard in self._ear.at_once(sound):
            for _ in range(self._due()):
                self._sent.add(self._next())
            self._verdict = self._judge.judge(heard)
        if self._verdict not in (Verdict.ECHO, Verdict.MIXED):
            return sound
        nothing = bytes(len(sound.data) * sound.data.itemsize)
        return rtc.AudioFrame(
            nothing, sound.sample_rate, sound.num_channels, sound.samples_per_channel
        )

    def _next(self) -> Pcm:
        self._played += 1
        return self._waiting.popleft() if self._waiting else SILENCE

    def _due(self) -> int:
        """Frames that are played while one is heard: one, as long as the two keep step."""
        if not self._waiting:
            return 1
        behind = int((self._clock() - self._began) / FRAME_S) - self._played
        return max(0, 1 + behind) if abs(behind) > ASTRAY_FRAMES else 1


def guard(session: AgentSession[Any], clock: Callable[[], float] = time.monotonic) -> None:
    """From now on, once. A session without sound needs none."""
    ear, mouth = session.input.audio, session.output.audio
    if ear is None or mouth is None:
        return
    between = EchoGuard(clock)
    session.input.audio = _Ear(ear, between)
    session.output.audio = _Mouth(mouth, between)


class _Ear(io.AudioInput):
    def __init__(self, source: io.AudioInput, between: EchoGuard) -> None:
        super().__init__(label="EchoGuard", source=source)
        self._between = between

    async def __anext__(self) -> rtc.AudioFrame:
        return self._between.without(await super().__anext__())


class _Mouth(io.AudioOutput):
    def __init__(self, sink: io.AudioOutput, between: EchoGuard) -> None:
        super().__init__(
            label="EchoGuard",
            next_in_chain=sink,
            sample_rate=sink.sample_rate,
            capabilities=io.AudioOutputCapabilities(pause=True),
        )
        self._between = between

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        assert self.next_in_chain is not None
        await self.next_in_chain.capture_frame(frame)
        await super().capture_frame(frame)
        self._between.plays(frame)

    def flush(self) -> None:
        super().flush()
        assert self.next_in_chain is not None
        self.next_in_chain.flush()
        self._between.ends()

    def clear_buffer(self) -> None:
        assert self.next_in_chain is not None
        self.next_in_chain.clear_buffer()
        self._between.falls_silent()
