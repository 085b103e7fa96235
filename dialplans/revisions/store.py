"""Revisions of the plan in Redis: the current one, all earlier ones, and who changed what when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import WatchError

from dialplans.analysis.diff import diff
from dialplans.language.bundle import decode, encode, pack, unpack
from dialplans.language.load import Loaded
from dialplans.language.problems import Problem

PREFIX = "switchboard:plan:"
CURRENT = f"{PREFIX}current"
HISTORY = f"{PREFIX}history"
PROBLEMS = f"{PREFIX}problems"
FROM_FILE = f"{PREFIX}file"
"""The revision last read from the file: a restart does not undo a rollback."""
WRITTEN = f"{PREFIX}written"
"""The revision that a program put into the file last, and when: whoever watches the file learns of
it later, and somebody may have gone back to an earlier plan by then."""
CHANGED = f"{PREFIX}changed"
"""The channel on which each new current revision is announced."""
KEPT_HISTORY = 1000
KEPT_CHANGES = 40
"""So many lines of a diff are kept with a revision; the bundles hold the rest."""
IN_MEMORY = 8


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the current revision, newest first in the history."""

    revision: str
    author: str
    at: datetime
    before: str = ""
    changes: list[str] = []
    rollback: bool = False


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that was not let in, kept until a good one comes."""

    path: str
    at: datetime
    author: str
    problems: list[dict[str, Any]]


class InvalidPlanError(ValueError):
    """A plan with errors does not become a revision; `problems` says what is wrong."""

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        first = next((p for p in problems if p.severity == "error"), None)
        super().__init__(f"{first.place}: {first.code} {first.message}" if first else path)
        self.path = path
        self.problems = problems


class UnknownRevisionError(LookupError):
    """No such revision, or more than one begins like that."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"there is no one revision '{revision}'")
        self.revision = revision


class PlanStore:
    """Plans that were read are kept in memory: a revision never changes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._plans: dict[str, Loaded] = {}

    async def put(self, loaded: Loaded, author: str, now: datetime | None = None) -> str:
        """Make a valid plan the current one for calls that begin from now on; returns its revision.
        The plan that is current already is left alone. Raises InvalidPlanError."""
        if not loaded.valid or loaded.plan is None:
            raise InvalidPlanError(loaded.path, loaded.problems)
        await self._redis.set(PREFIX + loaded.revision, encode(pack(loaded)))
        self._remember(loaded)
        await self._make_current(loaded, author, now or datetime.now(UTC), rollback=False)
        return loaded.revision

    async def revision(self) -> str | None:
        """Which revision calls begin with now; one read of Redis."""
        return _text(await self._redis.get(CURRENT))

    async def current(self) -> Loaded | None:
        revision = await self.revision()
        return await self.get(revision) if revision else None

    async def get(self, revision: str) -> Loaded | None:
        """None for a revision that was never stored or cannot be built by this release."""
        known = self._plans.get(revision)
        if known is not None:
            return known
        raw = await self._redis.get(PREFIX + revision)
        if raw is None:
            return None
        loaded = unpack(decode(raw))
        if loaded.plan is None:
            return None
        self._remember(loaded)
        return loaded

    async def history(self, count: int = 50) -> tuple[Entry, ...]:
        raw = await self._redis.lrange(HISTORY, 0, count - 1)
        return tuple(msgspec.json.decode(line, type=Entry) for line in raw)

    async def rollback(self, revision: str, author: str, now: datetime | None = None) -> str:
        """Make an earlier revision current again; enough of its beginning to be the only one will
        do. Raises UnknownRevisionError."""
        entries = await self.history(KEPT_HISTORY)
        known = {e.revision for e in entries} | {e.before for e in entries if e.before}
        found = [r for r in known if r.startswith(revision)] if revision else []
        loaded = await self.get(found[0]) if len(found) == 1 else None
        if loaded is None:
            raise UnknownRevisionError(revision)
        await self._make_current(loaded, author, now or datetime.now(UTC), rollback=True)
        return loaded.revision

    async def reject(self, loaded: Loaded, author: str, now: datetime | None = None) -> Rejected:
        """Keep the problems of a plan that was not let in, for `switchboard status`."""
        rejected = Rejected(
            path=loaded.path,
            at=now or datetime.now(UTC),
            author=author,
            problems=[p.as_json() for p in loaded.problems],
        )
        await self._redis.set(PROBLEMS, msgspec.json.encode(rejected))
        return rejected

    async def problems(self) -> Rejected | None:
        """The plan that was refused last, unless a good one came after it."""
        raw = await self._redis.get(PROBLEMS)
        return msgspec.json.decode(raw, type=Rejected) if raw is not None else None

    async def seen_in_file(self) -> str | None:
        return _text(await self._redis.get(FROM_FILE))

    async def see_in_file(self, revision: str) -> None:
        await self._redis.set(FROM_FILE, revision)

    async def note_written(self, revision: str, saved_ns: int) -> None:
        """Before it is put in place; `saved_ns` as by `dialplans.revisions.watch.saved_at`."""
        await self._redis.set(WRITTEN, f"{revision} {saved_ns}")

    async def was_written(self, revision: str, saved_ns: int) -> bool:
        """Whether the file as it is now was not saved by a person."""
        return _text(await self._redis.get(WRITTEN)) == f"{revision} {saved_ns}"

    async def clear_problems(self) -> None:
        await self._redis.delete(PROBLEMS)

    async def _make_current(
        self, loaded: Loaded, author: str, now: datetime, *, rollback: bool
    ) -> None:
        """Pointer, history and announcement together, once, whoever else tries the same."""
        async with self._redis.pipeline(transaction=True) as pipe:
            while True:
                try:
                    await pipe.watch(CURRENT)
                    before = _text(await pipe.get(CURRENT)) or ""
                    if before == loaded.revision:
                        await pipe.unwatch()  # type: ignore[no-untyped-call]
                        return
                    entry = Entry(
                        revision=loaded.revision,
                        author=author,
                        at=now,
                        before=before,
                        changes=await self._changes(before, loaded),
                        rollback=rollback,
                    )
                    pipe.multi()  # type: ignore[no-untyped-call]
                    pipe.set(CURRENT, loaded.revision)
                    pipe.lpush(HISTORY, msgspec.json.encode(entry))
                    pipe.ltrim(HISTORY, 0, KEPT_HISTORY - 1)
                    pipe.publish(CHANGED, loaded.revision)
                    await pipe.execute()
                except WatchError:
                    continue
                return

    async def _changes(self, before: str, loaded: Loaded) -> list[str]:
        old = await self.get(before) if before else None
        if old is None or old.plan is None or loaded.plan is None:
            return []
        lines = [str(change) for change in diff(old.plan, loaded.plan).changes]
        names = sorted(old.files.keys() | loaded.files.keys())
        lines += [f"{n}: text changed" for n in names if old.files.get(n) != loaded.files.get(n)]
        more = len(lines) - KEPT_CHANGES
        return lines if more <= 0 else [*lines[:KEPT_CHANGES], f"… and {more} more"]

    def _remember(self, loaded: Loaded) -> None:
        self._plans.pop(loaded.revision, None)
        self._plans[loaded.revision] = loaded
        if len(self._plans) > IN_MEMORY:
            self._plans.pop(next(iter(self._plans)))


def _text(raw: bytes | str | None) -> str | None:
    return raw.decode() if isinstance(raw, bytes) else raw
