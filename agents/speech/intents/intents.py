"""The intents file beside a persona's prompt: what callers say, and what is done about it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

COMMON = Path(__file__).with_name("common.intents.yaml")
"""Person, goodbye, repeat, yes, no and the like: every persona understands them."""

Language = Literal["en", "de"]
Slot = Literal["digits", "text"]


class IntentFileError(ValueError):
    """The file cannot be used; `problems` holds one sentence each, with the place it is about."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("\n".join(f"{source}: {p}" for p in problems))


class Intent(BaseModel):
    """One thing a caller may want. Exactly one of `tool`, `say` alone, or `repeat` answers it;
    `say` beside a `tool` is what is said where the persona has no such tool.

    `strong` goes through while free text is awaited, and like `interrupts` beside a yes or no that
    was asked for: "yes, but a person please". `needs` are beginnings of words, of which a sentence
    must have one to be meant so, in whichever language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str | None = None
    arguments: dict[str, Any] = {}
    say: dict[Language, str] = {}
    repeat: bool = False
    key: str | None = Field(default=None, pattern=r"^[0-9*#]$")
    slot: Slot | None = None
    argument: str | None = None
    after: list[str] = []
    strong: bool = False
    interrupts: bool = False
    needs: dict[Language, list[str]] = {}
    examples: dict[Language, list[str]] = {}
    words: dict[Language, list[str]] = {}

    @model_validator(mode="after")
    def _answers_somehow(self) -> Self:
        if not (self.tool or self.say or self.repeat):
            raise ValueError("needs `tool`, `say` or `repeat`: otherwise nothing would happen")
        if self.slot and not (self.tool and self.argument):
            raise ValueError("a `slot` needs the `tool` that takes it and the `argument` it is")
        if not self.slot and not self.examples:
            raise ValueError("needs `examples`: nothing else tells what callers say")
        return self

    @property
    def urgent(self) -> bool:
        """It counts even where something else was asked for."""
        return self.strong or self.interrupts

    def possible(self, tools: Collection[str]) -> bool:
        """True if a persona with these tools can act on it."""
        return bool(self.say) or self.repeat or self.tool in tools


class IntentSet(BaseModel):
    """All intents of a persona, its own first. Frozen: a call keeps the one it began with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intents: dict[str, Intent]
    threshold: float = Field(default=0.5, ge=0, le=1)
    margin: float = Field(default=0.0, ge=0, le=1)
    otherwise: str = "not_understood"
    """The tool that is told what was heard when nothing fits."""

    @property
    def digest(self) -> str:
        """Names this set to the speech process: the same examples give the same digest."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:24]

    def for_key(self, key: str) -> str | None:
        """The intent a DTMF key stands for, if any."""
        return next((name for name, intent in self.intents.items() if intent.key == key), None)

    def examples(self, language: str) -> list[tuple[str, str]]:
        """(intent, sentence) in this language; the other language's after them, for mixed calls."""
        ordered = sorted(("en", "de"), key=lambda code: code != language)
        return [
            (name, sentence)
            for code in ordered
            for name, intent in self.intents.items()
            for sentence in intent.examples.get(code, [])  # type: ignore[call-overload]
        ]


def parse_intents(text: str, source: str = "<text>") -> IntentSet:
    """The set a persona uses: the file's intents and the common ones it does not replace.

    Raises IntentFileError with every problem at once.
    """
    own = _read(text, source)
    common = _read(COMMON.read_text(encoding="utf-8"), COMMON.name)
    merged = {**own.intents, **{k: v for k, v in common.intents.items() if k not in own.intents}}
    _refuse_shared_keys(merged, source)
    return own.model_copy(update={"intents": merged})


def load_intents(path: Path) -> IntentSet:
    """Like `parse_intents`, from a file. A file that cannot be read is an IntentFileError too."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise IntentFileError(str(path), [error.strerror or str(error)]) from error
    return parse_intents(text, str(path))


def common_intents() -> IntentSet:
    """For a persona without a file of its own."""
    return parse_intents("intents: {}", COMMON.name)


def _read(text: str, source: str) -> IntentSet:
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise IntentFileError(source, [" ".join(str(error).split())]) from error
    try:
        return IntentSet.model_validate(data)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise IntentFileError(source, problems) from error


def _refuse_shared_keys(intents: dict[str, Intent], source: str) -> None:
    seen: dict[str, str] = {}
    problems = []
    for name, intent in intents.items():
        if intent.key and intent.key in seen:
            problems.append(f"{name}: key {intent.key} already means {seen[intent.key]!r}")
        elif intent.key:
            seen[intent.key] = name
    if problems:
        raise IntentFileError(source, problems)
