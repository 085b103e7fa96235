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

from dialplans.process.background import end
from gateway import openapi
from gateway.access.routes import make_token, web_numbers
from gateway.access.webhook_receiver import livekit_webhook
from gateway.acd.routes import DeskController
from gateway.container import Container, build
from gateway.errors import Problem, on_crash, on_http, on_problem, on_turn
from gateway.history.routes import CallController
from gateway.http import health
from gateway.http.console import console
from gateway.http.security import harden
from gateway.http.telemetry import CallOnEveryLine, Traces
from gateway.identity.accounts import KeyController, UserController, trail
from gateway.identity.guard import Authenticate, guard
from gateway.identity.me import SessionController
from gateway.identity.principal import principal
from gateway.identity.sso import SsoController
from gateway.live.stream import stream_call, stream_events
from gateway.metrics import metrics
from gateway.routing.routes import RoutingController
from gateway.settings import Settings
from gateway.sounds.routes import SoundController
from gateway.steward.livekit import LiveKitRooms
from gateway.steward.roomless import MARGIN_S, LiveRecords
from gateway.steward.service import Steward
from gateway.supervise.routes import SuperviseController

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[None]]

_AFTER_A_BREAK_S = 1.0

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
    container, traces = build(settings), Traces(settings)
    return Litestar(
        ROUTES,
        guards=[guard],
        middleware=[
            *traces.middleware,
            CallOnEveryLine(),
            Authenticate(container.sessions, container.sign_in_attempts),
        ],
        dependencies={
            "me": Provide(principal, sync_to_thread=False),
            **{f.name: _provide(getattr(container, f.name)) for f in fields(container)},
        },
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http,
            LockError: on_turn,
            Exception: on_crash,
        },
        before_send=[harden(settings)],
        lifespan=[_open(container, traces)],
        state=State({"container": container}),
        openapi_config=openapi.config(),
        request_max_body_size=4 * 1024 * 1024,
        logging_config=None,  # gateway.logs sets it up for the process
        debug=False,
    )


def _provide(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)


def _open(container: Container, traces: Traces) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        """Reads the live state before the first request, stops everything after the last."""
        await container.database.migrate()
        await container.subscriber.load(container.search)
        await container.dispatcher.load()
        container.feed.live_state.revision = await container.plan.store.revision()
        if await container.people.none_yet():
            log.warning("users.none", hint="add one with: switchboard user add")
        tasks = [
            asyncio.create_task(_keep(name, work), name=name)
            for name, work in _work(container).items()
        ]
        try:
            yield
        finally:
            container.feed.close()
            await end(*tasks)
            await container.rooms.close()
            await container.redis.aclose()
            await container.database.close()
            await traces.close()

    return lifespan


async def _keep(name: str, work: Work) -> None:
    """One part that breaks takes nothing else with it and begins again."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("gateway.part_broke", part=name, exc_info=error)
            await asyncio.sleep(_AFTER_A_BREAK_S)


def _work(container: Container) -> dict[str, Work]:
    steward = Steward(
        LiveKitRooms(container.rooms.lk),
        container.redis,
        container.journal,
        container.settings.lease_path,
        records=LiveRecords(
            container.feed.live_state.live.keys, container.settings.sip_rejoin_for + MARGIN_S
        ),
    )
    container.webhooks.tell += [steward.hint, container.desk_watch.hint]
    container.metrics_.also("steward", steward.figures)
    container.metrics_.also("retention", container.retention.figures)
    return {
        "tail": container.subscriber.run,
        "ledger": container.event_consumer.run,
        "flush": container.feed.flush_forever,
        "tiles": container.feed.tiles_forever,
        "retention": container.retention.run,
        "dispatcher": container.dispatcher.run,
        "desks": container.desk_watch.run,
        "revocation": container.revocation.run,
        "eviction": container.eviction.run,
        "sweep": container.supervision.sweep_forever,
        "plan": container.plan_follower.run,
        "steward": steward.run,
    }
