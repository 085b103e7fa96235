"""The sound of a secret is silence in whatever is kept of a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from livekit import rtc
from livekit.agents import UserInputTranscribedEvent

from agents.call.audio_redaction import CALLER, LAG_S, OURS, WORDS_WITHIN_S, AudioRedaction
from agents.job.recording import Recorder
from agents.stages.voicemail import VoicemailStage
from dialplans.contracts.masking import MASKED
from dialplans.model import Recording
from tests.agents.call.clock import Clock
from tests.agents.calling import PLAN, RECEPTION, call_to
from tests.agents.sounds import Ears, Mouth, levels, stretches

MAILBOX = "+442079460900"


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_sound_is_kept_once_its_words_are_known() -> None:
    """A sentence waits for its words, ours for their end, a key for the next one; what holds a
    secret is not kept, and what has no words is not waited for for ever."""
    clock = Clock()
    redaction = AudioRedaction(clock)
    free = redaction.decided()
    redaction.begins(CALLER, clock.now)
    clock.now += 5
    speaking = redaction.decided()
    redaction.sentence("one", speaking=False)
    clock.now += 5
    waiting = redaction.decided()
    redaction.end("one", secret=True)
    after = redaction.decided()

    assert free == 100.0 - LAG_S
    assert speaking == waiting < 100.0
    assert after == 110.0 - LAG_S
    assert redaction.is_secret(CALLER, 101.0, 101.1)
    assert not redaction.is_secret(OURS, 101.0, 101.1)
    assert not redaction.is_secret(CALLER, 106.0, 107.0)

    redaction.begins(CALLER, clock.now)
    redaction.stops()
    clock.now += WORDS_WITHIN_S + 1

    assert redaction.decided() == clock.now - LAG_S


@pytest.mark.real_time
async def test_a_sentence_with_a_secret_is_silence_in_the_recording(tmp_path: Path) -> None:
    """From its first sound on, though its words are known only afterwards, and ours where we repeat
    it; what was said before and after is there."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        call.session.input.audio = ears = Ears()
        call.session.output.audio = Mouth()
        call.state.recorder = recorder = Recorder(call.session)
        await recorder.start(Recording.model_validate({"consent": "announce"}))
        await ears.hears(2.0)
        call.state.audio_redaction.begins(CALLER, call.state.audio_redaction._clock())
        await ears.hears(1.5)
        call.session.emit(
            "user_input_transcribed",
            UserInputTranscribedEvent(transcript="my pin is 4711", is_final=True),
        )
        await ears.hears(2.5)
        await recorder.close()
        await call.settled()
        (event,) = call.record.of("recorded")

    runs = stretches(levels(tmp_path / event.file) > 500)
    assert [sound for sound, _ in runs][:3] == [True, False, True]
    assert 15 <= runs[1][1] <= 32


async def test_a_secret_in_a_message_is_neither_in_its_words_nor_in_its_sound(
    tmp_path: Path,
) -> None:
    """A number to call back is what messages are for, and stays."""
    text = PLAN.replace("messages: {max: 1s}", "messages: {max: 30s}")
    second = rtc.AudioFrame(np.full(16_000, 9000, np.int16).tobytes(), 16_000, 1, 16_000)
    async with call_to(MAILBOX, home=tmp_path, text=text) as call:
        box = call.stage
        assert isinstance(box, VoicemailStage)
        await until(lambda: box._writer is not None)
        for said in ("call me back on 07700 900123", "my PIN is four seven one one", "thank you"):
            box._record(second)
            await call.says(said)
        await call.presses("#")
        await until(lambda: call.record.of("voice_message"))
        (message,) = call.record.of("voice_message")

    sound, _ = soundfile.read(tmp_path / message.file)
    loud = [bool(np.abs(sound[at : at + 16_000]).max()) for at in (0, 16_000, 32_000)]
    assert loud == [True, False, True]
    assert message.text == f"call me back on 07700 900123 my PIN is {MASKED} thank you"
