"""Reception: who we are, when we are open, whom to ask, and messages."""

from __future__ import annotations

from typing import ClassVar

from livekit.agents import Agent, StopResponse, function_tool

from agents.company.crm import CRMError
from agents.company.opening_hours import hours_sentence
from agents.personas.persona import Persona
from dialplans.engine.call_inputs import HappeningKind


class Reception(Persona):
    phrases: ClassVar[str] = "reception"
    taken_up = frozenset({"about_us", "opening_hours"})

    @function_tool
    async def transfer_to_billing(self) -> Agent | str:
        """The caller asks about an invoice, a payment, a price or their balance."""
        self.call.know("Has a question about billing.")
        return self.hand_to("billing", "reception.to_billing")

    @function_tool
    async def transfer_to_support(self) -> Agent | str:
        """The caller's internet, router or telephone does not work as it should."""
        self.call.know("Has a problem with the line.")
        return self.hand_to("support", "reception.to_support")

    @function_tool
    async def about_us(self) -> str:
        """The caller asks who we are or what we do."""
        self.understood()
        return self.phrase("reception.who")

    @function_tool
    async def opening_hours(self) -> str:
        """The caller asks when we are open or whether we are open now."""
        self.understood()
        call = self.call
        called, now = call.facts.context.called, call.services.now()
        return hours_sentence(call.plan, called, now=now, phrases=call.phrases)

    @function_tool
    async def take_message(self) -> str:
        """The caller wants to leave a message for somebody."""
        self.understood()
        self.call.masking.ask()  # a number to call back belongs into a message
        return self.phrase("reception.message_who")

    @function_tool
    async def save_message(self, text: str) -> Agent | str:
        """Notes the message, in the caller's own words, once they said it."""
        self.understood()
        if not text.strip():
            return self.phrase("reception.message_who")
        crm, caller = self.call.services.crm, self.call.facts.context.caller
        try:
            await self.look_up(crm.take_message(text, caller=caller, wanted=""))
        except CRMError:
            return self.to_person("billing.unavailable", reason="books unavailable")
        self.call.know("Left a message.")
        return self.phrase("reception.message_taken")


class Night(Reception):
    """Reception's short form for when the office is closed: urgent, or a message."""

    phrases: ClassVar[str] = "night"
    taken_up = frozenset()

    @function_tool
    async def urgent(self) -> Agent | None:
        """The caller's line is down or it cannot wait: reach the person on duty."""
        self.call.know("Says it is urgent.")
        stage = self.after(
            HappeningKind.WANTS_HUMAN, self.phrase("person.ringing"), reason="urgent"
        )
        if stage is None:
            raise StopResponse
        return stage
