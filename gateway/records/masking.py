"""Calls and events as somebody without the right to numbers sees them."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from dialplans.contracts import events as ev
from dialplans.contracts.words import Direction
from dialplans.speech.numerals import HIDDEN
from gateway.records.call import Call, Words

Arrival = TypeVar("Arrival", ev.Started, ev.Refused)

_DIGITS = re.compile(r"\+?\d[\d \-/]{4,}\d")


def mask_number(number: str) -> str:
    """`+491701234567` → `+49170•••••67`: enough to tell two callers apart, not to ring them."""
    if sum(c.isdigit() for c in number) < 5:
        return number
    keep_head, keep_tail = (6, 2) if len(number) >= 11 else (1, 1)
    hidden = len(number) - keep_head - keep_tail
    return number[:keep_head] + "•" * hidden + number[-keep_tail:]


def mask_text(text: str) -> str:
    """Runs of digits inside a sentence: account numbers, call-back numbers."""
    return _DIGITS.sub("•••", text)


def masked(call: Call) -> Call:
    last = call.last
    wanted = call.wanted
    return msgspec.structs.replace(
        call,
        caller=mask_number(call.caller),
        called=mask_number(call.called) if call.direction == Direction.OUT else call.called,
        last=last and Words(last.speaker, last.role, mask_text(last.text), last.at),
        wanted=wanted
        and msgspec.structs.replace(
            wanted, reason=mask_text(wanted.reason), summary=mask_text(wanted.summary)
        ),
        detail=mask_text(call.detail),
        why=mask_text(call.why),
    )


def _without_numbers(step: dict[str, Any]) -> dict[str, Any]:
    """Why a rule did or did not match names the caller's number."""
    return {k: mask_text(v) if isinstance(v, str) else v for k, v in step.items()}


def _without_callers(event: Arrival) -> Arrival:
    """Who calls, and whoever sent the call on."""
    return msgspec.structs.replace(
        event,
        caller=mask_number(event.caller),
        forwarded_from=[mask_number(number) for number in event.forwarded_from],
        dialled=[mask_number(number) for number in event.dialled],
    )


def masked_event(event: ev.Event) -> ev.Event:
    """An event as somebody without the right to numbers sees it."""
    replace = msgspec.structs.replace
    match event:
        case ev.Started():
            called = mask_number(event.called) if event.direction == Direction.OUT else event.called
            return replace(_without_callers(event), called=called, source_ip=None)
        case ev.Refused():
            return replace(_without_callers(event), source_ip=None, detail="")
        case ev.Signalled():
            # A message of SIP names caller and called wherever one looks.
            return replace(event, dialogue="", local="", messages=[])
        case ev.Problem() | ev.Ended():
            return replace(event, detail=mask_text(event.detail))
        case ev.Said() | ev.Heard() | ev.VoiceMessage():
            return replace(event, text=mask_text(event.text))
        case ev.Routed():
            return replace(event, steps=[_without_numbers(step) for step in event.steps])
        case ev.Tool():
            return replace(event, arguments={}, result="")
        case ev.Dtmf():
            return replace(event, digit=HIDDEN)
        case ev.HandedOver() | ev.PersonWanted():
            return replace(event, summary=mask_text(event.summary), reason=mask_text(event.reason))
        case ev.Noted() | ev.HelpWanted() | ev.Supervised():
            return replace(event, note=mask_text(event.note))
        case _:
            return event
