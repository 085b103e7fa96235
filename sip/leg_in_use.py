"""LiveKit's own leg does not know that anybody asks what it can do: it is told for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.language.leg_capabilities import IN_FORCE, LIVEKIT_SIP, SAID_FOR_S

log = structlog.get_logger(__name__)

AGAIN_S = SAID_FOR_S / 3


async def tell_of_livekit_sip(redis: Redis, env: Mapping[str, str]) -> None:
    """For as long as it runs; returns at once where the leg is one that speaks for itself."""
    if env.get("SWITCHBOARD_SIP_LEG") != LIVEKIT_SIP.name:
        return
    while True:
        try:
            await redis.set(IN_FORCE, msgspec.json.encode(LIVEKIT_SIP), ex=SAID_FOR_S)
        except (RedisError, OSError) as error:
            log.warning("leg.not_told", error=repr(error))
        await asyncio.sleep(AGAIN_S)
