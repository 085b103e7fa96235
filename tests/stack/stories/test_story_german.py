"""A German caller with nothing but the packages of this machine."""

from __future__ import annotations

import pytest

from dialplans.contracts.events import Ended, Persona, Routed, VoiceMessage
from tests.programs import program
from tests.stack.caller import BERLIN, telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]


async def test_a_german_number_speaks_german_and_is_served_by_keys(stack: Stack) -> None:
    """By day the persona greets and key 0 asks for a person; at night the menu offers key 2. Both
    lead to the mailbox, in German. What the robotic voice says is hard to recognise through a
    telephone, so it is known by its sound."""
    program("espeak-ng")  # the only German voice without a key
    async with telephone(stack) as phones:
        caller = await phones.reach(BERLIN, tongue="de")
        routed = await caller.records.wait(Routed)
        if routed.decision_kind == "persona":
            await caller.records.wait(Persona, language="de")
            await caller.hears_voice("Wie kann ich Ihnen helfen?")
            await caller.keys("0")
        else:
            assert routed.decision_name == "night"
            await caller.hears_voice("Unser Berliner Büro ist gerade geschlossen.")
            await caller.keys("2")
        await caller.lets_finish()
        await caller.say("Bitte rufen Sie mich morgen früh zurück")
        await caller.keys("#")
        await caller.is_hung_up_on()
        await caller.records.wait(Ended, source="agent", cause="message_taken")
        message = await caller.records.wait(VoiceMessage)
        record = caller.records

    assert "Nachricht" in record.said()
    assert "goodbye" not in record.said().lower()
    assert message.seconds > 1
