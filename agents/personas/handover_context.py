"""What one persona knows of a caller and the next one gets: the plan's `carry`.

What a caller asked the persona before is answered by the next one, not asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog

from agents.call.state import CallState
from agents.speech.intents.intents import Intent, IntentSet
from dialplans.contracts.speech_wire import SpeechFailedError, SpeechGoneError

log = structlog.get_logger(__name__)

SUMMARY, TRANSCRIPT, CUSTOMER = CARRIED = ("summary", "transcript", "customer_id")
"""What `carry` of a dialplan can name: what the caller wanted and how far it got, every word of
both, and who the caller has shown to be."""

SURE = 1.0
"""Twice the score at which a sentence counts as understood. Below it the persona introduces itself
and asks: to guess wrong would cost the caller more than to say it once more."""
PATIENCE_S = 0.8
"""Meanwhile the caller hears that they are put through, which takes longer."""


async def carried_question(
    call: CallState, asked: str, intents: IntentSet, taken_up: Collection[str]
) -> Intent | None:
    """The intent that `asked` is for a persona, if it can answer it at once by a tool that it has
    `taken_up`."""
    mine = {n: i for n, i in intents.intents.items() if not i.slot}
    if not any(intent.tool in taken_up for intent in mine.values()):
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await call.spoken.providers.speech.understand(
                asked, intents, call.language, among=list(mine)
            )
    except (SpeechGoneError, SpeechFailedError, TimeoutError) as error:
        log.info("carried.not_understood", because=repr(error))
        return None
    if found.intent is None or found.score < SURE:
        return None
    intent = mine[found.intent]
    return intent if intent.tool in taken_up else None


def forget_what_stays(call: CallState, carried: Collection[str]) -> None:
    """A persona hands over, and not all that it knows is for the next one."""
    if CUSTOMER not in carried:
        call.conversation.customer = None
    if SUMMARY not in carried:
        call.conversation.known, call.conversation.heard = [], []
