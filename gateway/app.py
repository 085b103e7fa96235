"""The only wiring: routes, what they depend on, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from redis.exceptions import LockError

from gateway import health, openapi
from gateway.console import console
from gateway.desk.routes import DeskController
from gateway.errors import Problem, on_crash, on_http, on_problem, on_turn
from gateway.house import House, build
from gateway.identity.accounts import KeyController, UserController, trail
from gateway.identity.door import Recognise, guard
from gateway.identity.me import SessionController
from gateway.identity.principal import principal
from gateway.identity.sso import SsoController
from gateway.live.stream import stream_call, stream_events
from gateway.metrics import metrics
from gateway.records.calls import CallController
from gateway.room.tokens import make_token, web_numbers
from gateway.room.webhooks import livekit_webhook
from gateway.routing.routes import RoutingController
from gateway.security import harden
from gateway.settings import Settings
from gateway.sounds.routes import SoundController
from gateway.steward import Steward
from gateway.steward_rooms import LiveKitRooms
from gateway.supervise.routes import SuperviseController
from gateway.telemetry import CallOnEveryLine, Traces

Work = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)

ROUTES: list[Any] = [
    SessionController,
    SsoController,
    UserController,
    KeyController,
    trail,
    CallController,
    SoundController,
    SuperviseController,
    DeskController,
    RoutingController,
    stream_events,
    stream_call,
    make_token,
    web_numbers,
    livekit_webhook,
    health.live,
    health.short,
    health.ready,
    metrics,
    console,
]


def create(settings: Settings) -> Litestar:
    house, traces = build(settings), Traces(settings)
    return Litestar(
        ROUTES,
        guards=[guard],
        middleware=[
            *traces.middleware,
            CallOnEveryLine(),
            Recognise(house.sessions, house.entrance),
        ],
        dependencies={
            "me": Provide(principal, sync_to_thread=False),
            **{f.name: _provide(getattr(house, f.name)) for f in fields(house)},
        },
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http,
            LockError: on_turn,
            Exception: on_crash,
        },
        before_send=[harden(settings)],
        lifespan=[_open(house, traces)],
        state=State({"house": house}),
        openapi_config=openapi.config(),
        request_max_body_size=4 * 1024 * 1024,
        logging_config=None,  # gateway.logs sets it up for the process
        debug=False,
    )


def _provide(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)


def _open(house: House, traces: Traces) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        """Reads the picture before the first request, stops everything after the last."""
        await house.database.migrate()
        await house.tail.load(house.search)
        await house.dispatcher.load()
        house.feed.picture.revision = await house.plan.store.revision()
        if await house.people.none_yet():
            log.warning("users.none", hint="add one with: switchboard user add")
        tasks = [
            asyncio.create_task(_kept(name, work), name=name) for name, work in _work(house).items()
        ]
        try:
            yield
        finally:
            house.feed.close()
            await _end(tasks)
            await house.rooms.close()
            await house.redis.aclose()
            await house.database.close()
            await traces.close()

    return lifespan


def _work(house: House) -> dict[str, Work]:
    steward = Steward(
        LiveKitRooms(house.rooms.lk), house.redis, house.journal, house.settings.lease_path
    )
    house.police.tell.append(steward.hint)
    house.metrics_.also("steward", steward.figures)
    house.metrics_.also("retention", house.retention.figures)
    return {
        "tail": house.tail.run,
        "ledger": house.ledger.run,
        "flush": house.feed.flush_forever,
        "tiles": house.feed.tiles_forever,
        "retention": house.retention.run,
        "dispatcher": house.dispatcher.run,
        "desks": house.desk_watch.run,
        "revocation": house.revocation.run,
        "eviction": house.eviction.run,
        "sweep": house.supervision.sweep_forever,
        "plan": house.plan_follower.run,
        "steward": steward.run,
    }


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Told until it is heard: a cancelled Redis call may swallow the cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)


async def _kept(name: str, work: Work) -> None:
    """One part that breaks takes nothing else with it and begins again."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("gateway.part_broke", part=name, exc_info=error)
            await asyncio.sleep(1.0)
