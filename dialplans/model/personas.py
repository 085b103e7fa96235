"""Personas: who speaks, to whom they hand over, and what becomes of the recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dialplans.model.actions import Action
from dialplans.model.values.base import Model, Name, fail
from dialplans.model.values.files import FileName
from dialplans.model.values.scalars import Duration, Language, Least, PhraseOf
from dialplans.speech.language import base_language


class Recording(Model):
    """Whether calls are recorded, and how the caller is asked. `never` is short for consent."""

    consent: Literal["announce", "ask", "never"] = Field(
        description="`announce`: said first; `ask`: only after a yes; `never`: not recorded."
    )
    say: PhraseOf | None = Field(default=None, description="The words; else the built-in ones.")
    pause: tuple[Name, ...] = Field(
        default=(), description="Steps that leave no trace, such as `card_number`."
    )
    keep: Annotated[Duration, Least("1d")] | None = Field(
        default=None, description="After how long it is deleted; at least 1d."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"consent": value} if isinstance(value, str) else value


class Persona(Model):
    """A voice with a task. What is not written comes from `extends`, then from `defaults`."""

    extends: Name | None = Field(default=None, description="The persona that this one varies.")
    prompt: FileName | None = Field(default=None, description="Its task, a prose file.")
    intents: FileName | None = Field(
        default=None, description="What it understands without a cloud model, a YAML file."
    )
    greeting: PhraseOf | None = Field(default=None, description="Its first sentence.")
    voice: str | Mapping[Language, str] | None = Field(
        default=None, description="A voice, or one for each language."
    )
    language: Language | None = Field(
        default=None,
        description="Always speaks this, and the call goes on in it; else what was spoken before.",
    )
    hand_off: tuple[Name, ...] = Field(default=(), description="Personas it may put through to.")
    carry: tuple[Name, ...] = Field(
        default=("summary",), description="What the next one learns: `summary`, `transcript`, …"
    )
    to_human: Action | None = Field(
        default=None, description="Where a caller goes who wants a person."
    )
    fallback: Action | None = Field(
        default=None, description="Where the call goes if the persona fails; else `to_human`."
    )
    record: Recording | None = Field(
        default=None, description="Recording of its part; else the plan's `recording`."
    )

    @model_validator(mode="after")
    def _knows_its_task(self) -> Persona:
        if self.prompt is None and self.extends is None:
            fail("E_MISSING", "a persona needs a prompt, or another one that it extends")
        return self

    def voice_in(self, language: str) -> str | None:
        if self.voice is None or isinstance(self.voice, str):
            return self.voice
        return self.voice.get(language) or self.voice.get(base_language(language))
