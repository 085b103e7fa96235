"""Rules: the first whose conditions all hold decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dialplans.model.actions import Action
from dialplans.model.values.base import Model, Name, fail
from dialplans.model.values.patterns import PatternOrList
from dialplans.model.values.scalars import Language
from dialplans.telephony.wildcards import LONGEST


def _many(value: Any) -> Any:
    """One value may stand where a list of them is meant."""
    return [value] if isinstance(value, str) else value


OneOrMore = BeforeValidator(_many, json_schema_input_type=str | list[str])


def _short_enough(pattern: str) -> str:
    if len(pattern.replace("*", "")) > LONGEST:
        said = f"this is longer than the {LONGEST} characters of a header that are looked at"
        fail("E_CONDITION", said, "let * stand for the rest")
    return pattern


HeaderPattern = Annotated[str, AfterValidator(_short_enough)]
"""What a SIP header must hold: `*` stands for any characters, also for none."""
NUMBER_CONDITIONS = ("caller", "called", "forwarded_from", "dialled")
"""Keys of `when` that ask for telephone numbers."""


class When(Model):
    """All that is written must hold; nothing written always holds."""

    caller: Annotated[tuple[PatternOrList, ...], OneOrMore] = Field(
        default=(), description="Lists, numbers, prefixes (`+4989*`) or `anonymous`; any of them."
    )
    called: Annotated[tuple[PatternOrList, ...], OneOrMore] = Field(
        default=(), description="The number that was called: lists, numbers or prefixes."
    )
    forwarded_from: Annotated[tuple[PatternOrList, ...], OneOrMore] = Field(
        default=(),
        description="Who sent the call on to ours (Diversion, History-Info); any of them.",
    )
    dialled: Annotated[tuple[PatternOrList, ...], OneOrMore] = Field(
        default=(),
        description="What the caller asked for, if not the number called (To); any of them.",
    )
    hours: Name | None = Field(default=None, description="The hours that are looked at.")
    state: Literal["open", "closed"] = Field(
        default="open", alias="is", description="Whether these hours must be open or closed."
    )
    header: Mapping[str, HeaderPattern] = Field(
        default_factory=dict,
        description="SIP headers and what they must hold; `*` stands for any letters.",
    )
    language: Annotated[tuple[Language, ...], OneOrMore] = Field(
        default=(), description="The language of the number that was called; any of them."
    )

    @model_validator(mode="after")
    def _is_needs_hours(self) -> When:
        if self.hours is None and "state" in self.model_fields_set:
            fail("E_CONDITION", "'is' says nothing without 'hours'", "add hours: NAME")
        return self

    @property
    def always(self) -> bool:
        numbers = any(getattr(self, name) for name in NUMBER_CONDITIONS)
        return not (numbers or self.hours or self.header or self.language)


class Rule(Model):
    name: str | None = Field(default=None, description="What traces call this rule.")
    when: When = Field(default=When(), description="Conditions; without them it always matches.")
    do: Action = Field(description="Where the call goes.")
