"""A microphone and a loudspeaker for a session, and how loud a recording of it is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
from livekit import rtc
from livekit.agents.voice import io


class Ears(io.AudioInput):
    """The caller: a tone that never ends, as it is heard."""

    def __init__(self) -> None:
        super().__init__(label="ears")
        self._frames = 0

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        self._frames += 1
        tone = (np.sin(np.arange(320) / 3) * 8000).astype(np.int16)
        return rtc.AudioFrame(tone.tobytes(), 16_000, 1, 320)

    async def hears(self, seconds: float) -> None:
        """Until so much of the tone was heard, however slow the machine is."""
        until = self._frames + round(seconds / 0.02)
        while self._frames < until:
            await asyncio.sleep(0.01)


class Mouth(io.AudioOutput):
    """Where we speak to nobody."""

    def __init__(self) -> None:
        super().__init__(
            label="mouth",
            sample_rate=16_000,
            capabilities=io.AudioOutputCapabilities(pause=False),
        )

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)

    def flush(self) -> None:
        super().flush()

    def clear_buffer(self) -> None: ...


def stretches(loud: np.ndarray) -> list[tuple[bool, int]]:
    """Sound and silence in turn and how many tenths of a second each is; what is shorter than three
    is a hole that the machine made."""
    found: list[tuple[bool, int]] = []
    for sound, tenths in itertools.groupby(bool(one) for one in loud):
        length = len(list(tenths))
        if length < 3:
            continue
        if found and found[-1][0] == sound:
            length += found.pop()[1]
        found.append((sound, length))
    return found


def levels(file: Path) -> np.ndarray:
    """How loud the caller is, for each tenth of a second."""
    with av.open(str(file)) as container:
        rate = container.streams.audio[0].rate
        left = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    size = rate // 10
    whole = left[: len(left) // size * size].reshape(-1, size)
    return np.asarray(np.sqrt((whole.astype(np.float64) ** 2).mean(axis=1)) * 32767)
