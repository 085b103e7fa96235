"""Queues: whom a caller waits for, what is heard meanwhile, and what happens when it is long."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dialplans.model.actions import Action
from dialplans.model.values.base import Flag, Model, Name, fail
from dialplans.model.values.files import FileName
from dialplans.model.values.scalars import Duration, Language, Least, PhraseOf


class Needs(Model):
    """What a person must be able to do."""

    skills: tuple[Name, ...] = Field(default=(), description="All of them are needed.")
    language: Literal["caller", "any"] | Language = Field(
        default="any", description="`caller`: speaks the caller's; a language; or `any`."
    )


class ServiceLevel(Model):
    target: float = Field(gt=0, le=1, description="The share of calls, e.g. 0.80.")
    within: Annotated[Duration, Least("1s")] = Field(
        description="… that is answered within this time; at least 1s."
    )


class Announce(Model):
    """What a waiting caller hears."""

    position: Flag = Field(default=False, description="How many are before them.")
    wait: Flag = Field(default=False, description="How long it will take.")
    every: Annotated[Duration, Least("5s")] | None = Field(
        default=None, description="How often, at least 5s apart; else only once."
    )
    music: FileName | None = Field(default=None, description="A sound file, played round.")
    say: PhraseOf | None = Field(
        default=None, description="Words of your own, while it rings nowhere."
    )


class Callback(Model):
    keep_place: Flag = Field(default=True, description="The caller's place in the queue is kept.")


class Offer(Model):
    """Something the caller may accept or decline."""

    callback: Callback = Field(description="We ring the caller when it is their turn.")


class OverflowStep(Model):
    """What happens once somebody has waited `after`; one of `widen`, `offer`, `do`."""

    after: Duration = Field(description="The time since the caller came into the queue.")
    widen: tuple[Name, ...] = Field(
        default=(), description="People with one of these skills are asked as well."
    )
    offer: Offer | None = Field(default=None, description="Offered to the caller.")
    do: Action | None = Field(default=None, description="Leaves the queue for this.")

    @model_validator(mode="after")
    def _one_thing(self) -> OverflowStep:
        if [bool(self.widen), self.offer is not None, self.do is not None].count(True) != 1:
            fail("E_OVERFLOW", "a step does exactly one of widen, offer, do")
        return self


class Queue(Model):
    """Callers wait here for people."""

    needs: Needs = Field(default=Needs(), description="Who can take these calls.")
    order: Literal["longest-idle", "round-robin", "fewest-calls"] = Field(
        default="longest-idle", description="Who of several free people is rung."
    )
    ring: Annotated[Duration, Least("3s")] | None = Field(
        default=None,
        description="How long one person is rung, at least 3s; else `defaults.ring`, 25s.",
    )
    service_level: ServiceLevel | None = Field(default=None, description="What is aimed at.")
    announce: Announce = Field(default=Announce(), description="What is heard meanwhile.")
    overflow: tuple[OverflowStep, ...] = Field(
        default=(), description="Steps by waiting time; the last leaves the queue."
    )
    nobody_on: Action | None = Field(
        default=None, description="At once, if nobody is signed in who could answer."
    )
    wrap_up: Duration | None = Field(default=None, description="Rest after a call.")

    @model_validator(mode="after")
    def _later_steps_are_later(self) -> Queue:
        for earlier, later in pairwise(self.overflow):
            if later.after <= earlier.after:
                fail("E_OVERFLOW", "each step of overflow must come after the one before it")
            if earlier.do is not None:
                fail("E_OVERFLOW", "steps after one that leaves the queue never happen")
        return self
