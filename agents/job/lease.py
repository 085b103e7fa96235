"""The job's proof of life. A process that dies closes its socket; nothing faster tells.

LiveKit goes on listing a killed agent as active for many seconds, so the steward trusts only this.
On the same host the lease is a Unix socket held open; across hosts a Redis key that expires.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.jobs import Claim, lease_key
from dialplans.process.background import end

log = structlog.get_logger(__name__)

REFRESH_S = 1.0
EXPIRES_MS = 3_500

# Takes or renews the lease unless a newer epoch holds the call: 1 held, 0 stale.
_HOLD = """
local held = redis.call('GET', KEYS[1])
if held and (cjson.decode(held)['epoch'] > tonumber(ARGV[1])) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
_DROP = """
local held = redis.call('GET', KEYS[1])
if held and cjson.decode(held)['epoch'] == tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return 1
"""


class Lease:
    """Held from `start` until `release`. `stale` is set when a newer job has the call; this one
    must then leave the room without a word."""

    def __init__(self, claim: Claim, *, socket: Path, redis: Redis) -> None:
        self._claim = claim
        self._socket = socket
        self._redis = redis
        self.stale = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._writer: asyncio.StreamWriter | None = None

    @property
    def epoch(self) -> int:
        return self._claim.epoch

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._hold_socket(), name="lease.socket"),
            asyncio.create_task(self._hold_key(), name="lease.key"),
        ]

    async def _hold_socket(self) -> None:
        line = msgspec.json.encode(self._claim) + b"\n"
        while True:
            with contextlib.suppress(OSError):
                # Where no gateway listens now, the Redis key speaks for us until one is back.
                reader, self._writer = await asyncio.open_unix_connection(str(self._socket))
                self._writer.write(line)
                await self._writer.drain()
                if (await reader.readline()).strip() == b"stale":
                    self._leave()
                    return
            await self._hang_up()
            await asyncio.sleep(REFRESH_S)

    async def _hang_up(self, last_word: bytes = b"") -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        with contextlib.suppress(OSError):
            if last_word:
                writer.write(last_word)
            writer.close()
            await writer.wait_closed()

    async def _hold_key(self) -> None:
        body = msgspec.json.encode(self._claim)
        hold = self._redis.register_script(_HOLD)
        while True:
            try:
                held = await hold(
                    keys=[lease_key(self._claim.call)], args=[self._claim.epoch, body, EXPIRES_MS]
                )
                if not held:
                    self._leave()
                    return
            except (RedisError, OSError) as error:
                log.warning("lease.redis_away", error=repr(error))
            await asyncio.sleep(REFRESH_S)

    def _leave(self) -> None:
        if not self.stale.is_set():
            log.warning("lease.stale", call=self._claim.call, epoch=self._claim.epoch)
            self.stale.set()

    async def abandon(self) -> None:
        """This job lost the call without its having ended: the steward must notice."""
        await end(*self._tasks)
        await self._hang_up()

    async def release(self) -> None:
        """The call is over: nobody needs to take it up again."""
        await end(*self._tasks)
        await self._hang_up(b"" if self.stale.is_set() else b"bye\n")
        with contextlib.suppress(RedisError, OSError):
            drop = self._redis.register_script(_DROP)
            await drop(keys=[lease_key(self._claim.call)], args=[self._claim.epoch])
