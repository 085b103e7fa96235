"""Which legs there are on this Redis: each says again and again that it is there, and where."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.language.leg_capabilities import PRESENT, LegPresent
from dialplans.process.background import end

log = structlog.get_logger()

SEEN = "switchboard:legs:seen"
EVERY_S = 1.0
LAPSES_S = 4.0
"""Signalling that is killed is started again within two seconds: it does not seem gone."""

# One step, so that no leg reads what another is half through with. Redis' own clock.
_HERE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])) do
  redis.call('HDEL', KEYS[1], gone)
  redis.call('ZREM', KEYS[2], gone)
end
local before = redis.call('HGET', KEYS[1], ARGV[1])
if before and cjson.decode(before)['at'] ~= ARGV[4] then return {before} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
return redis.call('HVALS', KEYS[1])
"""


class NameTakenError(Exception):
    """Another leg on this Redis has this name; the text is the sentence for the operator."""


class Presence:
    """`me` says how this leg is at the moment."""

    def __init__(self, redis: Redis, me: Callable[[], LegPresent]) -> None:
        self._redis = redis
        self._me = me
        self._here = redis.register_script(_HERE)
        self._task: asyncio.Task[None] | None = None
        self.others: dict[str, LegPresent] = {}
        """By name, those that are there besides this one."""

    async def start(self) -> None:
        """Raises NameTakenError. With Redis away this leg is alone until it is back."""
        await self.look()
        self._task = asyncio.create_task(self._again())

    async def aclose(self) -> None:
        await end(self._task)
        name = self._me().name
        try:
            async with asyncio.timeout(EVERY_S):
                await self._redis.hdel(PRESENT, name)
                await self._redis.zrem(SEEN, name)
        except (RedisError, OSError, TimeoutError):
            pass  # it lapses

    @property
    def any_other(self) -> bool:
        return bool(self.others)

    def takes(self, name: str) -> bool:
        """Whether another leg of this name is there and takes calls out."""
        leg = self.others.get(name)
        return leg is not None and leg.takes

    def uses(self, port: int) -> bool:
        """Whether another leg has a service at this port."""
        return any(port in leg.ports for leg in self.others.values())

    async def look(self) -> None:
        me = self._me()
        try:
            told = await self._here(
                keys=[PRESENT, SEEN],
                args=[me.name, msgspec.json.encode(me), int(LAPSES_S * 1000), me.at],
            )
            legs = [msgspec.json.decode(one, type=LegPresent) for one in told]
        except (RedisError, OSError, msgspec.MsgspecError) as error:
            log.debug("legs.not_seen", error=str(error))
            return
        for leg in legs:
            if leg.name == me.name and leg.at != me.at:
                said = f"another SIP leg on this Redis is called {me.name}, at {leg.at}"
                raise NameTakenError(f"{said}: set SWITCHBOARD_SIP_NAME")
        others = {leg.name: leg for leg in legs if leg.name != me.name}
        for name in others.keys() - self.others.keys():
            log.info("legs.found", leg=name, at=others[name].at)
        for name in self.others.keys() - others.keys():
            log.info("legs.gone", leg=name)
        self.others = others

    async def _again(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except NameTakenError as error:
                log.error("legs.name_taken", error=str(error))
