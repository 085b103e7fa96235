"""A voice is heard at its beginning, whatever was on the line before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, vad

from agents.speech.client.vad import FORGETS_S, ForgetfulVAD
from tests.speech.conftest import Spoken, silence
from tests.speech.onset import RATE, WINDOW, narrow, noisy, onsets

Kind = vad.VADEventType


@pytest.mark.speech
@pytest.mark.parametrize("noise", [3.0, 60.0, 200.0])
async def test_a_deep_voice_is_heard_after_a_faint_noise(voice: Spoken, noise: float) -> None:
    """After four lengths of it; a detector that remembers notices the second after 1.4 seconds."""
    sentences = [
        "When are you open, please?",
        "Sorry, can you repeat that?",
        "The internet at my office has been down.",
        "I have a question about my bill.",
    ]
    parts, begins, at = [], [], 0
    for number, text in enumerate(sentences):
        said = 3_500 * narrow(voice(text), deep=True)
        quiet = silence(4.0 + 3.0 * number)
        begins.append((at + len(quiet)) / RATE)
        parts += [quiet, said]
        at += len(quiet) + len(said)
    line = np.concatenate([*parts, silence(1.0)])
    heard = noisy(line, noise, np.random.default_rng(5))

    found = await onsets(ForgetfulVAD(inference.VAD(min_silence_duration=0.3)), heard)

    late = [min((one - begin for one in found if one > begin), default=9.0) for begin in begins]
    assert max(late) < 0.5, late


@dataclass(frozen=True)
class Window:
    """What a detector said of one window, and how loud that was."""

    probability: float = 0.0
    speaking: bool = False
    level: int = 5


class Scripted(vad.VAD):
    """Says what it is told, a window for a frame, and counts how often it has to forget."""

    def __init__(self, script: list[Window]) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.032))
        self.script = iter(script)
        self.forgot: list[int] = []

    def stream(self) -> vad.VADStream:
        return _ScriptedStream(self)


class _ScriptedStream(vad.VADStream):
    async def _main_task(self) -> None:
        owner = self._vad
        assert isinstance(owner, Scripted)
        heard = 0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                owner.forgot.append(heard)
                continue
            heard += 1
            window = next(owner.script)
            pcm = np.full(WINDOW, window.level, np.int16).tobytes()
            self._event_ch.send_nowait(
                vad.VADEvent(
                    type=Kind.INFERENCE_DONE,
                    samples_index=0,
                    timestamp=0.0,
                    speech_duration=0.0,
                    silence_duration=0.0,
                    frames=[rtc.AudioFrame(pcm, RATE, 1, WINDOW)],
                    probability=window.probability,
                    speaking=window.speaking,
                )
            )


async def forgets_after(script: list[Window]) -> list[int]:
    """The windows after which it forgot, without the two at the end of its input."""
    inner = Scripted(script)
    await onsets(ForgetfulVAD(inner), np.zeros(WINDOW * (len(script) + 1), np.int16))
    return inner.forgot[:-2]


QUIET = round(FORGETS_S / 0.032) + 1


async def test_forgets_again_and_again_while_nobody_speaks() -> None:
    first, second = await forgets_after([Window()] * (2 * QUIET + 5))

    assert first == pytest.approx(QUIET, abs=2)
    assert second == pytest.approx(2 * QUIET, abs=3)


@pytest.mark.parametrize(
    "window",
    [
        pytest.param(Window(speaking=True, probability=0.05), id="a pause in a sentence"),
        pytest.param(Window(probability=0.3), id="perhaps a voice"),
        pytest.param(Window(level=2_000), id="music"),
    ],
)
async def test_nothing_is_forgotten_while_something_is_heard(window: Window) -> None:
    assert await forgets_after([window] * (3 * QUIET)) == []


async def test_a_word_begins_the_time_anew() -> None:
    half = [Window()] * (QUIET // 2 + 5)
    script = [*half, Window(probability=0.9, speaking=True), *half]

    assert await forgets_after(script) == []


async def test_whoever_uses_it_may_make_it_forget() -> None:
    inner = Scripted([Window()] * 3)
    stream = ForgetfulVAD(inner).stream()
    stream.push_frame(rtc.AudioFrame(bytes(2 * WINDOW), RATE, 1, WINDOW))
    stream.flush()
    stream.end_input()

    assert len([event async for event in stream]) == 1
    assert inner.forgot == [1, 1, 1]
    await stream.aclose()
