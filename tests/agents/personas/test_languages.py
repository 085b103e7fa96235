"""A persona that always speaks one language, and the call after it."""

from __future__ import annotations

from pathlib import Path

from agents.company.phrases import phrases
from dialplans.speech.voices import Voices
from tests.agents.calling import BERLIN, PLAN, Call, call_to
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls

MENU = "+442079460300"
EMPFANG = """personas:
  empfang: {extends: reception, language: de, hand_off: [billing, english]}
  english: {extends: reception, language: en}
"""
BOTH = PLAN.replace("personas:\n", EMPFANG, 1).replace(
    '"2": {persona: support}}', '"2": {persona: support}, "3": {persona: empfang}}', 1
)


def spoken(call: Call) -> tuple[str, str, str]:
    """The language of the sentences, of the ears and mouth, and of the engine."""
    return (
        call.state.phrases.language,
        call.state.spoken.providers.language,
        call.state.engine.language,
    )


async def test_a_key_leads_to_somebody_who_speaks_another_language(tmp_path: Path) -> None:
    """The menu is English; whoever is reached by key 3 greets in German and hears German."""
    async with call_to(MENU, home=tmp_path, text=BOTH) as call:
        assert call.said[0].startswith("For billing")

        await call.presses("3")

        assert call.said[-1] == phrases("de").say("reception.greeting")
        assert spoken(call) == ("de", "de", "de")
        assert call.stage.stt.language == "de"  # type: ignore[union-attr]
        assert call.record.of("persona")[-1].language == "de"


async def test_the_call_stays_in_it(tmp_path: Path) -> None:
    """Whoever comes next and has no language of their own speaks it too, and so do those whom the
    queue asks for; but "I will put you through" is said in the language of who says it."""
    script = [calls("transfer_to_billing"), calls("person")]
    staff = Staff("support")
    async with call_to(MENU, *script, home=tmp_path, text=BOTH, staff=staff) as call:
        await call.presses("3")
        await call.says("ich habe eine Frage zur Rechnung")

        assert phrases("de").say("reception.to_billing") in call.said
        assert call.stage.place == "persona billing"
        assert spoken(call) == ("de", "de", "de")

        await call.says("ich möchte mit jemandem sprechen")

        assert staff.asked[-1] == "de"


async def test_back_in_the_first_language_the_session_hears_itself(tmp_path: Path) -> None:
    """What it was made for is not made again."""
    async with call_to(MENU, home=tmp_path, text=BOTH) as call:
        await call.presses("3")
        stage = call.stage.hand_to("english", "reception.to_support")  # type: ignore[attr-defined]
        call.stage.go(stage)
        await call.settled()

        assert call.said[-2] == phrases("de").say("reception.to_support")
        assert call.said[-1] == phrases("en").say("reception.greeting")
        assert spoken(call) == ("en", "en", "en")


ENGLISH = Voices(("en",))
"""A machine without a German voice."""


async def test_a_language_that_nobody_speaks_is_heard_in_one_that_somebody_does(
    tmp_path: Path,
) -> None:
    """Sentences, ears and mouth are English, and the engine goes on knowing that the caller is
    German: so does whoever is asked for in a queue."""
    staff = Staff("support")
    async with call_to(BERLIN, calls("person"), home=tmp_path, staff=staff, voices=ENGLISH) as call:
        assert call.said[0] == phrases("en").say("reception.greeting")
        assert spoken(call) == ("en", "en", "de")

        await call.says("a person please")

        assert staff.asked[-1] == "de"


async def test_a_persona_whose_language_nobody_speaks_is_heard_and_recorded(tmp_path: Path) -> None:
    """The call stays in the language it was in, and the record says what the plan wanted."""
    async with call_to(MENU, home=tmp_path, text=BOTH, voices=ENGLISH) as call:
        await call.presses("3")

        assert call.said[-1] == phrases("en").say("reception.greeting")
        assert spoken(call) == ("en", "en", "de")
        assert [one.detail for one in call.record.of("problem")] == [
            "no voice here speaks de: this caller would hear English"
        ]
