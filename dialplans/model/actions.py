"""What can be done with a call. Each action is a mapping with one key that names its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from dialplans.contracts.words import Word
from dialplans.model.values.base import Model, Name, fail
from dialplans.model.values.scalars import PhraseOf


class PlaceKind(Word):
    """Where a call can be, and the way there: most are the key of an action."""

    PERSONA = "persona"
    MENU = "menu"
    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    TARGET = "target"
    SAY = "say"
    REJECT = "reject"
    SPLIT = "split"
    """Only a way: a call that takes it is at once at one of the others."""
    PERSON = "person"
    CALLBACK = "callback"
    HANG_UP = "hang_up"
    """Here we end the call ourselves."""


PARTS = (
    PlaceKind.PERSONA,
    PlaceKind.MENU,
    PlaceKind.QUEUE,
    PlaceKind.VOICEMAIL,
    PlaceKind.TARGET,
)
"""These have a name in the plan, and an action needs nothing else to lead there."""

KINDS = (*PARTS, PlaceKind.SAY, PlaceKind.REJECT, PlaceKind.SPLIT)
"""The keys of actions."""


class Act(Model):
    kind: ClassVar[PlaceKind]

    @property
    def name(self) -> str:
        return ""

    def __str__(self) -> str:
        """As tests and traces write it: `persona reception`, `reject 603`, `say`."""
        return f"{self.kind} {self.name}".strip()


class ToPersona(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.PERSONA
    persona: Name = Field(description="The persona that answers.")

    @property
    def name(self) -> str:
        return self.persona


class ToMenu(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.MENU
    menu: Name = Field(description="The menu of keys that is played.")

    @property
    def name(self) -> str:
        return self.menu


class ToQueue(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.QUEUE
    queue: Name = Field(description="The queue in which the caller waits for a person.")
    priority: int = Field(default=0, ge=0, le=100, description="Higher goes first.")

    @property
    def name(self) -> str:
        return self.queue


class ToVoicemail(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.VOICEMAIL
    voicemail: Name = Field(description="The mailbox that takes a message.")

    @property
    def name(self) -> str:
        return self.voicemail


class ToTarget(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.TARGET
    target: Name = Field(description="The telephone outside that is called.")

    @property
    def name(self) -> str:
        return self.target


class Say(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.SAY
    say: PhraseOf = Field(description="What is said before hanging up.")


class Reject(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.REJECT
    reject: int = Field(ge=400, le=699, description="The SIP code of the refusal, e.g. 486, 603.")

    @property
    def name(self) -> str:
        return str(self.reject)


@dataclass(frozen=True, slots=True)
class Share:
    """`percent` of the calls go to the part of the plan called `name`."""

    kind: PlaceKind
    name: str
    percent: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def action(self) -> Action:
        return action(self.kind, self.name)


def _shares(value: Any) -> tuple[Share, ...]:
    """Sorted by name, so that the order of keys in the file does not move callers about."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, Mapping) or len(value) < 2:
        fail("E_SPLIT", "a split names at least two ways", "write {reception: 90, other: 10}")
    shares = []
    for way, percent in value.items():
        kind, _, name = str(way).rpartition(" ")
        if kind and kind not in PARTS:
            fail("E_SPLIT", f"'{way}' is no way to go", "write a persona's name, or 'queue name'")
        if not isinstance(percent, str | int) or not str(percent).isdecimal():
            fail("E_SPLIT", f"the share of '{way}' is not a whole percentage")
        shares.append(Share(PlaceKind(kind or PlaceKind.PERSONA), name, int(str(percent)[:6])))
    total = sum(s.percent for s in shares)
    if total != 100:
        fail("E_SPLIT", f"the shares add up to {total}, not 100")
    return tuple(sorted(shares, key=lambda s: (s.kind, s.name)))


Shares = Annotated[
    tuple[Share, ...],
    PlainValidator(_shares),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 100},
        }
    ),
]


class Split(Act):
    kind: ClassVar[PlaceKind] = PlaceKind.SPLIT
    split: Shares = Field(
        description="Percentages by way: a persona's name, or `queue support` and the like."
    )
    sticky: Literal["caller", "call"] = Field(
        default="caller",
        description="`caller`: one caller always goes the same way; `call`: each call anew.",
    )

    def __str__(self) -> str:
        return "split"


def _kind_of(value: Any) -> PlaceKind | None:
    """The key that names the kind; two of them, or none, is for the person to settle."""
    if isinstance(value, Act):
        return value.kind
    if not isinstance(value, Mapping):
        return None
    present = [kind for kind in KINDS if kind in value]
    return present[0] if present else None


Action = Annotated[
    Annotated[ToPersona, Tag(PlaceKind.PERSONA)]
    | Annotated[ToMenu, Tag(PlaceKind.MENU)]
    | Annotated[ToQueue, Tag(PlaceKind.QUEUE)]
    | Annotated[ToVoicemail, Tag(PlaceKind.VOICEMAIL)]
    | Annotated[ToTarget, Tag(PlaceKind.TARGET)]
    | Annotated[Say, Tag(PlaceKind.SAY)]
    | Annotated[Reject, Tag(PlaceKind.REJECT)]
    | Annotated[Split, Tag(PlaceKind.SPLIT)],
    Discriminator(
        _kind_of,
        custom_error_type="E_ACTION",
        custom_error_message="this is no action",
    ),
]
"""One of `persona`, `menu`, `queue`, `voicemail`, `target`, `say`, `reject`, `split`."""


def action(kind: PlaceKind, name: str) -> Action:
    """The action of a kind that needs nothing but a name."""
    if kind == PlaceKind.PERSONA:
        return ToPersona(persona=name)
    if kind == PlaceKind.MENU:
        return ToMenu(menu=name)
    if kind == PlaceKind.QUEUE:
        return ToQueue(queue=name)
    if kind == PlaceKind.VOICEMAIL:
        return ToVoicemail(voicemail=name)
    if kind == PlaceKind.TARGET:
        return ToTarget(target=name)
    raise ValueError(f"{kind} needs more than a name")
