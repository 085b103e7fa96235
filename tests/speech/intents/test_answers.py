"""Yes and no inside a sentence answer a question, and what only looks like them does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agents.company.phrases import _read, phrases
from agents.personas.support import Support
from agents.speech.client.matching import Act, Before, choose
from agents.speech.intents.intents import IntentSet, load_intents
from agents.speech.intents.polarity import beside, reply_to
from agents.speech.intents.questions import asks, asks_for_more
from agents.speech.models.embed import Embedder
from tests.bench.understanding import minds
from tests.fakes.understanding import InProcess
from tests.speech.conftest import PROMPTS

HELD_OUT = Path(__file__).parents[1] / "data" / "answers.yaml"
LIGHTS, NEAR = "support.step_lights", "support.step_near"
REPLIES = ("yes", "no", "later", "unsure")


def held_out() -> Iterator[tuple[str, str, str, str]]:
    """(language, question, meaning, sentence)."""
    for language, questions in yaml.safe_load(HELD_OUT.read_text(encoding="utf-8")).items():
        for question, meanings in questions.items():
            for meant, sentences in meanings.items():
                for said in sentences:
                    yield language, question, meant, said


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("en", "Yes it is green", "yes"),
        ("en", "Yeah, it does.", "yes"),
        ("en", "I think so", "yes"),
        ("en", "um, I'm looking at it and yes, it's green", "yes"),
        ("en", "no wait, yes it is", "yes"),
        ("en", "no, it's red", "no"),
        ("en", "I don't think it is", "no"),
        ("en", "yeah it's not green", "no"),
        ("en", "it's orange", "no"),
        ("en", "there isn't any light on", "no"),
        ("de", "ja die leuchtet", "yes"),
        ("de", "Doch, ist sie.", "yes"),
        ("de", "nein, gar nichts", "no"),
        ("de", "da leuchtet nix", "no"),
        ("de", "die ist eher gelb", "no"),
        ("en", "I have no idea", "unsure"),
        ("de", "keine Ahnung, ehrlich gesagt", "unsure"),
        ("en", "no wait", "later"),
        ("en", "not yet", "later"),
        ("en", "okay", "later"),
        ("de", "noch nicht", "later"),
        ("de", "ja Moment, ich muss erst hin", "later"),
        ("en", "no problem", None),
        ("en", "yes, which one is the top light?", None),
        ("en", "I can't find the router", None),
        ("en", "it was green yesterday", None),
        ("de", "welches Licht meinen Sie", None),
        ("de", "mein Telefon geht auch nicht", None),
    ],
)
def test_yes_and_no_are_found_in_what_is_said(language: str, said: str, meant: str | None) -> None:
    """To "is the top light green?", by rule alone."""
    assert reply_to(said, phrases(language).say(LIGHTS)) == meant


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("en", "definitely isn't", "no"),
        ("en", "sure doesn't look it", "no"),
        ("en", "absolutely nothing", "no"),
        ("en", "nuh uh", "no"),
        ("de", "schon nicht", "no"),
        ("de", "stimmt leider so nicht", "no"),
        ("de", "richtig grün ist das nicht", "no"),
        ("en", "sure, no problem, it is", "yes"),
        ("en", "definitely no idea", "unsure"),
        ("de", "ja, kein Problem, grün", "yes"),
        ("de", "stimmt, die ist grün", "yes"),
    ],
)
def test_a_yes_with_a_negation_behind_it_is_a_no(language: str, said: str, meant: str) -> None:
    assert reply_to(said, phrases(language).say(LIGHTS)) == meant


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("en", "the light down there is green", "yes"),
        ("en", "it turned out to be green", "yes"),
        ("en", "it's down", "no"),
        ("en", "the green one went out", "no"),
        ("de", "sieht gut aus", None),
        ("de", "die ist aus", "no"),
        ("de", "na ja", "unsure"),
        ("de", "na ja, grün", "yes"),
        ("en", "mine is", "yes"),
        ("de", "ganz genau", "yes"),
        ("de", "genau wie vorher", "no"),
    ],
)
def test_small_words_are_read_with_those_around_them(
    language: str, said: str, meant: str | None
) -> None:
    assert reply_to(said, phrases(language).say(LIGHTS)) == meant


@pytest.mark.parametrize(
    "said",
    ["no difference", "exactly the same", "it makes no difference", "genauso", "kein Unterschied"],
)
def test_nothing_has_changed_answers_by_what_was_asked(said: str) -> None:
    """Who finds no difference next to the router says that it is still slow; after the restart,
    that it does not work."""
    assert reply_to(said, phrases("en").say(NEAR)) == "yes"
    assert reply_to(said, phrases("de").say(NEAR)) == "yes"
    assert reply_to(said, phrases("en").say("support.step_restart")) == "no"
    assert reply_to(said, phrases("de").say("support.step_restart")) == "no"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("please do", "yes"),
        ("oh yes please", "yes"),
        ("well, why not", "yes"),
        ("go right ahead", "yes"),
        ("that would be very kind", "yes"),
        ("gerne", "yes"),
        ("ja, machen Sie das ruhig", "yes"),
        ("das wäre nett", "yes"),
        ("please don't", "no"),
        ("no need", "no"),
        ("I'd rather not", "no"),
        ("I'm good, thanks", "no"),
        ("bitte nicht", "no"),
        ("nicht nötig", "no"),
        ("lassen Sie mal", "no"),
    ],
)
def test_an_offer_is_taken_and_left_in_the_words_of_people(said: str, meant: str) -> None:
    """To "is it green?" most of them are no answer."""
    assert reply_to(said, "Shall I put you through?") == meant
    assert reply_to(said, "Soll ich Sie verbinden?") == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("still slow", "yes"), ("it's not slow there", "no"), ("much better", "no")]
)
def test_the_words_of_the_question_answer_it(said: str, meant: str) -> None:
    """Whether "slow" is a yes depends on what was asked."""
    assert reply_to(said, phrases("en").say(NEAR)) == meant


def test_an_offer_is_accepted_with_okay() -> None:
    """ "Is it green?" is not: who says okay there is about to look."""
    assert reply_to("okay", "Shall I send it again?") == "yes"
    assert reply_to("gut", "Darf ich Sie verbinden?") == "yes"
    assert reply_to("okay", "Is it green?") == "later"


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("You owe nothing. Is there anything else?", "Is there anything else?"),
        ("Is it green? Say yes or no, or press 1 for yes.", "Is it green?"),
        ("Leuchtet es grün? Sagen Sie ja oder nein.", "Leuchtet es grün?"),
        ("Is it the internet, the router, or the telephone?", ""),
        ("This is billing. What would you like?", ""),
        ("Könnten Sie das noch einmal sagen?", ""),
        ("In one sentence, what should they know?", ""),
        ("Thank you, I have noted that.", ""),
    ],
)
def test_a_question_that_wants_yes_or_no_is_told_from_others(said: str, question: str) -> None:
    assert asks(said) == question


def test_every_step_of_support_asks_for_yes_or_no() -> None:
    """In both languages, so that no step is deaf to an answer."""
    steps = [key for key in _read("en") if key.startswith("support.step_")]

    assert len(steps) >= 4
    for language in ("en", "de"):
        assert [key for key in steps if not asks(phrases(language).say(key))] == []


def test_what_stands_beside_the_answer_is_told_apart() -> None:
    assert beside("Yes, but can I speak to a person?") == "but can i speak to a person"
    assert beside("no") == ""
    assert asks_for_more("Kann ich sonst noch etwas tun?")


def test_a_caller_who_repeats_a_word_for_ever_is_read_as_quickly_as_others() -> None:
    """Recognisers sometimes write the same word hundreds of times."""
    for word in ("well ", "ja ", "no ", "i think ", "moment ", "oh ja ", "that's ", "stimmt so "):
        for question in ("Is it green?", "Shall I send it?"):
            assert reply_to(word * 2_000, question) in (*REPLIES, None)


def meaning(act: Act | None, intents: IntentSet, question: str, language: str) -> str:
    if act is None:
        return "none"
    match act.tool:
        case "answer":
            return "yes" if act.arguments["yes"] else "no"
        case "working":
            return "yes" if act.arguments["works"] is (question != NEAR) else "no"
        case "open_ticket":
            return "ticket"
        case None:
            return "later" if act.say == intents.intents["wait"].say.get(language) else act.say  # type: ignore[call-overload]
        case tool:
            return tool


@pytest.mark.speech
async def test_answers_are_understood_in_words_of_the_callers_own() -> None:
    """Nearly a hundred, English and German, with what only looks like an answer: 95 % right."""
    intents = load_intents(PROMPTS / "support.intents.yaml")
    tools = {name for name in dir(Support) if intents_tool(intents, name)}
    client = InProcess(minds(Embedder())["support"])
    wrong, count = [], 0
    for language, key, meant, said in held_out():
        asked = phrases(language).say(key)
        step = key.startswith("support.step_")
        before = Before(question=asked if step else asks(asked), step=step)
        mind = client.mind(intents, language)
        act = await choose(mind, [said], tools=tools, before=before)
        count += 1
        if meaning(act, intents, key, language) != meant:
            wrong.append((key, said, meaning(act, intents, key, language)))

    assert count >= 95
    assert len(wrong) <= 0.05 * count, wrong


def intents_tool(intents: IntentSet, name: str) -> bool:
    return any(intent.tool == name for intent in intents.intents.values())
