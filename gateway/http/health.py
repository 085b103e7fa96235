"""Alive: the process answers. Ready: everything it needs answers too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from gateway import roles

Check = Callable[[], Awaitable[object]]


class Ready(msgspec.Struct, frozen=True):
    """`checks` says `ok` or the kind of failure for each thing we need."""

    ready: bool
    checks: dict[str, str]


class Checks:
    """What readiness depends on, by name."""

    def __init__(self, checks: dict[str, Check]) -> None:
        self._checks = checks

    async def run(self) -> Ready:
        names = list(self._checks)
        results = await asyncio.gather(*(self._one(self._checks[n]) for n in names))
        return Ready(all(r == "ok" for r in results), dict(zip(names, results, strict=True)))

    async def _one(self, check: Check) -> str:
        try:
            async with asyncio.timeout(2):
                await check()
        except Exception as error:
            return type(error).__name__
        return "ok"


@get("/health", opt={"may": roles.PUBLIC}, include_in_schema=False, sync_to_thread=False)
def short() -> dict[str, bool]:
    """The short name of `/health/live`."""
    return {"alive": True}


@get(
    "/health/live",
    opt={"may": roles.PUBLIC},
    operation_id="alive",
    summary="Is the process alive",
    tags=["Machines"],
    sync_to_thread=False,
)
def live() -> dict[str, bool]:
    return {"alive": True}


@get(
    "/health/ready",
    opt={"may": roles.PUBLIC},
    operation_id="ready",
    summary="Can it do its work",
    tags=["Machines"],
)
async def ready(checks: NamedDependency[Checks]) -> Response[Ready]:
    """503 while anything it needs does not answer."""
    found = await checks.run()
    return Response(found, status_code=200 if found.ready else 503)
