"""The Unix socket on which every job of this host holds its call; its end tells of a death.

Nothing else tells as soon: LiveKit lists a killed agent as active for many seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from dialplans.contracts.jobs import Claim

log = structlog.get_logger(__name__)

TAKE_OVER_S = 1.0
CLAIM_WITHIN_S = 5.0
LONGEST_LINE = 4096

Told = Callable[[Claim], Awaitable[None]]


class Leases:
    """Who holds which call on this host. The newest epoch has it; an older one is told to leave."""

    def __init__(self, path: Path, *, lost: Told, ended: Told, claimed: Told) -> None:
        self._path = path
        self._lost = lost
        self._ended = ended
        self._claimed = claimed
        self._held: dict[str, Claim] = {}
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._newest: dict[str, int] = {}
        self._handlers: set[asyncio.Task[None]] = set()
        self.listening = False

    def holder(self, call: str) -> Claim | None:
        return self._held.get(call)

    def __len__(self) -> int:
        return len(self._held)

    async def run(self) -> None:
        """Listens until cancelled. Another gateway of this host may have the socket: then this
        one waits for its turn."""
        while True:
            if not await self._somebody_listens():
                self._path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    server = await asyncio.start_unix_server(
                        self._connected, str(self._path), limit=LONGEST_LINE
                    )
                    await self._serve(server)
            await asyncio.sleep(TAKE_OVER_S)

    async def _serve(self, server: asyncio.Server) -> None:
        self._path.chmod(0o600)
        mine = self._path.stat().st_ino
        self.listening = True
        try:
            # Somebody who removes the file cuts new jobs off: then it is made again.
            while self._path.exists() and self._path.stat().st_ino == mine:  # noqa: ASYNC110
                await asyncio.sleep(TAKE_OVER_S)
        finally:
            self.listening = False
            server.close()
            for task in list(self._handlers):
                task.cancel()
            if self._path.exists() and self._path.stat().st_ino == mine:
                self._path.unlink(missing_ok=True)

    async def _somebody_listens(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(str(self._path))
        except OSError:
            return False
        writer.close()
        return True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            await self._hold(reader, writer)
        finally:
            self._handlers.discard(task)
            writer.close()

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), CLAIM_WITHIN_S)
            claim = msgspec.json.decode(line, type=Claim)
        except (OSError, ValueError, TimeoutError, msgspec.MsgspecError):
            return  # a probe, or nobody of ours
        if claim.epoch < self._newest.get(claim.call, 0):
            await _tell(writer, b"stale\n")
            return
        before = self._writers.get(claim.call)
        self._newest[claim.call] = claim.epoch
        self._held[claim.call], self._writers[claim.call] = claim, writer
        if before is not None:
            await _tell(before, b"stale\n")
        await self._claimed(claim)
        said = b""
        with contextlib.suppress(OSError, ValueError):
            said = await reader.readline()
        if self._writers.get(claim.call) is not writer:
            return  # a newer job has the call already
        del self._held[claim.call], self._writers[claim.call]
        if said.strip() == b"bye":
            self._newest.pop(claim.call, None)
            await self._ended(claim)
        else:
            log.warning("lease.lost", call=claim.call, epoch=claim.epoch, pid=claim.pid)
            await self._lost(claim)

    def outdate(self, call: str, epoch: int) -> None:
        """From now on only this epoch, or a newer one, may claim the call."""
        self._newest[call] = max(epoch, self._newest.get(call, 0))


async def _tell(writer: asyncio.StreamWriter, line: bytes) -> None:
    with contextlib.suppress(OSError):
        writer.write(line)
        await writer.drain()
