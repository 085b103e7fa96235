"""Telephones of the company, which register with us."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from dialplans.model.entrances import Network, Transfers
from dialplans.model.values.base import Model, fail
from dialplans.model.values.patterns import ANY_NUMBER, Callee
from dialplans.model.values.scalars import SecretOf

TELEPHONES = ".telephones"
"""Through what they are rung, as a trunk is named; no trunk of a plan can have this name."""


class Telephone(Model):
    """A telephone that registers with us, under its name and with its password, and can then be
    rung by a target. It may call those of our numbers that `calls` has."""

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

    @model_validator(mode="before")
    @classmethod
    def _no_seat(cls, value: Any) -> Any:
        if isinstance(value, dict) and "person" in value:
            said = "a telephone is nobody's seat: who serves a queue is rung in the console"
            fail("E_KEY", said, "leave person out, and ring it as a target: {telephone: NAME}")
        return value

    def may_call(self, number: str) -> bool:
        """One of ours; whoever asks has looked that up."""
        return ANY_NUMBER in self.calls or number in self.calls
