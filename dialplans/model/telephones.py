"""Telephones of the company, which register with us."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from dialplans.model.entrances import Network, Transfers
from dialplans.model.values.base import Model, fail
from dialplans.model.values.patterns import ANY_NUMBER, Callee
from dialplans.model.values.scalars import SecretOf

TELEPHONES = ".telephones"
"""Through what they are rung, as a trunk is named; no trunk of a plan can have this name."""


PERSON: Final = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$"
"""Names of accounts."""


class Telephone(Model):
    """A telephone that registers with us, under its name and with its password, and can then be
    rung by a target, or as the seat of a person: for the calls that wait in their queues. It may
    call those of our numbers that `calls` has."""

    password: SecretOf = Field(description="A variable with the telephone's password.")
    allow: tuple[Network, ...] = Field(
        default=(), description="Addresses that it may register from; else all that know it."
    )
    calls: tuple[Callee, ...] = Field(
        default=(), description="Numbers of ours that it may call; `*` is all; else none."
    )
    transfers: Transfers | None = Field(
        default=None, description="Where it may transfer its call to."
    )
    label: str = Field(default="", description="What people call it.")

    person: str | None = Field(
        default=None,
        pattern=PERSON,
        description="Whose seat it is: the name of their account. Calls of their queues ring here.",
    )
    ready: Literal["signed_in", "registered"] | None = Field(
        default=None,
        description="When that person is ready: `signed_in`, as they say in the console, or "
        "`registered`, whenever the telephone is; else `signed_in`.",
    )

    @model_validator(mode="after")
    def _ready_is_somebody(self) -> Telephone:
        if self.ready is not None and self.person is None:
            fail("E_SEAT", "nobody is ready at a telephone that is nobody's", "add person: NAME")
        return self

    def may_call(self, number: str) -> bool:
        """One of ours; whoever asks has looked that up."""
        return ANY_NUMBER in self.calls or number in self.calls
