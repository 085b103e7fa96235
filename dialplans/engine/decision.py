"""What the engine answers: where a call goes, and why, in words a person can read aloud."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialplans.contracts.causes import RefusalReason
from dialplans.model import Action, PlaceKind, Reject, Say, Share, Split, ToQueue
from dialplans.telephony.call import ANONYMOUS, CallContext


@dataclass(frozen=True)
class Destination:
    """A place a call can be at; `params` is what else must be known to act on it."""

    kind: PlaceKind
    name: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """As tests and traces write it: `persona reception`, `say`."""
        return f"{self.kind} {self.name}" if self.name else f"{self.kind}"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was looked at, or one thing that happened later in the call."""

    rule: str
    matched: bool
    because: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The SIP code that is sent, the word for the record, and the sentence for a person."""

    code: int
    reason: RefusalReason
    because: str


@dataclass(frozen=True)
class Decision:
    """The first thing that happens to a call. `route.trace` says why: the caller need not wait for
    the words."""

    action: Destination
    language: str
    local: datetime
    """Aware, in the number's time zone."""
    refused: Refusal | None = None
    rule: int | None = None
    """Which rule of the number's route decided, counted from 0; None if none did."""
    revision: str = ""
    """Of the plan that decided."""

    @property
    def local_time(self) -> str:
        """ISO 8601 with the offset that was in force."""
        return self.local.isoformat(timespec="seconds")


def destination(action: Action, call: CallContext, language: str) -> Destination:
    """Where an action leads this caller; a split is drawn here."""
    if isinstance(action, Split):
        return destination(drawn(action, call).action(), call, language)
    if isinstance(action, ToQueue):
        return Destination(PlaceKind.QUEUE, action.queue, {"priority": action.priority})
    if isinstance(action, Say):
        return Destination(
            PlaceKind.SAY, "", {"text": action.say.said_in(language), "phrase": action.say}
        )
    if isinstance(action, Reject):
        return Destination(PlaceKind.REJECT, action.name, {"code": action.reject})
    return Destination(action.kind, action.name)


def drawn(split: Split, call: CallContext) -> Share:
    """The share this call falls into: always the same one for the same caller.

    A withheld caller has nothing that could stick, so each such call is drawn anew.
    """
    sticky = split.sticky == "caller" and call.caller != ANONYMOUS
    salt = "|".join(str(share) for share in split.split)
    seed = f"{salt}\0{call.caller if sticky else call.call_id}".encode()
    ball = int.from_bytes(hashlib.blake2b(seed, digest_size=8).digest(), "big") % 10_000
    mark = 0
    for share in split.split:
        mark += share.percent * 100
        if ball < mark:
            return share
    return split.split[-1]
