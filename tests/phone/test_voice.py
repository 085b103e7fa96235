from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sip.phone.voice import PhoneVoice
from tests.bench.words import errors
from tests.speech.conftest import SpeechProcess, speech_process

__all__ = ["speech_process"]

pytestmark = pytest.mark.speech


async def test_the_phone_speaks_and_understands_by_the_speech_process(
    speech_process: SpeechProcess,
) -> None:
    """What `switchboard call --say` says is what it would hear."""
    voice = PhoneVoice(speech_process.socket)
    samples, rate = await voice.say("I would like to speak to a person.")
    heard = await voice.understand(samples, rate)
    await voice.aclose()

    assert heard is not None
    assert errors("I would like to speak to a person", heard)[0] == 0


async def test_without_a_speech_process_it_still_speaks_but_cannot_understand(
    tmp_path: Path,
) -> None:
    """Enough to test a call by ear, and honest about the rest."""
    voice = PhoneVoice(tmp_path / "none")
    samples, rate = await voice.say("Hello there.")

    assert len(samples) / rate > 0.5
    assert np.abs(samples).max() > 1000
    assert await voice.understand(samples, rate) is None
