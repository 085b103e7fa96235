"""The whole plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from dialplans.model.actions import Action, PlaceKind
from dialplans.model.entrances import Number, Trunk
from dialplans.model.hours import Holidays, Hours, Override
from dialplans.model.limits import Limits
from dialplans.model.menus import DEFAULT_RETRIES, DEFAULT_TIMEOUT, Menu
from dialplans.model.personas import Persona, Recording
from dialplans.model.queues import Queue
from dialplans.model.routes import OneOrMore, Rule
from dialplans.model.targets import DEFAULT_RING, Target, Voicemail
from dialplans.model.telephones import Telephone
from dialplans.model.trials import PlanTest
from dialplans.model.values.base import Model, Name
from dialplans.model.values.patterns import Entrance, Pattern
from dialplans.model.values.scalars import Duration, Language, Least, Timezone


class Defaults(Model):
    """What holds where nothing is written, so that no path ends in silence."""

    language: Language = Field(default="en", description="Of numbers that say none.")
    voice: str | Mapping[Language, str] | None = Field(
        default=None, description="Of personas that say none."
    )
    otherwise: Action | None = Field(
        default=None, alias="else", description="The way on of everything that has none."
    )
    timeout: Annotated[Duration, Least("1s")] = Field(
        default=DEFAULT_TIMEOUT, description="Of menus; at least 1s."
    )
    retries: int = Field(default=DEFAULT_RETRIES, ge=0, le=10, description="Of menus.")
    ring: Annotated[Duration, Least("3s")] = Field(
        default=DEFAULT_RING, description="Of targets and queues; at least 3s."
    )
    wait: Annotated[Duration, Least("1s")] = Field(
        default=timedelta(seconds=300), description="After it a queue goes to `else`; at least 1s."
    )


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _version(value: Any) -> Any:
    return 1 if value == "1" else value


Overrides = Annotated[
    tuple[Override, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=Override | list[Override]),
]


class Dialplan(Model):
    """Everything that is known about where calls go. Built by `dialplans.language.load`, which
    also fills in what `extends` and `defaults` say: whoever reads it need not look there."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        description="The version of this language."
    )
    include: Annotated[tuple[str, ...], OneOrMore] = Field(
        default=(), description="Files read before this one, in this order, beside or below it."
    )
    timezone: Timezone = Field(description="Where times are read that no number gives a zone.")
    defaults: Defaults = Field(default=Defaults(), description="Holds where nothing is written.")
    hours: Mapping[Name, Hours] = Field(default_factory=dict, description="Named opening times.")
    holidays: Holidays = Field(
        default_factory=dict, description="Days that differ, for all hours without their own."
    )
    override: Overrides = Field(default=(), description="Emergencies, each with an end.")
    lists: Mapping[Name, tuple[Pattern, ...]] = Field(
        default_factory=dict, description="Named lists of numbers and prefixes."
    )
    limits: Limits = Field(default=Limits(), description="Bounds on calls in and out.")
    recording: Recording = Field(
        default=Recording(consent="never"), description="Of personas that say nothing about it."
    )
    trunks: Mapping[Name, Trunk] = Field(default_factory=dict, description="Ways in and out.")
    numbers: Mapping[Entrance, Number] = Field(
        default_factory=dict,
        description="Numbers that are ours, short ones for our telephones (`21`), and `web`.",
    )
    routes: Mapping[Name, tuple[Rule, ...]] = Field(
        default_factory=dict, description="Rules in order; the last must match everything."
    )
    personas: Mapping[Name, Persona] = Field(default_factory=dict, description="Who speaks.")
    menus: Mapping[Name, Menu] = Field(default_factory=dict, description="Menus of keys.")
    queues: Mapping[Name, Queue] = Field(default_factory=dict, description="Waiting for people.")
    targets: Mapping[Name, Target] = Field(default_factory=dict, description="Telephones outside.")
    telephones: Mapping[Name, Telephone] = Field(
        default_factory=dict, description="Telephones of the company, which register with us."
    )
    voicemail: Mapping[Name, Voicemail] = Field(default_factory=dict, description="Mailboxes.")
    tests: tuple[PlanTest, ...] = Field(default=(), description="What must be true of the plan.")

    @property
    def parts(self) -> Mapping[str, Mapping[str, Any]]:
        """What an action of each `PlaceKind` may name."""
        return {
            PlaceKind.PERSONA: self.personas,
            PlaceKind.MENU: self.menus,
            PlaceKind.QUEUE: self.queues,
            PlaceKind.TARGET: self.targets,
            PlaceKind.VOICEMAIL: self.voicemail,
        }

    def timezone_of(self, called: str) -> str:
        """The zone in which hours are read for a call to `called`."""
        number = self.numbers.get(called)
        return (number.timezone if number else None) or self.timezone

    def language_of(self, called: str) -> str:
        number = self.numbers.get(called)
        return (number.language if number else None) or self.defaults.language

    def language_at(self, kind: PlaceKind, name: str, before: str) -> str:
        """What is spoken at a place: a persona's own language, else what was spoken before."""
        persona = self.personas.get(name) if kind == PlaceKind.PERSONA else None
        return (persona.language if persona else None) or before

    def numbers_of(self, trunk: str) -> tuple[str, ...]:
        return tuple(key for key, number in self.numbers.items() if number.trunk == trunk)

    def holidays_of(self, hours: str) -> Holidays:
        """The holidays that rule some hours: their own, else the plan's."""
        own = self.hours[hours].holidays
        return self.holidays if own is None else own
