"""Telephones outside, and mailboxes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from dialplans.model.actions import Action
from dialplans.model.telephones import TELEPHONES
from dialplans.model.values.base import Flag, Key, Model, Name, fail
from dialplans.model.values.files import FileName
from dialplans.model.values.patterns import NumberOf
from dialplans.model.values.scalars import Duration, Least, PhraseOf

DEFAULT_RING = timedelta(seconds=25)


class Target(Model):
    """`dial`, `telephone`: we ring somebody and join them; `refer`: the caller's carrier takes the
    call over."""

    dial: NumberOf | None = Field(default=None, description="The number that is rung.")
    via: Name | None = Field(default=None, description="The trunk it is rung through.")
    telephone: Name | None = Field(
        default=None, description="The company's telephone that is rung, without a trunk."
    )
    refer: str | None = Field(
        default=None,
        pattern=r"^(sips?:[^\s@<>]+@[^\s@<>]+|sips?:[^\s@<>]+|tel:\+[0-9]+)$",
        description="A SIP address or tel: number (RFC 3515).",
    )
    warm: Flag = Field(default=False, description="A person is told about the caller first.")
    confirm: Key | None = Field(default=None, description="The key that takes the call.")
    ring: Annotated[Duration, Least("3s")] | None = Field(
        default=None,
        description="How long it rings, then waits for `confirm`, at least 3s; else "
        "`defaults.ring`, 25s.",
    )
    otherwise: Action | None = Field(
        default=None,
        alias="else",
        description="When nobody takes the call, whatever the reason; else `defaults.else`.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Target:
        ways = (self.dial, self.telephone, self.refer)
        if sum(way is not None for way in ways) != 1:
            fail("E_DIAL", "a target has one of dial, telephone and refer")
        if self.telephone is not None and self.via is not None:
            fail("E_DIAL", "a telephone of the company is rung without a trunk", "leave via out")
        if self.dial is not None and self.via is None:
            fail("E_DIAL", "dial needs a trunk", "add via: TRUNK")
        if self.refer is not None and (self.via or self.warm or self.confirm):
            fail("E_DIAL", "via, warm and confirm belong to dial, not to refer")
        return self

    @property
    def rung(self) -> tuple[str, str] | None:
        """Whom we ring and through which trunk; None where the caller is referred."""
        if self.telephone is not None:
            return self.telephone, TELEPHONES
        return (self.dial, self.via) if self.dial is not None and self.via is not None else None


class Voicemail(Model):
    """A mailbox. It always ends the call."""

    greeting: FileName | None = Field(default=None, description="A sound file.")
    say: PhraseOf | None = Field(default=None, description="Words instead of a sound file.")
    max: Annotated[Duration, Least("1s")] = Field(
        default=timedelta(seconds=120), description="The longest message; at least 1s."
    )
    notify: str | None = Field(
        default=None,
        pattern=r"^(webhook:[a-z][a-z0-9_-]*|mailto:[^\s@]+@[^\s@]+)$",
        description="`webhook:NAME` or `mailto:ADDRESS`, told about each message.",
    )

    @model_validator(mode="after")
    def _one_greeting(self) -> Voicemail:
        if self.greeting is not None and self.say is not None:
            fail("E_TYPE", "write either greeting or say, not both")
        return self
