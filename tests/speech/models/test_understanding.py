from __future__ import annotations

import pytest
import yaml

from agents.speech.intents.intents import load_intents
from agents.speech.models.embed import Embedder
from agents.speech.models.understand import plainly, smalltalk
from agents.speech.models.vectors import Vectors
from agents.speech.models.weights import MINILM
from tests.bench.understanding import FILES, judge, minds, phrasings, share
from tests.speech.conftest import PROMPTS, ROOT


@pytest.mark.speech
def test_callers_are_understood_in_words_of_their_own() -> None:
    """At least 120 phrasings that are no examples, colloquial ones included: 95 % in English, and
    85 % at least in German."""
    judged = judge("phrasings.yaml", minds(Embedder()))
    english = [one for one in judged if one.language == "en"]
    german = [one for one in judged if one.language == "de"]

    assert len(english) >= 120
    assert share(english) >= 0.95, [one.said for one in english if not one.right]
    assert share(german) >= 0.85, [one.said for one in german if not one.right]


@pytest.mark.speech
def test_a_date_is_no_question_about_opening_hours() -> None:
    """Nor is a time: who merely names one is not told when the office closes, in either language;
    who asks for the hours is told them all the same."""
    judged = judge("phrasings_dates.yaml", minds(Embedder()))
    asked = [one.said for one in judged if one.found == "hours" and one.meant != "hours"]

    assert len(judged) >= 40
    assert asked == []
    assert share(judged) >= 0.85, [one.said for one in judged if not one.right]


def test_no_phrasing_is_an_example() -> None:
    """Otherwise the figure would measure memory."""
    examples = {
        plainly(text)
        for path in PROMPTS.glob("*.intents.yaml")
        for _, text in load_intents(path).examples("en")
    }
    copied = {said for file in FILES for *_, said in phrasings(file) if plainly(said) in examples}

    assert copied == set()


def test_every_shipped_example_comes_with_its_vector() -> None:
    """A fresh machine must understand at once: after a change run
    `python -m agents.speech.models.ship_vectors`."""
    stored = Vectors(MINILM.sha256, None)
    sentences = {
        plainly(text)
        for path in PROMPTS.glob("*.intents.yaml")
        for _, text in load_intents(path).examples("en")
    }
    missing = {one for one in sentences | set(map(plainly, smalltalk())) if stored.get(one) is None}

    assert missing == set()


def test_every_persona_of_the_plan_has_words_in_the_languages_of_its_numbers() -> None:
    """An intents file without German would leave the German number deaf."""
    for path in PROMPTS.glob("*.intents.yaml"):
        for name, intent in load_intents(path).intents.items():
            assert intent.slot or {"en", "de"} <= set(intent.examples), f"{path.name}: {name}"


def test_phrasings_name_intents_that_exist() -> None:
    """A typing error in the bench would count as a miss for ever."""
    personas = {persona for file in FILES for _, persona, _, _ in phrasings(file)}
    known = {name: load_intents(PROMPTS / f"{name}.intents.yaml").intents for name in personas}
    for file in FILES:
        for _, persona, meant, said in phrasings(file):
            assert meant in known[persona] or meant == "none", said


def test_the_readme_shows_an_intents_file_that_loads() -> None:
    """Documentation is executed."""
    from agents.speech.intents.intents import parse_intents

    text = (ROOT / "agents" / "speech" / "README.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]

    assert blocks
    for block in blocks:
        assert yaml.safe_load(block)
        parse_intents(block)


@pytest.mark.speech
@pytest.mark.parametrize(
    ("said", "language", "intent"),
    [
        ("bei mir ist die Leitung komplett tot", "de", "urgent"),
        ("hier geht seit einer Stunde überhaupt nichts mehr", "de", "urgent"),
        ("ich würde gern eine Nachricht dalassen", "de", "message"),
        ("verbinden Sie mich mit einem Menschen", "de", "person"),
        ("our line has been dead for an hour", "en", "urgent"),
        ("could you take a message for the morning", "en", "message"),
        ("please do not record this", "en", "no_recording"),
        ("ich will nicht, dass Sie das aufnehmen", "de", "no_recording"),
    ],
)
def test_the_night_understands_its_callers(said: str, language: str, intent: str) -> None:
    """In words that are no examples: somebody whose line is dead must reach the engineer."""
    night = minds(Embedder())["night"]

    assert night.rank(said, language).intent == intent
