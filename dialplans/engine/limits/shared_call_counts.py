"""Who is on the line and who called lately, over all workers, or all SIP legs: counted in Redis, in
one step a call.

A call counts for as long as who has it says so again; what a dead process leaves behind lapses.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from redis.asyncio import Redis

from dialplans.engine.admit import Load
from dialplans.model.values.scalars import Rate
from dialplans.telephony.call import CallContext

COUNTS_FOR = timedelta(seconds=30)
AGAIN_S = 10.0
_PREFIX = "switchboard:entrance"

# Counts who is there besides this call, and adds it: of two calls at once, the second sees the
# first. A call that asks again is counted once. Redis' own clock, so that all hosts agree.
_ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local call, lasts, window, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local function besides(key, since)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - since)
  local there = redis.call('ZCARD', key)
  if redis.call('ZSCORE', key, call) then there = there - 1 end
  redis.call('ZADD', key, now, call)
  redis.call('PEXPIRE', key, since)
  return there
end
local up, number = besides(KEYS[1], lasts), besides(KEYS[2], lasts)
local lately = 0
if window > 0 then
  lately = besides(KEYS[3], window)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -most - 1)
end
return {up, number, lately}
"""
_ATTEMPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[3] - 1)
return 1
"""
_STAY = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2])
end
return 1
"""
_LASTS_MS = int(COUNTS_FOR.total_seconds() * 1000)


class CallCounts:
    """Every method may raise RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._enter = redis.register_script(_ENTER)
        self._attempt = redis.register_script(_ATTEMPT)
        self._stay = redis.register_script(_STAY)

    async def enter(self, call: CallContext, often: Rate | None) -> Load:
        """What is going on besides this call, which counts from now on; as an attempt of its
        caller also if it is refused, or a redial robot would get through each time its window
        ends."""
        window = int(often.per.total_seconds() * 1000) if often is not None else 0
        most = often.count + 1 if often is not None else 0
        keys = [*_keys(call), _caller_key(call)]
        total, on_number, by_caller = await self._enter(
            keys=keys, args=[call.call_id, _LASTS_MS, window, most]
        )
        return Load(int(total), int(on_number), int(by_caller))

    async def attempt(self, call: CallContext, often: Rate) -> None:
        """Its caller has tried, whatever came of it; told twice about a call it is still one."""
        window, most = int(often.per.total_seconds() * 1000), often.count + 1
        await self._attempt(keys=[_caller_key(call)], args=[call.call_id, window, most])

    async def stay(self, call: CallContext) -> None:
        """The call is still up."""
        await self._stay(keys=_keys(call), args=[call.call_id, _LASTS_MS])

    async def leave(self, call: CallContext) -> None:
        for key in _keys(call):
            await self._redis.zrem(key, call.call_id)


def _keys(call: CallContext) -> list[str]:
    return [f"{_PREFIX}:up", f"{_PREFIX}:number:{call.called}"]


def _caller_key(call: CallContext) -> str:
    """Nobody reads a number in it."""
    who = hashlib.sha256((call.asserted or call.caller).encode()).hexdigest()[:32]
    return f"{_PREFIX}:caller:{who}"
