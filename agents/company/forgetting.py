"""What a worker's host keeps of callers beside the calls' records goes when the calls do.

The gateway says before when; it does not know the company's books.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol

import redis
import structlog

from agents.company.crm import CRMError
from agents.settings import Settings
from dialplans.contracts.jobs import FORGET

log = structlog.get_logger(__name__)

RETRY_S = 5.0


class Books(Protocol):
    def forget(self, before: datetime) -> int:
        """Deletes what callers left before then. Raises CRMError."""


def keep_forgetting(settings: Settings, books: Books) -> None:
    """For as long as a worker runs, at each word of the gateway. A word that is missed comes again
    within the hour."""
    while True:
        try:
            with redis.Redis.from_url(settings.redis_url) as client, client.pubsub() as words:
                words.subscribe(FORGET)
                for word in words.listen():
                    if word["type"] == "message":
                        forget(books, word["data"].decode())
        except (redis.RedisError, OSError) as error:
            log.info("forgetting.redis_away", error=type(error).__name__)
            time.sleep(RETRY_S)


def forget(books: Books, word: str) -> None:
    try:
        gone = books.forget(datetime.fromisoformat(word))
    except (CRMError, ValueError) as error:
        log.warning("forgetting.failed", error=repr(error))
    else:
        if gone:
            log.info("forgetting.forgot", notes=gone)
