"""A person's place at the desk and a call that rings there, as every gateway knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from dialplans.contracts.jobs import PresenceState
from dialplans.contracts.words import Word
from dialplans.telephony.call import ANONYMOUS

SPEAKS = "speaks:"
"""A skill that begins so is a language: `speaks:de`. Who has none is taken to speak them all."""


def spoken(skills: Iterable[str]) -> list[str]:
    """The languages among the skills."""
    return sorted(skill.removeprefix(SPEAKS) for skill in skills if skill.startswith(SPEAKS))


class SeatState(Word):
    """What a person at the desk does; jobs see those of `PresenceState`."""

    READY = PresenceState.READY.value
    NOT_READY = "not_ready"
    WRAP_UP = PresenceState.WRAP_UP.value
    RINGING = PresenceState.RINGING.value
    BUSY = PresenceState.BUSY.value
    OFFLINE = "offline"


class Line(Word):
    """What a person at a desk hears and talks with."""

    BROWSER = "browser"
    TELEPHONE = "telephone"


AT_WORK = frozenset({SeatState.BUSY, SeatState.RINGING})
FREE = frozenset({SeatState.READY, SeatState.NOT_READY})


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is a `SeatState`; `listens` and `by` are a `Line`."""

    name: str
    display: str
    state: str
    since: datetime
    reason: str = ""
    skills: list[str] = []
    call: str | None = None
    idle_since: datetime | None = None
    """Since when without a call; longest idle is offered first. Wrap-up does not reset it."""

    telephone: str = ""
    """The telephone that the plan gives this person; empty if none."""
    registered: bool = False
    """Whether that telephone can be rung now."""
    listens: str = Line.TELEPHONE
    """Where they want calls, if they have a telephone. While it cannot be rung it is the browser
    all the same: `line`."""
    by: str = ""
    """By what they have the call that they have, or that rings; empty without one."""

    @property
    def line(self) -> Line:
        """By what the next call comes to this desk."""
        wanted = self.registered and self.listens == Line.TELEPHONE
        return Line.TELEPHONE if wanted else Line.BROWSER

    @property
    def answers_for(self) -> str | None:
        """The call that this desk has, or that nobody took from it when its person went. One that
        only rings here is still in other hands."""
        return self.call if self.state in (SeatState.BUSY, SeatState.OFFLINE) else None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A call that rings at one desk until `expires_at`."""

    id: str
    call: str
    to: str
    at: datetime
    expires_at: datetime
    summary: str = ""
    reason: str = ""
    skills: list[str] = []
    language: str = "en"
    caller: str = ANONYMOUS
    called: str = ""
    priority: int = 0
    by: str = Line.BROWSER
    """A `Line`: what rings."""
    leg: str = ""
    """The identity in the call's room of the telephone that rings."""
    frm: str = ""
    """Who sends the call to exactly this desk; empty when it comes out of the line."""
