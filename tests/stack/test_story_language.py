"""A caller of an English number who would rather speak German."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialplans.events import Heard, Persona
from tests.stack.caller import telephone
from tests.stack.running import Stack, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NUMBER = "+442079460903"
PLANS = Path(__file__).parents[2] / "dialplans"
ROUTE = "  tongues: [{do: {menu: tongues}}]"
MENU = """
  tongues:
    say: {en: "For English, press 1. For German, press 2.", de: "Deutsch die 2."}
    keys: {"1": {persona: reception}, "2": {persona: empfang}}
    else: {persona: reception}"""
PERSONA = "  empfang: {extends: reception, language: de}"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The plan of the demo company, with one more number, and no tests."""
    folder = tmp_path_factory.mktemp("plan")
    shutil.copytree(PLANS / "prompts", folder / "prompts")
    text = (PLANS / "main.yaml").read_text().split("\ntests:")[0]
    number = f'  "{NUMBER}": {{trunk: local, language: en, route: tongues}}'
    for where, more in (
        ("numbers", number), ("routes", ROUTE), ("menus", MENU.strip("\n")), ("personas", PERSONA),
    ):  # fmt: skip
        text = text.replace(f"\n{where}:", f"\n{where}:\n{more}", 1)
    (folder / "main.yaml").write_text(text)
    with running_stack({"SWITCHBOARD_DIALPLAN": str(folder / "main.yaml")}) as found:
        yield found


async def test_a_key_leads_to_somebody_who_speaks_and_hears_german(stack: Stack) -> None:
    """From the menu on, what the caller says is recognised as German, and answered in it."""
    async with telephone(stack) as phones:
        caller = await phones.reach(NUMBER)
        await caller.hears("press (2|two)")
        await caller.keys("2")
        came = await caller.records.wait(Persona, name="empfang")
        await caller.lets_finish()
        caller._voice = phones._voice("de")
        await caller.say("Ich habe eine Frage zu meiner Rechnung")
        billing = await caller.records.wait(Persona, name="billing")
        heard = await caller.records.wait(Heard)
        await caller.hangs_up()

    assert (came.language, billing.language) == ("de", "de")
    assert heard.language == "de"
    assert "frage" in heard.text.lower()
