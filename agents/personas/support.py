"""Support: a few steps that often help, and a ticket with a number where they do not."""

from __future__ import annotations

from typing import Any, ClassVar

from livekit.agents import Agent, StopResponse, function_tool

from agents.company.crm import CRMError, Ticket
from agents.personas.persona import Persona
from agents.personas.troubleshooting import START, DiagnosticStep, first_step
from dialplans.telephony.call import ANONYMOUS

YES_KEY, NO_KEY = "1", "2"
LOOKS_MOST = 1
"""Who still cannot say after having been asked to look once more needs an engineer."""


class Support(Persona):
    """While a step waits for yes or no, the keys 1 and 2 say it as well."""

    phrases: ClassVar[str] = "support"
    taken_up = frozenset({"troubleshoot", "ticket_status"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._step: DiagnosticStep | None = None
        self._ticket: Ticket | None = None
        self._looks = 0

    def asking(self) -> str:
        return self.phrase(self._step.ask) if self._step is not None else ""

    @function_tool
    async def troubleshoot(self, problem: str = "internet") -> str:
        """The caller says what does not work: `internet` (nothing works), `slow`, `router` or
        `phone`."""
        return self._start(problem)

    @function_tool
    async def next_step(self) -> str:
        """The caller did what was asked, or asks what to do next."""
        if self._step is None:
            return self._start("internet")
        return self.phrase(self._step.ask)

    @function_tool
    async def answer(self, yes: bool) -> Agent | str:
        """The caller answers the last question with yes or no."""
        return await self._answered(yes=yes)

    async def _answered(self, *, yes: bool) -> Agent | str:
        self.understood()
        self._looks = 0
        if self._step is None:
            return self.phrase("call.what_else")
        outcome = self._step.yes if yes else self._step.no
        if isinstance(outcome, DiagnosticStep):
            self._step = outcome
            return self.phrase(outcome.ask)
        self._step = None
        if outcome == "ticket":
            return await self._open("support.not_solved")
        if outcome == "solved":
            self.call.know("It works again.")
        words = self.phrase(f"support.{outcome}")
        return f"{words} {self.phrase('billing.anything_else')}"

    @function_tool
    async def working(self, works: bool) -> Agent | str:
        """The caller says that it works again, or that it still does not."""
        if self._step is not None:
            return await self._answered(yes=works is self._step.working)
        if not works:
            return self._start("internet")
        self.understood()
        self.call.know("It works again.")
        return f"{self.phrase('support.solved')} {self.phrase('billing.anything_else')}"

    @function_tool
    async def unsure(self) -> Agent | str:
        """The caller cannot say yes or no to the last question."""
        self.understood()
        if self._step is None:
            return self.phrase("support.keys")
        self._looks += 1
        if self._looks > LOOKS_MOST:
            self._step = None
            return await self._open("support.not_solved")
        return f"{self.phrase('support.unsure')} {self.phrase(self._step.ask)}"

    @function_tool
    async def open_ticket(self) -> Agent | str:
        """The caller wants an engineer, a repair or a ticket."""
        self.understood()
        return await self._open()

    @function_tool
    async def ticket_status(self) -> str:
        """The caller asks about a ticket that is already open."""
        self.understood()
        caller, ticket = self.call.facts.context.caller, self._ticket
        if ticket is None and caller != ANONYMOUS:  # whose number is withheld may be anybody
            try:
                ticket = await self.look_up(self.call.services.crm.last_ticket(caller))
            except CRMError:
                ticket = None
        if ticket is None:
            return self.phrase("support.no_ticket")
        return self.phrase("support.ticket_open", number=self.call.phrases.spelled(ticket.number))

    @function_tool
    async def transfer_to_billing(self) -> Agent | str:
        """The caller asks about an invoice, a payment, a price or their balance."""
        self.call.know("Has a question about billing.")
        return self.hand_to("billing", "support.to_billing")

    @function_tool
    async def back_to_reception(self) -> Agent | str:
        """The caller wants something that support cannot do, or back to the start."""
        return self.hand_to("reception", "support.to_reception")

    async def on_key(self, digit: str) -> None:
        if self._step is not None and digit in (YES_KEY, NO_KEY):
            self.call.conversation.silences = 0
            await self.act("answer", yes=digit == YES_KEY)
        else:
            await super().on_key(digit)

    def offers(self, digit: str) -> bool:
        return (self._step is not None and digit in (YES_KEY, NO_KEY)) or super().offers(digit)

    async def on_silence(self, times: int) -> None:
        # A caller who is unplugging a router is allowed to be quiet for longer.
        if self._step is not None and times == 1:
            return
        if self._step is not None and times == 2:
            self.speak(self.phrase("support.yes_or_no"))
            return
        await super().on_silence(times)

    def _start(self, problem: str) -> str:
        self.understood()
        self.call.know(f"Trouble with: {problem if problem in START else 'internet'}.")
        self._step, self._looks = first_step(problem), 0
        return self.phrase(self._step.ask)

    async def _open(self, *before: str) -> Agent | str:
        """One ticket a call: asking again says its number again."""
        if self._ticket is None:
            text = " / ".join(self.call.conversation.heard[-5:]) or "not described"
            crm, caller = self.call.services.crm, self.call.facts.context.caller
            customer = self.call.conversation.customer
            try:
                self._ticket = await self.look_up(
                    crm.open_ticket(text, caller=caller, customer=customer)
                )
            except CRMError:
                return self.to_person("support.unavailable", reason="books unavailable")
            self.call.know(f"Ticket {self._ticket.number} was opened.")
        number = self.call.phrases.spelled(self._ticket.number)
        said = [self.phrase(key) for key in before]
        return " ".join([*said, self.phrase("support.ticket", number=number)])

    async def leave(self, key: str) -> None:
        self._step = None
        await super().leave(key)
        raise StopResponse
