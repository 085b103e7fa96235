"""What of a call's state a new job gets when the one that had the call died."""

from __future__ import annotations

from datetime import datetime

import structlog
from livekit.agents import ChatContext

from agents.call.snapshot import Snapshot
from agents.call.state import CallState
from agents.company.crm import Customer
from dialplans.engine.decision import Destination
from dialplans.model.actions import PARTS, PlaceKind

log = structlog.get_logger(__name__)


def snapshot_of(call: CallState, speech: ChatContext, began: datetime) -> Snapshot:
    """`speech` is what both said; a call that was resumed has begun with its first job."""
    talk, pause = call.conversation, call.pause
    return Snapshot(
        place=str(call.engine.place),
        language=call.engine.language,
        revision=call.facts.pinned.revision,
        chat=speech.to_dict(exclude_function_call=True, exclude_timestamp=False),
        customer=talk.customer.number if talk.customer else None,
        customer_name=talk.customer.name if talk.customer else "",
        facts=talk.known,
        path=talk.path,
        heard=talk.heard[-10:],
        paused_by=pause.who if pause else None,
        paused_role=pause.role if pause else "",
        began=began.timestamp(),
        consent=call.consent,
    )


def restore(call: CallState, before: Snapshot) -> None:
    """The call is where it was. A place that the plan has no more is where the plan begins it."""
    kind, _, name = before.place.partition(" ")
    if kind in PARTS:
        call.engine.resume_at(Destination(PlaceKind(kind), name))
    talk = call.conversation
    talk.known = list(before.facts)
    talk.heard = list(before.heard)
    talk.path = list(before.path)[:-1]
    call.consent = before.consent
    if before.customer:
        talk.customer = Customer(before.customer, before.customer_name)


def chat_of(snapshot: Snapshot | None) -> ChatContext | None:
    """The conversation so far, or nothing if it cannot be read."""
    if snapshot is None or not snapshot.chat:
        return None
    try:
        return ChatContext.from_dict(snapshot.chat)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("snapshot.chat_unreadable", error=repr(error))
        return None
