"""One call with everything that is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from dialplans.contracts import events as ev
from gateway.records.call import Call
from gateway.records.masking import masked, masked_event
from gateway.records.store import Entry
from gateway.sounds.sound_files import Sound, SoundFiles
from gateway.storage.audit import AuditRow


class Listened(msgspec.Struct, frozen=True, kw_only=True):
    """From the audit trail: who took part how, from when to when."""

    who: str
    action: str
    at: datetime
    ended_at: datetime | None


class CallDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`events` are the entries of the call's stream in the order in which they happened; words that
    were still being spoken are not among them, nor what was said in SIP (`…/ladder`)."""

    call: Call
    events: list[Entry] = []
    listened: list[Listened] = []
    sounds: list[Sound] = []
    figures: dict[str, float] = {}


_TAKING_PART = frozenset(
    {"listen", "whisper", "barge", "takeover", "coach", "say", "desk.accept", "hear"}
)


def detail(
    call: Call,
    entries: Sequence[Entry],
    trail: Sequence[AuditRow],
    *,
    sounds: SoundFiles,
    hide: bool,
) -> CallDetail:
    """Looks at nothing but whether sounds are still there; `hide` leaves out what the asker may not
    see."""
    told = sorted(filter(_is_told, entries), key=lambda e: (e.event.at, e.event.id))
    seen = [Entry(e.seq, masked_event(e.event)) for e in told] if hide else told
    events = [e.event for e in seen]
    figures: dict[str, float] = {}
    for e in events:
        if isinstance(e, ev.Ended) and e.leg is None:
            figures |= e.figures
    return CallDetail(
        call=masked(call) if hide else call,
        events=seen,
        listened=[
            Listened(who=r.who, action=r.action, at=r.at, ended_at=r.ended_at)
            for r in reversed(trail)
            if r.action in _TAKING_PART
        ],
        sounds=sounds.of(events),
        figures=figures,
    )


def _is_told(entry: Entry) -> bool:
    """The messages of SIP are asked for by themselves (`ladder`)."""
    if isinstance(entry.event, ev.Signalled):
        return False
    return not isinstance(entry.event, ev.Heard) or entry.event.final
