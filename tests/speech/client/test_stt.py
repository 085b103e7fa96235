from __future__ import annotations

import asyncio

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import stt

from agents.speech.client.client import SpeechClient
from agents.speech.client.stt import EmbeddedSTT, Hearing
from tests.bench.words import errors
from tests.speech.conftest import Pcm, Spoken, silence

pytestmark = pytest.mark.speech

Kind = stt.SpeechEventType


async def listened(
    client: SpeechClient, audio: Pcm, hearing: Hearing | None = None, *, pace: float = 1.0
) -> list[stt.SpeechEvent]:
    """The events of audio that arrives as it does on the telephone, 20 ms at a time."""
    adapter = EmbeddedSTT(client, hearing=hearing)
    stream = adapter.stream()
    size = 320

    async def feed() -> None:
        for start in range(0, len(audio) - size, size):
            frame = audio[start : start + size].tobytes()
            stream.push_frame(rtc.AudioFrame(frame, 16_000, 1, size))
            await asyncio.sleep(0.02 * pace)
        stream.end_input()

    feeding = asyncio.create_task(feed())
    events = [event async for event in stream]
    await feeding
    await stream.aclose()
    await client.aclose()
    return events


def texts(events: list[stt.SpeechEvent], kind: Kind) -> list[str]:
    return [event.alternatives[0].text for event in events if event.type == kind]


async def test_the_text_is_there_before_the_turn_is_declared_over(
    client: SpeechClient, voice: Spoken
) -> None:
    """A preflight text comes first, and the final text is the same: decoded once, while waiting."""
    said = "I have a question about my bill."
    audio = np.concatenate([silence(0.5), voice(said), silence(1.5)])

    events = await listened(client, audio, Hearing(end_s=0.7))

    kinds = [event.type for event in events]
    assert errors(said, texts(events, Kind.FINAL_TRANSCRIPT)[0])[0] == 0
    assert texts(events, Kind.PREFLIGHT_TRANSCRIPT)[-1:] == texts(events, Kind.FINAL_TRANSCRIPT)
    assert kinds.index(Kind.START_OF_SPEECH) < kinds.index(Kind.PREFLIGHT_TRANSCRIPT)
    assert kinds[-1] == Kind.END_OF_SPEECH


async def test_a_guess_is_thrown_away_when_the_caller_goes_on(
    client: SpeechClient, voice: Spoken
) -> None:
    """A breath in the middle of a sentence: one final text holds both halves, and if the first half
    was told already it was taken back by an interim text."""
    audio = np.concatenate(
        [silence(0.4), voice("My customer number is"), silence(0.35), voice("four seven one one."),
         silence(1.5)]
    )  # fmt: skip

    events = await listened(client, audio, Hearing(end_s=0.8))

    finals = texts(events, Kind.FINAL_TRANSCRIPT)
    kinds = [event.type for event in events]
    assert len(finals) == 1
    assert errors("my customer number is four seven one one", finals[0])[0] <= 1
    taken_back = kinds.count(Kind.INTERIM_TRANSCRIPT)
    assert kinds.count(Kind.PREFLIGHT_TRANSCRIPT) <= taken_back + 1


async def test_a_turn_resumed_before_its_text_is_there_is_one_text(
    client: SpeechClient, voice: Spoken
) -> None:
    """Silence long enough to end the turn, speech again before it was decoded: joined, not cut."""
    audio = np.concatenate(
        [silence(0.4), voice("Wait a moment."), silence(0.3), voice("Please stop."), silence(1.5)]
    )

    events = await listened(client, audio, Hearing(end_s=0.15))

    heard = " ".join(texts(events, Kind.FINAL_TRANSCRIPT))
    assert errors("wait a moment please stop", heard)[0] <= 1


async def test_noise_is_no_turn_with_words(client: SpeechClient) -> None:
    """A cough may begin a turn, but no text comes of it."""
    rng = np.random.default_rng(2)
    cough = (rng.normal(0, 7000, 8000) * np.hanning(8000)).astype(np.int16)

    events = await listened(client, np.concatenate([silence(0.3), cough, silence(1.0)]))

    assert texts(events, Kind.FINAL_TRANSCRIPT) == []


async def test_somebody_who_never_pauses_is_heard_in_pieces(
    client: SpeechClient, voice: Spoken
) -> None:
    """Longer than the ear listens: what there is becomes text, and the rest follows."""
    audio = np.concatenate(
        [silence(0.3), voice("I have a question about my last invoice and about the router."),
         silence(1.0)]
    )  # fmt: skip

    events = await listened(client, audio, Hearing(end_s=0.5, longest_s=1.6))

    assert len(texts(events, Kind.FINAL_TRANSCRIPT)) >= 2


async def test_a_recording_is_recognised_as_a_whole(client: SpeechClient, voice: Spoken) -> None:
    """The batch interface, at another rate: resampled and heard."""
    said = "Please send me a copy of the invoice."
    pcm = voice(said)
    doubled = np.repeat(pcm, 3)
    frame = rtc.AudioFrame(doubled.tobytes(), 48_000, 1, len(doubled))

    event = await EmbeddedSTT(client).recognize([frame])

    assert errors(said, event.alternatives[0].text)[0] == 0
    await client.aclose()
