"""Menus, last sentences, refusals and goodbyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.stages.menu import heard_key, words_of
from dialplans.model import action
from tests.agents.calling import RECEPTION, call_to
from tests.fakes.contact_centre import TestCallControl
from tests.fakes.language_model import calls

MENU = "+442079460300"


@pytest.mark.parametrize("words", ["one", "press one", "it's about billing"])
async def test_a_menu_is_answered_by_voice(tmp_path: Path, words: str) -> None:
    async with call_to(MENU, home=tmp_path) as call:
        await call.says(words)

        assert call.stage.place == "persona billing"


async def test_a_menu_is_answered_by_key(tmp_path: Path) -> None:
    async with call_to(MENU, home=tmp_path) as call:
        await call.presses("2")

        assert call.stage.place == "persona support"


async def test_a_menu_that_nobody_answers_is_said_again_and_then_leads_on(tmp_path: Path) -> None:
    """As often as the plan says: here once more."""
    async with call_to(MENU, home=tmp_path) as call:
        await call.until("voicemail messages", within=10)

        assert call.said.count("For billing, press 1. For help, press 2.") == 2


@pytest.mark.parametrize(("one", "other"), [("7", "8"), ("A", "D"), ("!", "*")])
async def test_a_wrong_key_counts_as_a_try(tmp_path: Path, one: str, other: str) -> None:
    """Also those of the sixteen that no menu has, and what some telephones send for a flash."""
    async with call_to(MENU, home=tmp_path) as call:
        await call.presses(one)

        assert call.phrase("menu.wrong") in call.said

        await call.presses(other)
        await call.until("voicemail messages")


def test_words_of_a_menu_belong_to_the_key_of_their_sentence() -> None:
    """A word that two keys share says nothing."""
    keys = {"1": action("persona", "billing"), "2": action("persona", "support")}
    words = words_of("For invoices and calls press 1. For repairs and calls press 2.", keys)

    assert heard_key("an invoice, invoices", words) == "1"
    assert heard_key("I need repairs", words) == "2"
    assert heard_key("calls", words) is None


async def test_last_words_are_said_before_hanging_up(tmp_path: Path) -> None:
    line = TestCallControl()
    async with call_to("+442079460700", home=tmp_path, line=line) as call:
        assert call.said == ["We have moved. Goodbye."]
        assert line.hung_up == ["persona_hung_up"]


async def test_a_rejected_call_is_refused_without_a_word_and_recorded(tmp_path: Path) -> None:
    line = TestCallControl()
    async with call_to("+442079460800", home=tmp_path, line=line) as call:
        refused = call.record.of("refused")

        assert line.refused == [603]
        assert call.said == []
        assert [(event.code, event.reason) for event in refused] == [(603, "rejected_by_plan")]


async def test_goodbye_is_said_and_the_line_hung_up(tmp_path: Path) -> None:
    line = TestCallControl()
    async with call_to(RECEPTION, calls("goodbye"), home=tmp_path, line=line) as call:
        await call.says("bye")

        assert call.said[-1] == call.phrase("call.goodbye")
        assert line.hung_up == ["persona_hung_up"]


async def test_a_mailbox_without_a_message_says_so(tmp_path: Path) -> None:
    """No file is left behind, and the call ends."""
    line = TestCallControl()
    async with call_to("+442079460900", home=tmp_path, line=line) as call:
        await call.settled(1.3)

        assert call.said[-1] == call.phrase("voicemail.nothing")
        assert line.hung_up == ["no_message"]
        assert not list((tmp_path / "voicemail").rglob("*.wav"))
