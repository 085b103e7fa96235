"""The leg's events on their way into the stream; Redis may be away for a while."""

from __future__ import annotations

from redis.asyncio import Redis

from dialplans.contracts.events import Journal
from dialplans.contracts.outbox import Outbox

SOURCE = "bridge"
RETRY_SECONDS = 0.5
LAST_SECONDS = 2.0
"""So long the end of the process waits for what is still here."""


def leg_outbox(redis: Redis) -> Outbox:
    return Outbox(Journal(redis), first_retry_s=RETRY_SECONDS, most_retry_s=RETRY_SECONDS)
