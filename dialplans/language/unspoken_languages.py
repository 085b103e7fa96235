"""Where a plan asks for a language that nobody here speaks, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialplans.language.build import Path, place_of
from dialplans.language.load import Loaded
from dialplans.language.problems import Problem, in_order
from dialplans.model import Dialplan
from dialplans.speech.language import base_language
from dialplans.speech.voices import BY_PROGRAM, FALLBACK_NAME, PROGRAM, SETTING, Voices

ADVICE = f"install {PROGRAM} (it speaks {' and '.join(BY_PROGRAM)}), or set {SETTING}"


def unspoken(plan: Dialplan, voices: Voices) -> Iterator[tuple[Path, str, str]]:
    """Where the plan asks for a language that nobody speaks: the path, the language, and who is
    concerned, for a sentence."""
    for number in plan.numbers:
        language = plan.language_of(number)
        if not voices.speak(language):
            yield ("numbers", number), language, f"callers of {number}"
    for name, persona in plan.personas.items():
        if persona.language and not voices.speak(persona.language):
            yield ("personas", name), persona.language, f"whoever talks with {name}"


def sentence(language: str, whom: str) -> str:
    return f"no voice here speaks {base_language(language)}: {whom} would hear {FALLBACK_NAME}"


def with_voices(loaded: Loaded, voices: Voices) -> Loaded:
    """The same, with the problems of this machine among those of the plan."""
    if loaded.plan is None:
        return loaded
    found = [
        Problem(place_of(loaded.tree, path), "W_VOICE", sentence(language, whom), ADVICE)
        for path, language, whom in unspoken(loaded.plan, voices)
    ]
    return replace(loaded, problems=in_order([*loaded.problems, *found]))
