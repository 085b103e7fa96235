"""Wrong tries, counted in Redis so that two gateways count together, and what they cost the next.

Some are free; after them each makes the next wait twice as long, up to a minute. Nobody is locked
out: the waiting is per visitor, so that somebody else's tries cost a person at most a few seconds,
and whoever is known here, not even that.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

import msgspec
from redis.asyncio import Redis

from gateway.identity.throttling.throttle import TooMany

LONGEST_S = 60
GENTLE_S = 5
"""The most that tries of others at one's name make a visitor wait who comes for the first time."""

_QUIET_S = 900
"""After so long without a try of a subject nothing is known of it."""

_MOST = 50_000
"""Subjects that are kept; beyond it the one heard of longest ago is forgotten."""


class Lane(msgspec.Struct, frozen=True):
    """Who or what tries are counted of, and how many are free."""

    subject: str
    free: int


_TRY = """
local now, longest, gentle, quiet, most = unpack(ARGV, 1, 5)
now, longest, gentle = tonumber(now), tonumber(longest), tonumber(gentle)
local index = KEYS[1]
local function free(i) return tonumber(ARGV[4 + i]) end
local function grown(count, from, cap)
  return count < from and 0 or math.min(2 ^ (count - from + 1), cap)
end
local function keep(key, tries, until_)
  redis.call('HSET', key, 'tries', tries, 'until', until_)
  redis.call('EXPIRE', key, quiet)
  redis.call('ZADD', index, now, key)
end
local known, wait = {}, 0
for i = 2, #KEYS do
  local found = redis.call('HMGET', KEYS[i], 'tries', 'until')
  known[i] = {tonumber(found[1]) or 0, tonumber(found[2]) or 0, found[1]}
  if i < 4 then wait = math.max(wait, known[i][2] - now) end
end
if wait > 0 then return tostring(wait) end
local hot = known[4] and known[4][1] >= free(4)
if hot and not known[2][3] then
  local first = grown(known[4][1], free(4), gentle)
  keep(KEYS[2], 0, now + first)
  return tostring(first)
end
for i = 2, #KEYS do
  local tries, from = known[i][1] + 1, (hot and i == 2) and 1 or free(i)
  keep(KEYS[i], tries, now + (i < 4 and grown(tries, from, longest) or 0))
end
redis.call('ZREMRANGEBYSCORE', index, '-inf', now - quiet)
local over = redis.call('ZCARD', index) - tonumber(most)
if over > 0 then
  local oldest = redis.call('ZPOPMIN', index, over)
  for i = 1, #oldest, 2 do redis.call('DEL', oldest[i]) end
end
return '0'
"""
"""KEYS: the index, the visitor's own lane, the address, the name. Counts the try before it is made:
of many at once no more are let through than of as many one after the other."""

_BACK = """
for i = 1, #KEYS do
  local tries = tonumber(redis.call('HGET', KEYS[i], 'tries'))
  if tries then redis.call('HSET', KEYS[i], 'tries', math.max(tries - 1, 0), 'until', 0) end
end
"""


class Backoff:
    """`kind` keeps apart what has nothing to do with each other."""

    def __init__(self, redis: Redis, kind: str, clock: Callable[[], float] = time.time) -> None:
        self._kind = kind
        self._clock = clock
        self._try = redis.register_script(_TRY)
        self._back = redis.register_script(_BACK)
        self._redis = redis

    async def begin(self, own: Lane, *shared: Lane) -> None:
        """Counts one try; raises TooMany with the seconds to wait, and then counts nothing.
        `shared`: the visitor's address and the name that is tried, for who is not known here."""
        lanes = (own, *shared)
        keys = [self.key("index"), *(self.key(lane.subject) for lane in lanes)]
        limits = [lane.free for lane in lanes]
        wait = float(
            await self._try(
                keys=keys,
                args=[self._clock(), LONGEST_S, GENTLE_S, _QUIET_S, _MOST, *limits],
            )
        )
        if wait > 0:
            raise TooMany(math.ceil(wait), first=False)

    async def take_back(self, *lanes: Lane) -> None:
        """It was no wrong try: these have one less."""
        await self._back(keys=[self.key(lane.subject) for lane in lanes])

    async def forget(self, lane: Lane) -> None:
        """Nothing was wrong with any of them, as it turned out."""
        await self._redis.delete(self.key(lane.subject))

    def key(self, subject: str) -> str:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:24]
        return f"switchboard:tries:{self._kind}:{digest}"
