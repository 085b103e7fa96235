"""The call steward: no caller rings for ever, none is left in silence, and no room stays.

Rooms belong to it alone: jobs never delete them. One steward works at a time; any gateway can take
over. livekit-server dispatches once and forgets, so whoever wants a job to be there has to look.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from pathlib import Path
from typing import Protocol

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Ended, Event, Problem
from dialplans.contracts.jobs import KEPT_S, Claim, Resume, epoch_key, lease_key, snapshot_key
from dialplans.contracts.words import Source
from dialplans.process.background import end
from dialplans.process.leadership import REFRESH_S, Leadership
from gateway.steward.lease_socket import Leases
from gateway.steward.livekit import Seen, ServerAwayError
from gateway.steward.roomless import NO_RECORDS, LiveRecords, RoomlessCalls
from gateway.steward.rules import Act, Watched, judge

log = structlog.get_logger(__name__)

LOCK = "switchboard:steward"
"""Who holds it in Redis is the one that works."""
SWEEP_S = 0.5
CLAIM_WITHIN_S = 2.5
"""A job that was dispatched claims its lease well within this, or another one is asked for."""
PATIENCE_GROWS = 2.0
"""Each further try may take so much longer: a machine too busy to start one job in time is not
helped by starting more of them."""
GIVE_UP_S = 30.0


class Rooms(Protocol):
    """`gateway.steward.livekit.LiveKitRooms`, or a room on paper in a test."""

    async def calls(self) -> dict[str, str]: ...
    async def look(self, call: str, sid: str) -> Seen: ...
    async def dispatch(self, call: str, word: Resume) -> str: ...
    async def withdraw(self, call: str, dispatch: str) -> None: ...
    async def remove(self, call: str, identity: str) -> None: ...
    async def delete(self, call: str) -> None: ...


class Sink(Protocol):
    async def append(self, event: Event) -> None: ...


class Steward:
    """`run` until cancelled. `hint` after a webhook makes it look at once instead of soon."""

    def __init__(
        self,
        rooms: Rooms,
        redis: Redis,
        journal: Sink,
        lease_socket: Path,
        *,
        records: LiveRecords = NO_RECORDS,
    ) -> None:
        self._rooms = rooms
        self._roomless = RoomlessCalls(records, self._holder, self._tell)
        self._redis = redis
        self._journal = journal
        self.leadership = Leadership(redis, LOCK, what="steward")
        self.leases = Leases(
            lease_socket, lost=self._lease_lost, ended=self._call_over, claimed=self._claimed
        )
        self._watched: dict[str, Watched] = {}
        self._resuming: dict[str, asyncio.Task[None]] = {}
        self._claims: dict[str, asyncio.Event] = {}
        self._look = asyncio.Event()
        self._counts: Counter[str] = Counter()

    async def run(self) -> None:
        work = [
            asyncio.create_task(self.leases.run(), name="steward.leases"),
            asyncio.create_task(self._lead(), name="steward.lead"),
            asyncio.create_task(self._sweep(), name="steward.sweep"),
        ]
        try:
            await asyncio.gather(*work)
        finally:
            await end(*work, *self._resuming.values())
            await self.leadership.release()

    def hint(self, call: str = "") -> None:
        """Something happened in a room."""
        self._look.set()

    def figures(self) -> dict[str, float]:
        """For /metrics: what was done since the start, and what is so now."""
        done = ("redispatched", "resumed", "rooms_deleted", "ghosts_removed", "gave_up")
        return {name: float(self._counts[name]) for name in (*done, "roomless_ended")} | {
            "leads": float(self.leadership.held),
            "leases": float(len(self.leases)),
            "rooms": float(len(self._watched)),
        }

    async def _lead(self) -> None:
        while True:
            await self.leadership.refresh()
            await asyncio.sleep(REFRESH_S)

    async def _sweep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), SWEEP_S)
            self._look.clear()
            if not self.leadership.held:
                self._watched.clear()
                self._roomless.unknown()
                continue
            try:
                await self._look_round()
            except ServerAwayError as error:
                log.warning("steward.server_away", error=repr(error))
                self._roomless.unknown()
                await asyncio.sleep(SWEEP_S)
            except RedisError as error:
                log.warning("steward.redis_away", error=repr(error))
                self._roomless.unknown()

    async def _look_round(self) -> None:
        calls = await self._rooms.calls()
        for gone in self._watched.keys() - calls.keys():
            del self._watched[gone]
        for call, sid in calls.items():
            watched = self._watched.setdefault(call, Watched(time.monotonic()))
            seen = await self._rooms.look(call, sid)
            holder = await self._holder(call)
            act = judge(watched, seen, holder, time.monotonic())
            await self._do(act, call, seen, holder)
        self._counts["roomless_ended"] += await self._roomless.end(calls)

    async def _do(self, act: Act, call: str, seen: Seen, holder: Claim | None) -> None:
        match act:
            case Act.DELETE:
                await self._delete(call)
            case Act.DISPATCH if call not in self._resuming:
                self._counts["redispatched"] += 1
                await self._tell(Problem(call=call, source=Source.STEWARD, what="no_agent"))
                self._start_resuming(call, None)
            case Act.REMOVE_GHOSTS:
                assert holder is not None
                await self._remove_ghosts(call, seen, holder.identity)
            case _:
                pass

    async def _holder(self, call: str) -> Claim | None:
        """Who holds the call: by socket on this host, by key on any."""
        if (held := self.leases.holder(call)) is not None:
            return held
        raw = await self._redis.get(lease_key(call))
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw, type=Claim)
        except msgspec.MsgspecError:
            return None

    # Leases.

    async def _claimed(self, claim: Claim) -> None:
        if (waiting := self._claims.get(claim.call)) is not None:
            waiting.set()

    async def _call_over(self, claim: Claim) -> None:
        """A job said goodbye: the room has no more use, whoever is still in it."""
        if watched := self._watched.get(claim.call):
            watched.over_since = time.monotonic()
        with contextlib.suppress(RedisError, OSError):
            await self._redis.delete(epoch_key(claim.call))
        self.hint(claim.call)

    async def _lease_lost(self, claim: Claim) -> None:
        """The job died. On this host that is certain, so its key says nothing any more."""
        with contextlib.suppress(RedisError, OSError):
            await self._redis.delete(lease_key(claim.call))
        if self.leadership.held:
            await self._tell(
                Problem(
                    call=claim.call,
                    source=Source.STEWARD,
                    what="job_lost",
                    detail=f"job {claim.epoch} of {claim.worker}",
                )
            )
            self._start_resuming(claim.call, claim)

    # Resuming.

    def _start_resuming(self, call: str, dead: Claim | None) -> None:
        if call in self._resuming:
            return
        task = asyncio.create_task(self._resume(call, dead), name=f"resume {call}")
        self._resuming[call] = task
        task.add_done_callback(lambda _: self._resuming.pop(call, None))

    async def _resume(self, call: str, dead: Claim | None) -> None:
        """Asks for jobs until one holds the lease, the caller is gone, or it is too late."""
        deadline = time.monotonic() + GIVE_UP_S
        patience = CLAIM_WITHIN_S
        while time.monotonic() < deadline:
            try:
                seen = await self._rooms.look(call, "")
                if not seen.callers:
                    log.info("steward.nobody_to_resume_for", call=call)
                    self.hint(call)
                    return
                if await self._one_try(call, dead, patience):
                    self._counts["resumed"] += 1
                    return
                patience *= PATIENCE_GROWS
            except (*ServerAwayError, RedisError) as error:
                log.warning("steward.cannot_resume_yet", call=call, error=repr(error))
                await asyncio.sleep(0.25)
        self._counts["gave_up"] += 1
        log.error("steward.gave_up", call=call)
        await self._tell(Ended(call=call, source=Source.STEWARD, cause=EndCause.FAILED))
        await self._delete(call)

    async def _one_try(self, call: str, dead: Claim | None, patience: float) -> bool:
        """Whoever claims the call first has it: a first job may only have been slow to start."""
        epoch = await self._next_epoch(call, dead)
        oldest = dead.epoch + 1 if dead else 0
        self.leases.outdate(call, oldest)
        resume = bool(await self._redis.exists(snapshot_key(call)))
        claimed = self._claims[call] = asyncio.Event()
        try:
            dispatch = await self._rooms.dispatch(call, Resume(resume=resume, epoch=epoch))
            if dead and dead.identity:
                await self._rooms.remove(call, dead.identity)
                self._counts["ghosts_removed"] += 1
            holder = await self._claimed_within(call, oldest, claimed, patience=patience)
            if holder is None or holder.epoch != epoch:
                await self._rooms.withdraw(call, dispatch)
            if holder is not None:
                log.info("steward.resumed", call=call, epoch=holder.epoch)
            return holder is not None
        finally:
            self._claims.pop(call, None)

    async def _claimed_within(
        self, call: str, oldest: int, claimed: asyncio.Event, *, patience: float
    ) -> Claim | None:
        """By the socket at once, by the key of a job on another host a little later."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(claimed.wait(), 0.2)
            holder = await self._holder(call)
            if holder is not None and holder.epoch >= oldest:
                return holder
            claimed.clear()
        return None

    async def _next_epoch(self, call: str, dead: Claim | None) -> int:
        epoch = int(await self._redis.incr(epoch_key(call)))
        if dead is not None and epoch <= dead.epoch:
            epoch = dead.epoch + 1
            await self._redis.set(epoch_key(call), epoch)
        await self._redis.expire(epoch_key(call), KEPT_S)
        return epoch

    # Rooms.

    async def _remove_ghosts(self, call: str, seen: Seen, living: str) -> None:
        for ghost in seen.agents:
            if ghost != living:
                log.info("steward.ghost", call=call)
                await self._rooms.remove(call, ghost)
                self._counts["ghosts_removed"] += 1

    async def _delete(self, call: str) -> None:
        log.info("steward.deletes_room", call=call)
        await self._rooms.delete(call)
        self._counts["rooms_deleted"] += 1
        self._watched.pop(call, None)

    async def _tell(self, event: Event) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._journal.append(event)
