"""A recogniser from elsewhere that fails gives way to our own, in the middle of a call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, stt

from agents.providers.models import choose
from agents.providers.session_factory import SessionFactory
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.speech.client.stt import EmbeddedSTT
from tests.bench.words import errors
from tests.speech.conftest import Pcm, Spoken, silence
from tests.stack.free_ports import free_ports

pytestmark = pytest.mark.speech

SIZE = 320


async def said(stream: stt.RecognizeStream, audio: Pcm) -> None:
    """As it comes on the telephone, 20 ms at a time."""
    for start in range(0, len(audio) - SIZE, SIZE):
        frame = audio[start : start + SIZE].tobytes()
        stream.push_frame(rtc.AudioFrame(frame, 16_000, 1, SIZE))
        await asyncio.sleep(0.02)


async def test_our_own_recogniser_listens_on(
    client: SpeechClient, voice: Spoken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said to the recogniser that failed may be lost; what is said next is heard."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_ports(1)[0]}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    settings = Settings(home=tmp_path, stt="plugin:openai/whisper-1")
    choices = choose(settings, {"OPENAI_API_KEY": "unused"}, turn_files=False)
    ears = SessionFactory(choices, settings, client, "en", inference.VAD()).stt()
    again = voice("How much do I owe?")

    async with ears.stream() as stream:
        await said(stream, np.concatenate([silence(0.3), voice("Who are you?"), silence(1.5)]))
        await said(stream, np.concatenate([again, silence(1.5)]))
        stream.end_input()
        heard = [
            event.alternatives[0].text
            async for event in stream
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT
        ]

    assert errors("how much do I owe", heard[-1])[0] == 0

    await ears.aclose()
    await client.aclose()


def test_our_own_has_nothing_to_give_way_to(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    speech = SpeechClient(tmp_path / "none.sock")
    providers = SessionFactory(
        choose(settings, {}, turn_files=False), settings, speech, "en", inference.VAD()
    )

    assert isinstance(providers.stt(), EmbeddedSTT)
