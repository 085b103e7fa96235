"""What was said in SIP for a call, message by message, put together from the leg's events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from dialplans.contracts import events as ev
from dialplans.contracts.sip_message import SipMessage
from dialplans.speech.numerals import HIDDEN
from gateway.records.masking import mask_text


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One message: `ms` after the first, to or from `peer` (host:port), repeated so many times.
    `line` is the method, or the status with its words; `sdp`: it describes sound. `text` is all of
    it; for whoever may not see numbers it is empty, and `peer` stands for an address."""

    at: datetime
    ms: float
    sent: bool
    transport: str
    peer: str
    line: str
    cseq: str = ""
    sdp: bool = False
    text: str = ""
    repeats: int = 0
    leg: str = ""
    """The participant that was dialled into somebody else's call; empty for the call's own."""


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """`local` is our own host:port; `left_out` messages, of `left_out_bytes`, were too many to
    keep."""

    call: str
    local: str = ""
    rungs: list[Rung] = []
    left_out: int = 0
    left_out_bytes: int = 0


def ladder(call: str, events: Iterable[ev.Event], *, hide: bool) -> Ladder:
    """In the order of time; `hide` leaves out what tells who called."""
    told = sorted((e for e in events if isinstance(e, ev.Signalled)), key=lambda e: e.at)
    newest: dict[str, ev.Signalled] = {e.dialogue: e for e in told}
    messages: dict[tuple[str, int], tuple[SipMessage, str]] = {}
    for event in told:
        for message in event.messages:
            messages[event.dialogue, message.n] = message, event.leg or ""
    ordered = [
        one for _, one in sorted(messages.items(), key=lambda item: (item[1][0].at, item[0][1]))
    ]
    rungs = [_rung(message, leg, ordered[0][0].at) for message, leg in ordered]
    return Ladder(
        call=call,
        local="" if hide or not told else told[-1].local,
        rungs=_without_numbers(rungs) if hide else rungs,
        left_out=sum(e.left_out for e in newest.values()),
        left_out_bytes=sum(e.left_out_bytes for e in newest.values()),
    )


def _rung(message: SipMessage, leg: str, begun: datetime) -> Rung:
    head, _, body = message.text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return Rung(
        at=message.at,
        ms=round((message.at - begun).total_seconds() * 1000, 1),
        sent=message.sent,
        transport=message.transport,
        peer=message.peer,
        line=_short(first),
        cseq=_value(lines, "cseq"),
        sdp="v=0" in body and "m=" in body,
        text=message.text,
        repeats=message.repeats,
        leg=leg,
    )


def _short(first: str) -> str:
    version, _, rest = first.partition(" ")
    return rest.strip() if version.upper().startswith("SIP/") else version


def _value(lines: Sequence[str], name: str) -> str:
    for line in lines:
        found, _, value = line.partition(":")
        if found.strip().lower() == name:
            return value.strip()
    return ""


def _without_numbers(rungs: Sequence[Rung]) -> list[Rung]:
    """Addresses become letters, so that it still shows who spoke with whom."""
    peers = {peer: n for n, peer in enumerate(dict.fromkeys(rung.peer for rung in rungs), 1)}
    return [
        msgspec.structs.replace(
            rung, peer=f"{HIDDEN}{peers[rung.peer]}", line=mask_text(rung.line), text="", leg=""
        )
        for rung in rungs
    ]
