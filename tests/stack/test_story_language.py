"""A caller of an English number who would rather speak German."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dialplans.contracts.events import Heard, Persona
from tests.stack.caller import telephone
from tests.stack.plans import plan_with
from tests.stack.running import Stack, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NUMBER = "+442079460903"
ROUTE = "  tongues: [{do: {menu: tongues}}]"
MENU = """
  tongues:
    say: {en: "For English, press 1. For German, press 2.", de: "Deutsch die 2."}
    keys: {"1": {persona: reception}, "2": {persona: empfang}}
    else: {persona: reception}"""
PERSONA = "  empfang: {extends: reception, language: de}"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    number = f'  "{NUMBER}": {{trunk: local, language: en, route: tongues}}'
    plan = plan_with(
        tmp_path_factory.mktemp("plan"), numbers=number, routes=ROUTE, menus=MENU, personas=PERSONA
    )
    with running_stack({"SWITCHBOARD_DIALPLAN": str(plan)}) as found:
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
