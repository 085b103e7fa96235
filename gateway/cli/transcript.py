"""An event of a call as a line on a terminal."""

from __future__ import annotations

from datetime import datetime, tzinfo

from dialplans.contracts import events, why
from dialplans.contracts.words import Direction


def line(event: events.Event, zone: tzinfo | None = None) -> str | None:
    """None for what a reader need not see. Times are the reader's own, or those of `zone`."""
    what = describe(event)
    if what is None:
        return None
    return f"{_clock(event.at, zone)} {short(event.call)}  {what}"


def short(call: str) -> str:
    """Enough of a room's name to tell calls apart: the number called and the random end."""
    return f"{call.removeprefix('call-').strip('_')[:26]:<26}"


def describe(event: events.Event) -> str | None:
    match event:
        case events.Started():
            whys = dict(zip(event.forwarded_from, event.forwarded_because, strict=False))
            numbers = event.forwarded_from or event.dialled
            past = ", ".join(f"{one} {whys.get(one, '')}".strip() for one in numbers)
            way = f" (by {past})" if past else ""
            return f"{_arrow(event.direction)} {event.caller} → {event.called}{way}"
        case events.Answered():
            took = f" after {event.setup_ms:.0f} ms" if event.setup_ms is not None else ""
            return f"answered{took}"
        case events.Routed():
            name = f" {event.decision_name}" if event.decision_name else ""
            return f"routed to {event.decision_kind}{name}{_because(event)}"
        case events.Persona():
            return f"{event.name} has the call ({event.language})"
        case events.Said():
            cut = " —" if event.interrupted else ""
            behalf = f" (for {event.behalf})" if event.behalf else ""
            return f"{event.speaker}{behalf}: {event.text}{cut}"
        case events.Heard():
            return f"caller: {event.text}{'' if event.final else ' …'}"
        case events.Tool():
            return f"  [{event.name}{'' if event.ok else ' failed'}] {event.result}".rstrip()
        case events.Dtmf():
            return (
                f"key {event.digit}"
                if event.direction == Direction.IN
                else f"sent key {event.digit}"
            )
        case events.HandedOver():
            return f"{event.frm} → {event.to}{_after(event.reason)}"
        case events.PersonWanted():
            return f"a person is wanted{_after(event.queue or '')}{_after(event.reason)}"
        case events.Supervised():
            vain = "" if event.ok else ", in vain"
            return f"{event.who} {event.mode}{vain}{_after(event.note)}"
        case events.Problem():
            return f"! {event.what}{_after(event.detail)}"
        case events.Resumed():
            took = f" after {event.after_ms:.0f} ms" if event.after_ms is not None else ""
            return f"taken up again{took}"
        case events.Refused():
            who = f" {event.caller} → {event.called}" if event.called else ""
            because = why.refused(event.code, event.reason, event.detail)
            return f"refused{who}: {event.code} {event.reason}. {because}"
        case events.Ended():
            seconds = event.figures.get("talk_s", event.figures.get("duration_s"))
            length = f" after {seconds:.0f} s" if seconds is not None else ""
            because = why.ended(
                event.cause, event.code, event.figures, detail=event.detail, q850=event.q850
            )
            return f"ended{length}: {event.cause}{'. ' if because else ''}{because}"
        case events.Held():
            return f"{event.who} {'put the caller on hold' if event.on else 'is back'}"
        case events.HelpWanted():
            wish = "asks for help" if event.on else "needs no more help"
            return f"{event.who} {wish}{_after(event.note)}"
        case events.Offered():
            return f"at the desk of {event.to}: {event.answer}"
        case events.VoiceMessage():
            return f"message for {event.mailbox}, {event.seconds:.0f} s{_after(event.text)}"
        case events.Recorded():
            until = f", kept until {event.until}" if event.until else ""
            return f"recorded, {event.seconds:.0f} s: {event.file}{until}"
        case events.Noted():
            return f"{event.who} noted: {event.note or event.disposition or ''}"
        case _:
            return None


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%H:%M:%S}"


_ARROWS: dict[str, str] = {
    Direction.IN: "☎ in ",
    Direction.OUT: "☎ out",
    Direction.WEB: "⌨ web",
}


def _arrow(direction: str) -> str:
    return _ARROWS.get(direction, direction)


def _because(event: events.Routed) -> str:
    matched = [step for step in event.steps if step.get("matched")]
    return _after(str(matched[-1].get("because", ""))) if matched else ""


def _after(text: str) -> str:
    return f" ({text})" if text else ""
