"""Voices of personas on this machine."""

from __future__ import annotations

import pytest

from agents.speech.client.client import SpeechClient
from agents.speech.client.tts import EmbeddedTTS
from tests.programs import program


@pytest.mark.speech
async def test_named_voices_sound_different_and_unknown_ones_as_usual(
    client: SpeechClient,
) -> None:
    program("espeak-ng")  # whose voices they are

    async def sound(name: str) -> bytes:
        said = client.synthesise("This is the voice of billing.", "en", voice=name)
        return b"".join([piece async for piece in said])

    usual, own, unknown = await sound(""), await sound("espeak-ng+f2"), await sound("nobody")

    assert usual == unknown == await sound("heart")
    assert own != usual
    assert len(own) > 24_000
    await client.aclose()


@pytest.mark.speech
@pytest.mark.parametrize("language", ["fr", "nl", "tr-TR"])
async def test_a_language_without_a_voice_is_read_by_the_one_that_is_there(
    client: SpeechClient, language: str
) -> None:
    """Whoever finds out only when it speaks says it in English rather than not at all."""
    text = "One moment please. I am looking."

    async def sound(spoken: str) -> bytes:
        async with EmbeddedTTS(client, language=spoken).synthesize(text) as stream:
            return bytes((await stream.collect()).data)

    assert await sound(language) == await sound("en")
    await client.aclose()
