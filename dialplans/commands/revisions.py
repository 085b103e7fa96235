"""`history` and `rollback`: the revisions that are kept beside the running system."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar

import typer

from dialplans.commands.common import PROBLEMS, AsJson, answer, tell
from dialplans.language.problems import printed

DEFAULT_REDIS = "redis://127.0.0.1:6389/0"
T = TypeVar("T")


def history(
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the revisions of the plan: who changed what, and when."""
    from dialplans.revisions.store import (  # with Redis' client half a second of start-up
        Entry,
        PlanStore,
    )

    def listed(store: PlanStore) -> Awaitable[tuple[Entry, ...]]:
        return store.history(count)

    entries = _with_store(listed)
    if as_json:
        answer(
            [
                {
                    "revision": e.revision,
                    "author": e.author,
                    "at": e.at.isoformat(timespec="seconds"),
                    "before": e.before or None,
                    "rollback": e.rollback,
                    "changes": e.changes,
                }
                for e in entries
            ]
        )
        return
    for n, e in enumerate(entries):
        mark = "*" if n == 0 else " "
        how = "  (rolled back)" if e.rollback else ""
        tell(f"{mark} {e.revision}  {e.at:%Y-%m-%d %H:%M:%S} UTC  {e.author}{how}")
        for change in e.changes:
            tell(f"      {printed(change)}")
    if not entries:
        typer.echo("no plan was ever put into force here")


def rollback(
    revision: Annotated[str, typer.Argument(help="A revision from history, or its beginning.")],
    as_json: AsJson = False,
) -> None:
    """Make an earlier revision the plan of new calls; running calls keep theirs."""
    from dialplans.revisions.store import PlanStore, UnknownRevisionError

    def back(store: PlanStore) -> Awaitable[str]:
        return store.rollback(revision, author=_author())

    try:
        current = _with_store(back)
    except UnknownRevisionError as error:
        _failed(str(error), as_json=as_json)
    if as_json:
        answer({"revision": current})
    else:
        typer.echo(f"new calls follow revision {current}")


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _failed(message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        answer({"error": message})
    tell(f"switchboard: {printed(message)}", err=True)
    raise typer.Exit(PROBLEMS)


def _with_store(ask: Callable[..., Awaitable[T]]) -> T:
    # Half a second of start-up, which no other command about dialplans needs.
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    from dialplans.revisions.store import PlanStore

    url = os.environ.get("SWITCHBOARD_REDIS_URL") or DEFAULT_REDIS

    async def run() -> T:
        async with Redis.from_url(url) as redis:
            return await ask(PlanStore(redis))

    try:
        return asyncio.run(run())
    except (RedisError, OSError):
        unanswered(url)


def unanswered(url: str) -> NoReturn:
    where = url.rpartition("@")[2].removeprefix("redis://")
    typer.echo(f"switchboard: Redis does not answer at {where}; is the system up?", err=True)
    raise typer.Exit(PROBLEMS) from None
