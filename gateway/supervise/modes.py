"""The ways of taking part, what each needs, and who hears one in it. Pure."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from dialplans.contracts.actor import Actor, ActorKind
from gateway.access.tokens import Purpose
from gateway.records.call import Call

Mode = Literal["idle", "listen", "whisper", "barge", "takeover"]

NEEDS: Final[dict[Mode, tuple[Purpose, ...]]] = {
    "idle": (),
    "listen": ("listen",),
    "whisper": ("listen", "side"),
    "barge": ("talk",),
    "takeover": ("talk",),
}
"""mode → the connections a browser has in it. Only `talk` can be heard in the call's room, and
`side` is a room which the caller's leg is never in."""

PERMISSION: Final[dict[Mode, str]] = {
    "idle": "calls.read",
    "listen": "calls.listen",
    "whisper": "calls.whisper",
    "barge": "calls.barge",
    "takeover": "calls.takeover",
}


class Sentence(msgspec.Struct, frozen=True):
    """Who can hear you, in words."""

    en: str
    de: str


def hears(mode: Mode, call: Call | None) -> list[str]:
    """Everybody who hears a person in this mode; empty means nobody."""
    return [str(one) for one in _hearers(mode, call)]


def _hearers(mode: Mode, call: Call | None) -> list[Actor]:
    if call is None or not call.live or mode in ("idle", "listen"):
        return []
    agent = [Actor(ActorKind.AGENT, call.agent)] if call.agent else []
    if mode == "whisper":
        return agent
    persona = [Actor(ActorKind.PERSONA, call.persona)] if call.persona and not call.agent else []
    return [Actor(ActorKind.CALLER), *agent, *(persona if mode == "barge" else [])]


def sentence(mode: Mode, call: Call | None) -> Sentence:
    heard = _hearers(mode, call)
    if not heard:
        return Sentence("Nobody can hear you.", "Niemand kann Sie hören.")
    if mode == "whisper":
        name = heard[0].name
        return Sentence(
            f"Only {name} can hear you; the caller cannot.",
            f"Nur {name} kann Sie hören, der Anrufer nicht.",
        )
    english, german = _join(heard, "and", _EN), _join(heard, "und", _DE)
    can = "können" if len(heard) > 1 else "kann"
    if mode == "takeover" and call is not None and call.persona and not call.agent:
        return Sentence(
            f"{_capital(english)} can hear you; {call.persona} is silent.",
            f"{_capital(german)} {can} Sie hören; {call.persona} schweigt.",
        )
    return Sentence(
        f"{_capital(english)} can hear you.",
        f"{_capital(german)} {can} Sie hören.",
    )


_EN: dict[str, str] = {
    ActorKind.CALLER: "the caller",
    ActorKind.PERSONA: "the persona {}",
    ActorKind.AGENT: "{}",
}
_DE: dict[str, str] = {
    ActorKind.CALLER: "der Anrufer",
    ActorKind.PERSONA: "die Persona {}",
    ActorKind.AGENT: "{}",
}


def _join(heard: list[Actor], conjunction: str, words: dict[str, str]) -> str:
    named = [words[one.kind].format(one.name) for one in heard]
    if len(named) == 1:
        return named[0]
    return f"{', '.join(named[:-1])} {conjunction} {named[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
