"""The plan's file, watched: what a person saves becomes the plan for new calls, or is refused."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import structlog
import watchfiles
from redis.exceptions import RedisError

from dialplans.language.load import Loaded, load
from dialplans.language.problems import summary
from dialplans.revisions.store import InvalidPlanError, PlanStore

log = structlog.get_logger(__name__)

SUFFIXES = (".yaml", ".yml", ".md")
DEBOUNCE_MS = 200
"""Editors write a file in several steps; a plan is live well within two seconds all the same."""
RETRY_S = 1.0


async def watch(store: PlanStore, path: str | Path, stop: asyncio.Event | None = None) -> None:
    """Until `stop` is set, keep the current revision in step with the file.

    At the start the file is put in unless it still says what it said last time: a revision that
    was rolled back stays so until somebody edits the file. Redis being away delays a change, and
    loses none: it is tried again until Redis is back.
    """
    path, stop = Path(path), stop or asyncio.Event()
    await _take_in(store, path, stop, at_start=True)
    async for changes in watchfiles.awatch(
        path.parent, debounce=DEBOUNCE_MS, step=50, stop_event=stop, watch_filter=_is_ours
    ):
        log.info("plan.file_changed", files=len(changes))
        await _take_in(store, path, stop, at_start=False)


async def _take_in(store: PlanStore, path: Path, stop: asyncio.Event, *, at_start: bool) -> None:
    while not stop.is_set():
        loaded = await asyncio.to_thread(load, path)
        saved_ns = await asyncio.to_thread(saved_at, path, loaded)
        try:
            await take_in(store, loaded, author_of(path), at_start=at_start, saved_ns=saved_ns)
        except InvalidPlanError:
            log.warning(
                "plan.refused",
                path=loaded.path,
                summary=summary(loaded.problems),
                problems=[p.as_json() for p in loaded.problems],
            )
        except (RedisError, OSError) as error:
            log.warning("plan.not_stored", path=loaded.path, error=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_S)
            continue
        return


async def take_in(
    store: PlanStore, loaded: Loaded, author: str, *, at_start: bool, saved_ns: int = 0
) -> bool:
    """Whether the plan became a new revision. A plan with errors is kept as refused, and raised
    as InvalidPlanError; the good one stays. What the console has put into the file is in force
    already, or was and is not any more: only an edit of a person says otherwise."""
    if not loaded.valid:
        await store.reject(loaded, author)
        raise InvalidPlanError(loaded.path, loaded.problems)
    await store.clear_problems()
    before = await store.revision()
    old = await store.was_written(loaded.revision, saved_ns) or (
        at_start and await store.seen_in_file() == loaded.revision
    )
    if old and before is not None:
        return False
    revision = await store.put(loaded, author)
    await store.see_in_file(revision)  # only then: what was seen and not put would be lost
    if revision == before:
        return False
    log.info("plan.changed", revision=loaded.revision, before=before, author=author)
    return True


def saved_at(path: Path, loaded: Loaded) -> int:
    """When the newest file of the plan was saved, in nanoseconds since the epoch."""
    newest = 0
    for name in {str(path), *loaded.texts}:
        with suppress(OSError):
            newest = max(newest, os.stat(name).st_mtime_ns)
    return newest


def author_of(path: Path) -> str:
    """Whoever owns the file, since nobody signs in to an editor."""
    try:
        return path.owner()
    except (KeyError, OSError, NotImplementedError):
        return "file"


def _is_ours(_: watchfiles.Change, path: str) -> bool:
    name = Path(path).name
    return name.endswith(SUFFIXES) and not name.startswith(".")
