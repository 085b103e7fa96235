"""Languages that nobody on a machine speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialplans.language.load import load_text
from dialplans.language.unspoken_languages import with_voices
from dialplans.speech.voices import Voices, embedded, here

PLAN = """version: 1
timezone: Europe/London
defaults: {language: fr, else: {voicemail: box}}
trunks: {local: {allow: ["127.0.0.1/32"]}}
numbers:
  "+442079460100": {trunk: local, language: en-GB, route: main}
  "+493023125100": {trunk: local, language: de-AT, route: main}
  "+33142685300": {trunk: local, route: main}
routes: {main: [{do: {persona: anna}}]}
personas:
  anna: {prompt: p.md, hand_off: [carlo]}
  carlo: {prompt: p.md, language: it}
voicemail: {box: {max: 60s}}
"""
ENGLISH = Voices(("en",))


def found(voices: Voices) -> list[tuple[int, str]]:
    loaded = with_voices(load_text(PLAN, others={"p.md": "You are kind."}), voices)
    return [(p.place.line, p.message) for p in loaded.problems if p.code == "W_VOICE"]


def test_every_number_and_persona_that_cannot_be_heard_is_named() -> None:
    """At its place, with the language and with what its callers hear instead: also a language
    that comes from the defaults, one with a region, and that of a persona."""
    assert found(ENGLISH) == [
        (7, "no voice here speaks de: callers of +493023125100 would hear English"),
        (8, "no voice here speaks fr: callers of +33142685300 would hear English"),
        (12, "no voice here speaks it: whoever talks with carlo would hear English"),
    ]


def test_what_is_spoken_is_no_problem() -> None:
    """With espeak-ng German is; with a voice from elsewhere every language is."""
    assert [line for line, _ in found(Voices(("de", "en")))] == [8, 12]
    assert found(Voices()) == []


def test_nobody_hears_silence() -> None:
    """The language that was asked for, in its region, or the one that is always there."""
    assert ENGLISH.heard("en-GB") == "en-GB"
    assert [ENGLISH.heard(one) for one in ("de", "fr-CA", "IT")] == ["en", "en", "en"]
    assert Voices().heard("is") == "is"


def test_a_machine_speaks_german_if_it_has_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only by that: a folder without it is a machine that does not."""
    program = tmp_path / "with" / "espeak-ng"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    monkeypatch.setenv("PATH", str(tmp_path))
    without = embedded()
    monkeypatch.setenv("PATH", str(program.parent))
    with_it = embedded()

    assert (without, with_it) == (ENGLISH, Voices(("de", "en")))


def test_a_voice_from_elsewhere_is_taken_to_speak_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its provider knows; we do not."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert here({}) == here({"SWITCHBOARD_TTS": "embedded"}) == ENGLISH
    assert here({"SWITCHBOARD_TTS": "plugin:cartesia/sonic-3"}) == Voices()
