"""Tests that a plan carries: a call, what happens to it, and where it must go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from dialplans.model.routes import OneOrMore
from dialplans.model.values.base import Model
from dialplans.model.values.times import CallMoment


class PlanTest(Model):
    name: str = Field(min_length=1, description="What is promised.")
    called: str = Field(alias="to", min_length=1, description="The number that is called.")
    caller: str = Field(default="anonymous", alias="from", description="Who calls.")
    at: CallMoment = Field(description="When, in the plan's time zone unless it has an offset.")
    address: str | None = Field(default=None, description="The address the call comes from.")
    headers: Mapping[str, str] = Field(default_factory=dict, description="SIP headers of the call.")
    events: tuple[str, ...] = Field(
        default=(), description="What happens then: `key 1`, `wait 301s`, `persona_failed`, …"
    )
    expect: Annotated[tuple[str, ...], OneOrMore] = Field(
        min_length=1, description="Each place the call comes to; `a | b` allows either."
    )
