"""Which provider is active, and why: decided by settings, keys and files alone."""

from __future__ import annotations

import warnings

import pytest

from agents.doctor import of_choices, of_plan, of_speech
from agents.providers.models import (
    TURN_FILE,
    TURN_REPOSITORY,
    TURN_REVISION,
    arguments,
    choose,
    is_cloud,
)
from agents.settings import Settings
from dialplans.contracts.speech_wire import Description, Voice
from tests.agents.calling import PLAN, plan

CLOUD = "wss://acme.livekit.cloud"


def settings(**given: object) -> Settings:
    return Settings(LIVEKIT_URL=given.pop("url", "ws://127.0.0.1:7880"), **given)  # type: ignore[arg-type]


def test_by_default_nothing_needs_a_key() -> None:
    choices = choose(settings(), {}, turn_files=False)

    assert all(choice.problem == "" for choice in choices.all())
    assert choices.stt.embedded
    assert choices.llm.embedded
    assert choices.tts.embedded
    assert not choices.conversational


@pytest.mark.parametrize(
    ("part", "model"),
    [
        ("stt", "deepgram/nova-3:multi"),
        ("llm", "openai/gpt-4.1-mini"),
        ("tts", "cartesia/sonic-3:9626c31c"),
    ],
)
def test_inference_models_need_a_cloud_project(part: str, model: str) -> None:
    """On a server of one's own they would fail with its keys: the call keeps the embedded part,
    and the operator is told which keys would do."""
    chosen = getattr(choose(settings(**{part: model}), {}, turn_files=False), part)
    keys = {"LIVEKIT_INFERENCE_API_KEY": "k", "LIVEKIT_INFERENCE_API_SECRET": "s"}

    assert chosen.embedded
    assert "LIVEKIT_INFERENCE_API_KEY" in chosen.problem

    for given in (settings(**{part: model}, url=CLOUD), settings(**{part: model})):
        found = getattr(choose(given, keys, turn_files=False), part)

        assert (found.kind, found.active, found.problem) == ("inference", model, "")


def test_plugins_need_their_own_key() -> None:
    asked = settings(stt="plugin:deepgram/nova-3:multi")

    assert choose(asked, {}).stt.problem == "DEEPGRAM_API_KEY is not set"

    found = choose(asked, {"DEEPGRAM_API_KEY": "k"}).stt

    assert (found.kind, found.vendor, found.problem) == ("plugin", "deepgram", "")
    assert arguments(found, "de") == {"model": "nova-3", "language": "multi"}


def test_a_model_server_of_ones_own_needs_no_key() -> None:
    asked = settings(llm="plugin:openai/qwen3")
    found = choose(asked, {"OPENAI_BASE_URL": "http://10.0.0.5:8000/v1"}).llm

    assert found.problem == ""
    assert "10.0.0.5" in found.why


def test_a_voice_stands_behind_the_colon() -> None:
    found = choose(settings(tts="plugin:cartesia/sonic-3:abc"), {"CARTESIA_API_KEY": "k"}).tts

    assert arguments(found, "de-DE") == {"model": "sonic-3", "voice": "abc", "language": "de"}


def test_the_cloud_filter_is_used_with_the_cloud_only() -> None:
    """BVCTelephony for telephones, BVC for the web; a server of one's own passes audio through."""
    cloud = choose(settings(url=CLOUD), {})
    own = choose(settings(), {})
    forced = choose(settings(noise="bvc"), {})

    assert (cloud.noise.active, cloud.noise_web.active) == ("BVCTelephony", "BVC")
    assert (own.noise.active, own.noise.problem) == ("none", "")
    assert forced.noise.active == "none"
    assert "LiveKit Cloud only" in forced.noise.problem


def test_dtln_is_used_when_asked_for() -> None:
    assert choose(settings(noise="dtln"), {}).noise.kind == "dtln"


def test_the_multilingual_model_is_used_when_its_files_are_there() -> None:
    """Else the flow goes by voice activity, and a conversation by LiveKit's own small model."""
    talking = settings(llm="plugin:openai/gpt-4.1-mini")
    key = {"OPENAI_API_KEY": "k"}

    assert choose(settings(), {}, turn_files=True).turn_detection.kind == "multilingual"
    assert choose(settings(), {}, turn_files=False).turn_detection.kind == "vad"
    assert choose(talking, key, turn_files=False).turn_detection.kind == "v1-mini"

    forced = choose(settings(turn_detection="multilingual"), {}, turn_files=False).turn_detection

    assert forced.kind == "v1-mini"
    assert "download-files" in forced.problem


def test_the_files_we_look_for_are_those_the_plugin_loads() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from livekit.plugins.turn_detector import models

    assert models.HG_MODEL == TURN_REPOSITORY
    assert models.ONNX_FILENAME == TURN_FILE
    assert models.MODEL_REVISIONS["multilingual"] == TURN_REVISION


@pytest.mark.parametrize(
    ("url", "cloud"),
    [
        (CLOUD, True),
        ("wss://x.livekit.run", True),
        ("ws://127.0.0.1:7880", False),
        ("wss://livekit.cloud.example.org", False),
        ("wss://mylivekit.cloud", False),
    ],
)
def test_a_cloud_is_known_by_its_host(url: str, cloud: bool) -> None:
    assert is_cloud(url) is cloud


def test_the_doctor_names_what_a_dialplan_asks_in_vain() -> None:
    """A voice that is not here and something that no persona carries: neither stops a call."""
    text = PLAN.replace(
        "reception: {prompt", "reception: {voice: {en: anna, de: espeak-ng+f2}, prompt"
    ).replace("billing: {prompt", "billing: {carry: [summary, shoe_size], voice: heart, prompt")
    voices = [Voice("heart", "en", "neural"), Voice("espeak-ng+f2", "de", "robotic")]
    speech = Description(
        pid=7, cpu="", started_at=0.0, models={"*": "base"}, voices=voices, figures={}
    )
    choices = choose(settings(), {}, turn_files=False)
    found = {(f.part, f.state): f for f in of_plan(plan(text).plan, speech, choices)}

    assert "there is heart" in found["persona reception, en", "problem"].why
    assert found["persona reception, de", "ok"].active == "espeak-ng+f2"
    assert found["persona billing", "note"].active == "carry shoe_size"
    assert ("persona billing, en", "ok") in found
    assert ("persona billing, de", "problem") in found


def test_the_doctor_names_what_is_missing() -> None:
    """A key, a voice for German, the speech process: each with what to do about it."""
    choices = choose(settings(stt="plugin:deepgram/nova-3"), {}, turn_files=False)
    speech = Description(
        pid=7,
        cpu="a processor",
        started_at=0.0,
        models={"*": "base"},
        voices=[Voice("hibari", "en", "neural")],
        figures={},
    )
    found = {f.part: f for f in [*of_choices(choices), *of_speech(speech, choices, ["de", "en"])]}

    assert found["stt"].state == "problem"
    assert "DEEPGRAM_API_KEY" in found["stt"].why
    assert found["speaks de"].state == "problem"
    assert "SWITCHBOARD_TTS" in found["speaks de"].why
    assert found["speaks en"].state == "ok"
    assert of_speech(None, choices, ["en"])[0].state == "problem"
