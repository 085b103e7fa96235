"""A caller of an English number who would rather speak German."""

from __future__ import annotations

import pytest

from dialplans.contracts.events import Heard, Persona
from tests.stack.caller import telephone
from tests.stack.plans import TONGUES
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


async def test_a_key_leads_to_somebody_who_speaks_and_hears_german(stack: Stack) -> None:
    """From the menu on, what the caller says is recognised as German, and answered in it."""
    async with telephone(stack) as phones:
        caller = await phones.reach(TONGUES)
        await caller.catches("press (2|two)")
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
