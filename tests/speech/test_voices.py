"""Voices of personas on this machine."""

from __future__ import annotations

import shutil

import pytest

from agents.speech.client import SpeechClient


@pytest.mark.speech
@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="its voices are espeak-ng's")
async def test_named_voices_sound_different_and_unknown_ones_as_usual(
    client: SpeechClient,
) -> None:
    async def sound(name: str) -> bytes:
        said = client.synthesise("This is the voice of billing.", "en", voice=name)
        return b"".join([piece async for piece in said])

    usual, own, unknown = await sound(""), await sound("espeak-ng+f2"), await sound("nobody")

    assert usual == unknown == await sound("heart")
    assert own != usual
    assert len(own) > 24_000
    await client.aclose()
