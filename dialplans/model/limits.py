"""Bounds that hold before any rule is asked, and on calls that we dial."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialplans.model.values.base import Model
from dialplans.model.values.patterns import Pattern
from dialplans.model.values.scalars import Duration, Least, RateOf


class Limits(Model):
    per_caller: RateOf | None = Field(
        default=None, description="Calls of one caller, e.g. `3/min`; more are refused, 486."
    )
    concurrent: int | None = Field(
        default=None, ge=1, description="Calls at once in all; more are refused, 503."
    )
    per_number: int | None = Field(
        default=None, ge=1, description="Calls at once on each number; more are refused, 486."
    )
    max_duration: Annotated[Duration, Least("10s")] | None = Field(
        default=None, description="The longest call; at least 10s."
    )
    dial_out: tuple[Pattern, ...] = Field(
        default=(), description="Numbers that may be dialled; none when left out."
    )
