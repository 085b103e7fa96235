"""What the personas ask of the company they work for; implement `CRM` for yours.

Every method may take a while and may raise `CRMError`; a persona then says that it cannot look
that up now and offers a person. Nothing here knows how a sentence is worded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


class CRMError(Exception):
    """The company's books cannot be read or written now."""


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Customer:
    number: str
    name: str


@dataclass(frozen=True)
class InvoiceLine:
    """One line of an invoice, in the words a caller would use."""

    text: str
    amount: Money


@dataclass(frozen=True)
class Invoice:
    number: str
    issued: date
    due: date
    total: Money
    lines: tuple[InvoiceLine, ...]
    previous_total: Money | None = None

    @property
    def unusual(self) -> tuple[InvoiceLine, ...]:
        """What is on it besides the monthly price: the first line is the plan itself."""
        return self.lines[1:]


@dataclass(frozen=True)
class Balance:
    owed: Money
    due: date | None


@dataclass(frozen=True)
class Ticket:
    number: str
    text: str


class CRM(Protocol):
    """The books of the company. Keep it small: a persona needs facts, not a database."""

    async def identify(self, number: str, pin: str) -> Customer | None:
        """The customer, if number and PIN belong together. After three wrong PINs the number is
        closed for a quarter of an hour, whoever calls: `None` then, too."""

    async def balance(self, customer: Customer) -> Balance: ...

    async def last_invoice(self, customer: Customer) -> Invoice | None: ...

    async def promise_invoice(self, customer: Customer) -> str:
        """Notes that a copy has to be sent, and returns where it will go, fit to be said aloud."""

    async def open_ticket(self, text: str, *, caller: str, customer: Customer | None) -> Ticket: ...

    async def take_message(self, text: str, *, caller: str, wanted: str) -> Ticket: ...

    async def last_ticket(self, caller: str) -> Ticket | None:
        """The newest ticket of this telephone number that is still open."""
