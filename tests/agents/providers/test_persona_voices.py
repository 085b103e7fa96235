"""A persona speaks with the voice that the dialplan gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.providers.models import choose
from agents.providers.session_factory import SessionFactory
from agents.providers.voice import voice_of
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.speech.client.tts import EmbeddedTTS
from agents.speech.prerender_cache import phrase_key
from tests.agents.calling import BERLIN, PLAN, RECEPTION, call_to
from tests.fakes.language_model import calls

VOICED = PLAN.replace("billing: {prompt", "billing: {voice: {en: espeak-ng+f2}, prompt")


async def test_a_persona_has_its_voice_and_the_others_the_usual_one(tmp_path: Path) -> None:
    script = calls("transfer_to_billing"), calls("back_to_reception")
    async with call_to(RECEPTION, *script, home=tmp_path, text=VOICED) as call:
        await call.says("my bill")
        speaker: Any = call.stage.tts

        assert isinstance(speaker, EmbeddedTTS)
        assert speaker.voice == "espeak-ng+f2"
        assert call.stage.voice is not call.state.spoken.voice

        await call.says("back please")

        assert call.stage.voice is call.state.spoken.voice


async def test_whoever_puts_through_says_so_in_their_own_voice(tmp_path: Path) -> None:
    """If the sentence was rendered ahead in it; the new persona begins with its greeting."""
    script = [calls("transfer_to_billing")]
    async with call_to(RECEPTION, *script, home=tmp_path, text=VOICED) as call:
        sentence = call.phrase("reception.to_billing")
        call.state.spoken.voice._keep(sentence, bytes(960))
        played: list[Any] = []
        say = call.session.say

        def listening(text: str, **rest: Any) -> Any:
            played.append((text, rest.get("audio")))
            return say(text, **rest)

        call.session.say = listening  # type: ignore[method-assign]
        await call.says("my bill")
        sounds = {text: hasattr(audio, "__aiter__") for text, audio in played}

        assert sounds[sentence]
        assert not sounds[call.phrase("billing.greeting")]


async def test_a_language_without_a_voice_of_its_own_has_the_usual_one(tmp_path: Path) -> None:
    script = [calls("transfer_to_billing")]
    async with call_to(BERLIN, *script, home=tmp_path, text=VOICED) as call:
        await call.says("meine Rechnung")

        assert call.stage.place == "persona billing"
        assert call.stage.voice is call.state.spoken.voice


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("plugin:openai/tts-1:alloy", "nova"),
        ("plugin:deepgram/aura-2-thalia-en", "nova"),
    ],
)
def test_a_voice_of_a_provider_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, expected: str
) -> None:
    """By the name that the provider gives it."""
    keys = {"OPENAI_API_KEY": "k", "DEEPGRAM_API_KEY": "k"}
    for key, value in keys.items():
        monkeypatch.setenv(key, value)
    chosen = Settings(home=tmp_path, tts=setting)
    client = SpeechClient(tmp_path / "none")
    choices = choose(chosen, keys, turn_files=False)
    providers = SessionFactory(choices, chosen, client, "en", None)  # type: ignore[arg-type]
    made: Any = providers.voice(expected)

    assert expected in str(vars(made._opts))


def test_rendered_sentences_are_kept_by_voice(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path)
    choices = choose(chosen, {}, turn_files=False)
    usual, own = voice_of(chosen, choices, "en"), voice_of(chosen, choices, "en", "espeak-ng+f2")
    usual._keep("Hello.", bytes(960))

    assert usual.missing(["Hello."]) == []
    assert own.missing(["Hello."]) == ["Hello."]
    assert phrase_key("Hello.", "en", "espeak-ng+f2") != phrase_key("Hello.", "en")
