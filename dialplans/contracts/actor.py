"""Who does something in a call, in events and commands one text: `agent ann`, `persona billing`."""

from __future__ import annotations

from dataclasses import dataclass

from dialplans.contracts.words import Word


class ActorKind(Word):
    CALLER = "caller"
    PERSONA = "persona"
    AGENT = "agent"
    """Who answers calls at a desk."""
    SUPERVISOR = "supervisor"
    PERSON = "person"
    """Somebody outside whom we rang; the name is the target's in the plan."""


PEOPLE = frozenset({ActorKind.AGENT, ActorKind.SUPERVISOR})
"""Who uses the console: they command jobs and can take calls."""


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is an `ActorKind`, or the kind of a place in the plan where a call is handed over to
    that (`queue support`)."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        """As it travels and is kept."""
        return f"{self.kind} {self.name}" if self.name else f"{self.kind}"

    @classmethod
    def parse(cls, text: str) -> Actor:
        """What `str` wrote. Never fails: a text of one word is a kind without a name. Whoever took
        over may be named with both words: `supervisor agent ann` is `agent ann`."""
        kind, _, name = text.strip().partition(" ")
        inner, _, rest = name.partition(" ")
        return cls(inner, rest) if rest and inner in PEOPLE else cls(kind, name)

    @classmethod
    def of_console(cls, text: str) -> Actor:
        """Who sent a command; whoever gives no kind is a supervisor. The name is never empty."""
        who = cls.parse(text)
        if who.kind in PEOPLE:
            return cls(who.kind, who.name or who.kind)
        return cls(ActorKind.SUPERVISOR, text or ActorKind.SUPERVISOR.value)
