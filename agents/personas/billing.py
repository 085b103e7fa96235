"""Billing: balance, the last invoice explained, and a promise to send it, for callers who said who
they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from livekit.agents import Agent, StopResponse, function_tool

from agents.company.crm import CRMError, Customer, Invoice
from agents.personas.identification import NUMBER_DIGITS, PIN_DIGITS, Identification
from agents.personas.persona import Persona
from agents.speech.client.stt import EmbeddedSTT
from agents.speech.intents.slots import spoken_number

Answer = Callable[[Customer], Awaitable[str]]


class Billing(Persona):
    """Whatever needs an account first asks for number and PIN, and then does what was asked."""

    phrases: ClassVar[str] = "billing"
    taken_up = frozenset({"balance", "last_invoice", "send_invoice"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._who: Identification | None = None
        self._then: Answer | None = None

    @function_tool
    async def identify(self) -> str | None:
        """The caller wants to say who they are, or gives a customer number."""
        return await self._for_customer(self._known)

    @function_tool
    async def balance(self) -> str | None:
        """The caller asks what they owe."""
        return await self._for_customer(self._balance)

    @function_tool
    async def last_invoice(self) -> str | None:
        """The caller asks about their last invoice, its amount or why it is so high."""
        return await self._for_customer(self._last_invoice)

    @function_tool
    async def send_invoice(self) -> str | None:
        """The caller wants the last invoice sent again."""
        return await self._for_customer(self._send_invoice)

    @function_tool
    async def transfer_to_support(self) -> Agent | str:
        """The caller's internet, router or telephone does not work as it should."""
        self.call.know("Has a problem with the line.")
        return self.hand_to("support", "billing.to_support")

    @function_tool
    async def back_to_reception(self) -> Agent | str:
        """The caller wants something that billing cannot do, or back to the start."""
        return self.hand_to("reception", "billing.to_reception")

    @function_tool
    async def enter_digits(self, digits: str) -> str | None:
        """The caller said a number, such as the customer number."""
        self._ask_who()
        assert self._who is not None
        self._who.heard(digits)
        return await self._go_on()

    # Who is calling.

    async def _for_customer(self, answer: Answer) -> str | None:
        self.understood()
        if self.call.conversation.customer is not None:
            return await self._answer(answer, self.call.conversation.customer)
        self._then = answer
        self._ask_who()
        self.speak(self.phrase("billing.ask_number"))
        raise StopResponse

    def _ask_who(self) -> None:
        if self._who is None:
            self._who = Identification()
        self.seal(True)

    def seal(self, on: bool) -> None:
        """While sealed nothing that is said goes to a model, not even ahead of the turn's end."""
        self.call.sealed = on
        self._expect()
        self.session.options.preemptive_generation["enabled"] = not on

    def _expect(self) -> None:
        """Tells the recogniser how long a number it listens for: `agents.speech.models.digits`."""
        ears = self.session.stt
        if isinstance(ears, EmbeddedSTT):
            ears.digits = self._who.lengths if self._who and self.call.sealed else ()

    def left(self) -> None:
        super().left()
        if self.call.sealed:
            self.seal(False)

    async def on_key(self, digit: str) -> None:
        if self._who is None:
            await super().on_key(digit)
            return
        self.call.conversation.silences = 0
        whole = self._who.typed(digit)
        self._expect()
        if whole:
            await self._continue()

    async def on_words(self, text: str) -> bool:
        if self._who is None and self._gives_number(text):
            self._ask_who()
        if self._who is None or not self._who.heard(text):
            return await super().on_words(text)
        await self._continue()
        return True

    def _gives_number(self, text: str) -> bool:
        """Some say their number before they are asked for it. A model never sees it."""
        if self.call.conversation.customer is not None or self.consent.asking:
            return False
        number = spoken_number(text) or ""
        return len(number) in (NUMBER_DIGITS, NUMBER_DIGITS + PIN_DIGITS)

    def offers(self, digit: str) -> bool:
        return self._who is None and super().offers(digit)

    async def on_silence(self, times: int) -> None:
        if self._who is not None and times < 3:
            self._ask_again()
        else:
            await super().on_silence(times)

    async def _continue(self) -> None:
        if self.session.current_speech is not None:
            await self.session.interrupt(force=True)
        if said := await self._go_on():
            self.speak(said)

    def _ask_again(self) -> None:
        assert self._who is not None
        count = NUMBER_DIGITS if self._who.step == "number" else PIN_DIGITS
        self.speak(self.phrase("billing.digits_again", count=count))

    async def _go_on(self) -> str | None:
        """The next question of the identification, or, once it is done, the answer."""
        assert self._who is not None
        self._expect()
        match self._who.step:
            case "lost":
                self._give_up()
            case "check":
                return await self._check(self._who)
            case _ if self._who.halfway:
                pass
            case "pin" if not self._who.again:
                self.speak(self.phrase("billing.ask_pin"))
            case _:
                self._ask_again()
        return None

    async def _check(self, who: Identification) -> str | None:
        self.call.masking.remember(who.pin)
        try:
            customer = await self.look_up(self.call.services.crm.identify(who.number, who.pin))
        except CRMError:
            self._unavailable()
            return None
        if customer is None:
            who.refused()
            self._expect()
            if who.step == "lost":
                self._give_up()
                return None
            self.speak(self.phrase("billing.wrong"))
            self.speak(self.phrase("billing.ask_number"))
            return None
        self._done()
        self.call.conversation.customer = customer
        self.call.know("Number and PIN were checked.")
        answer, self._then = self._then or self._known, None
        said = await self._answer(answer, customer)
        known = self.phrase("billing.known", name=customer.name)
        return said if said.startswith(known) else f"{known} {said}"

    def _done(self) -> None:
        self._who = None
        self.seal(False)

    def _give_up(self) -> None:
        self._done()
        self.call.know("Could not say number and PIN.")
        self.go(self.to_person("billing.refused", reason="not identified"))

    def _unavailable(self) -> None:
        self._done()
        self.go(self.to_person("billing.unavailable", reason="books unavailable"))

    # What billing knows.

    async def _answer(self, answer: Answer, customer: Customer) -> str:
        try:
            return await answer(customer)
        except CRMError:
            self._unavailable()
            raise StopResponse from None

    async def _known(self, customer: Customer) -> str:
        known = self.phrase("billing.known", name=customer.name)
        return f"{known} {self.phrase('billing.keys')}"

    async def _balance(self, customer: Customer) -> str:
        balance = await self.look_up(self.call.services.crm.balance(customer))
        self.call.know("Asked for the balance.")
        if balance.due is None:
            return self.phrase("billing.nothing_owed")
        amount = self.call.phrases.money(balance.owed)
        return self.phrase("billing.owed", amount=amount, day=self.call.phrases.day(balance.due))

    async def _last_invoice(self, customer: Customer) -> str:
        invoice = await self.look_up(self.call.services.crm.last_invoice(customer))
        self.call.know("Asked about the last invoice.")
        return self.phrase("billing.no_invoice") if invoice is None else self.explain(invoice)

    async def _send_invoice(self, customer: Customer) -> str:
        address = await self.look_up(self.call.services.crm.promise_invoice(customer))
        self.call.know("Was promised the last invoice again.")
        return self.phrase("billing.promised", address=address)

    def explain(self, invoice: Invoice) -> str:
        """Total and day, what it is made of, and why it is more than the one before."""
        phrases = self.call.phrases
        said = [
            self.phrase(
                "billing.last", day=phrases.day(invoice.issued), amount=phrases.money(invoice.total)
            )
        ]
        if not invoice.unusual:
            said.append(self.phrase("billing.last_plain", plan=invoice.lines[0].text))
            return " ".join(said)
        extra = [
            self.phrase("billing.extra", text=line.text, amount=phrases.money(line.amount))
            for line in invoice.unusual
        ]
        said.append(
            self.phrase(
                "billing.last_more",
                plan=invoice.lines[0].text,
                price=phrases.money(invoice.lines[0].amount),
                extra=", ".join(extra),
            )
        )
        before = invoice.previous_total
        if before is not None and invoice.total.amount > before.amount:
            said.append(self.phrase("billing.more_than_before", before=phrases.money(before)))
        return " ".join(said)
