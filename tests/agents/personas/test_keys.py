"""Every key that a persona of the shipped plan names does something, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.company.phrases import phrases
from agents.plans import PinnedPlan
from agents.stage_factory import persona_class
from dialplans.language.load import load
from tests.agents.calling import BERLIN, RECEPTION, TODAY, call_to
from tests.fakes.contact_centre import TestCallControl
from tests.fakes.language_model import calls

MAIN = Path(__file__).parents[3] / "dialplans" / "main.yaml"


@pytest.fixture(scope="module")
def shipped() -> PinnedPlan:
    loaded = load(MAIN)
    assert loaded.plan is not None
    return PinnedPlan(loaded.plan, loaded.revision, dict(loaded.files), MAIN.parent)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("persona", ["reception", "billing", "support", "night"])
def test_what_a_persona_offers_on_keys_is_there(
    shipped: PinnedPlan, persona: str, language: str
) -> None:
    """A key that is read out and does nothing would leave the caller in silence."""
    intents, made = shipped.intents(persona), persona_class(shipped.plan, persona)
    offered = re.findall(r"\b(\d)\b", phrases(language).say(f"{made.phrases}.keys"))

    assert offered
    for key in offered:
        intent = intents.intents[intents.for_key(key) or ""]
        assert intent.repeat or intent.say or hasattr(made, intent.tool or ""), key


LATE = TODAY.replace(hour=22)


async def test_at_night_keys_reach_the_engineer(tmp_path: Path, shipped: PinnedPlan) -> None:
    """The number in Berlin: the menu, key 1, the night persona, key 0, and the engineer's
    telephone rings."""
    line = TestCallControl()
    async with call_to(BERLIN, home=tmp_path, line=line, now=LATE, pinned=shipped) as call:
        assert call.stage.place == "menu night"

        await call.presses("1")

        assert call.stage.place == "persona night"
        assert call.said[-1] == call.phrase("night.greeting")

        call.tells_aside(lambda: call.stage.on_key_from("person-1", "1"))
        await call.presses("0")

        assert call.stage.place == "target duty_phone"
        assert line.dialled == ["+493023125900"]
        assert call.record.of("handed_over")[-1].to == "person duty_phone"


async def test_at_night_a_message_is_taken_by_key_and_voice(
    tmp_path: Path, shipped: PinnedPlan
) -> None:
    """Key 1 asks for it, the next sentence is it, and nothing is said about invoices."""
    script = [calls("save_message", text="Bitte rufen Sie mich an")]
    async with call_to(BERLIN, *script, home=tmp_path, now=LATE, pinned=shipped) as call:
        await call.presses("1")
        await call.presses("1")

        assert call.said[-1] == call.phrase("reception.message_who")

        await call.says("Bitte rufen Sie mich an")

        assert call.said[-1] == call.phrase("reception.message_taken")


async def test_at_night_what_is_urgent_rings_the_engineer_by_voice(
    tmp_path: Path, shipped: PinnedPlan
) -> None:
    """And with nobody there the caller hears so and leaves a message."""
    line = TestCallControl()
    line.answers = "no_answer"
    setting = {"home": tmp_path, "line": line, "now": LATE, "pinned": shipped}
    async with call_to(BERLIN, calls("urgent"), **setting) as call:
        await call.presses("1")
        await call.says("mein Anschluss ist tot")
        await call.until("voicemail messages")

        assert call.phrase("person.ringing") in call.said
        assert call.phrase("person.no_answer") in call.said
        assert call.phrase("person.instead_voicemail") in call.said


@pytest.mark.parametrize("way", ["key", "words"])
async def test_what_is_done_by_key_is_recorded_as_what_is_done_by_words(
    tmp_path: Path, shipped: PinnedPlan, way: str
) -> None:
    """The tool, and what it made us say."""
    script = [calls("opening_hours")] if way == "words" else []
    async with call_to(RECEPTION, *script, home=tmp_path, pinned=shipped) as call:
        if way == "words":
            await call.says("When are you open?")
        else:
            await call.presses("3")
        (used,) = call.record.of("tool")

        assert (used.name, used.ok) == ("opening_hours", True)
        assert used.result == call.said[-1]


async def test_a_tool_that_breaks_is_recorded_as_broken(
    tmp_path: Path, shipped: PinnedPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with call_to(RECEPTION, home=tmp_path, pinned=shipped) as call:
        monkeypatch.setattr("agents.personas.reception.hours_sentence", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await call.presses("3")
        await call.settled()
        (used,) = call.record.of("tool")

        assert (used.name, used.ok) == ("opening_hours", False)


async def test_a_key_that_stands_for_nothing_here_offers_those_that_do(
    tmp_path: Path, shipped: PinnedPlan
) -> None:
    async with call_to(BERLIN, home=tmp_path, now=LATE, pinned=shipped) as call:
        await call.presses("1")
        await call.presses("7")

        assert call.said[-2:] == [call.phrase("menu.wrong"), call.phrase("night.keys")]
