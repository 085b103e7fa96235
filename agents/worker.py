"""The worker: registers with LiveKit under one name and runs `answer` for every call.

Job processes hold no models. Load is counted in calls, because the default, the host's CPU, turns
calls away while the next idle process is being forked.
"""

from __future__ import annotations

import asyncio
import os

import structlog
from livekit import rtc
from livekit.agents import AgentServer, AgentSession, JobContext, JobProcess

from agents.call.resume import chat_of
from agents.call.state import CallState
from agents.console import console_call
from agents.job.caller import (
    Caller,
    NobodyCameError,
    answered,
    as_now,
    asks_headers,
    late_attributes,
    wait_for_caller,
)
from agents.job.far_legs import FarLegs
from agents.job.lifecycle import CallLifecycle
from agents.job.livekit_call_control import LiveKitCallControl
from agents.livekit_private import without_native_log, without_programs
from agents.logs import set_up_logs
from agents.providers.echo_guard import guard
from agents.resources import Resources
from agents.settings import Settings
from agents.stage_factory import stage_for
from agents.stages.takeover import fall_silent
from dialplans.contracts.actor import Actor
from dialplans.contracts.jobs import AGENT_NAME, read_metadata

log = structlog.get_logger(__name__)

LATE_S = 0.5
ANSWERED_S = 5.0
FULL = 0.99
"""LiveKit counts a worker as full at its threshold, and a load of 1 as broken."""


async def answer(ctx: JobContext) -> None:
    """The main flow of a call: who is it, what does the plan say, begin, and wait for the end."""
    resources: Resources = ctx.proc.userdata["resources"]
    await resources.open()
    if ctx.is_fake_job():
        await console_call(ctx, resources)
        return
    word = read_metadata(ctx.job.metadata)
    lease = resources.lease(ctx, word.epoch)
    with without_programs():
        await ctx.connect()
    structlog.contextvars.bind_contextvars(call=ctx.room.name, epoch=word.epoch)
    try:
        caller = await wait_for_caller(ctx.room)
    except NobodyCameError:
        log.info("call.nobody_came")
        await lease.release()
        ctx.shutdown("nobody came")
        return

    snapshots = resources.snapshots(ctx.room.name)
    # Also without the steward's word: a server that makes the room anew dispatches by itself.
    before = await snapshots.load()
    resumes = word.resume or before is not None
    plan = await resources.plans.pin(before.revision if before else "")
    if asks_headers(plan.plan, caller):
        await late_attributes(ctx.room, caller.identity, "sip.callIDFull", within=LATE_S)
        caller = as_now(ctx.room, caller)
    control = LiveKitCallControl(resources.server, ctx.room, caller.identity, plan)
    # Before there is any sound of ours: LiveKit's own leg answers when it hears some.
    entrance = await resources.entrance(ctx.room.name, plan, caller, inside=before is not None)
    if entrance is None:
        await control.drop(caller.identity)
        await lease.release()
        await resources.close()
        ctx.shutdown("refused")
        return
    call = resources.call(ctx.room.name, plan, caller, before, control=control)

    session = call.spoken.providers.session(call)
    lifecycle = CallLifecycle(ctx.room, session, snapshots, caller.identity)
    lifecycle.attach(resources.settings.livekit_api_secret, lease.stale)
    FarLegs(ctx.room, caller, call.tell).attach(call.facts.context)
    if resumes:
        lifecycle.resumed(word.epoch, before)
    apology = [call.phrases.say("call.apology")] if resumes else []
    first = stage_for(call, opening=apology, chat_ctx=chat_of(before))
    first.resumed = before is not None
    paused = before is not None and before.paused_by
    never: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    first.ready = never if paused else _ready(session, ctx.room, caller)

    await session.start(
        first,
        room=ctx.room,
        room_options=call.spoken.providers.room_options(caller.identity, sip=caller.sip),
        record=False,
        session_host=False,
    )
    if before is not None and before.paused_by:
        _guard(session, caller)
        await fall_silent(session, Actor(before.paused_role, before.paused_by))
    await lifecycle.wind_up(lease, await lifecycle.over)
    await entrance.leave()
    await resources.close()
    ctx.shutdown("call over")


async def _ready(session: AgentSession[CallState], room: rtc.Room, caller: Caller) -> bool:
    """Whether the caller hears our first words. The session has its ways of sound by now, and has
    not said anything."""
    _guard(session, caller)
    return await answered(room, caller.identity, ANSWERED_S)


def _guard(session: AgentSession[CallState], caller: Caller) -> None:
    if not caller.echoless:
        guard(session)


def prepare(process: JobProcess) -> None:
    """Runs once in every idle process: what would otherwise cost the caller time while it rings."""
    set_up_logs(development=os.environ.get("LIVEKIT_DEV_MODE") == "1")
    without_native_log()
    process.userdata["resources"] = Resources.prepared(Settings())


def build(settings: Settings) -> AgentServer:
    """The server that `python -m agents` runs; a second one with another port is the standby."""
    limit = settings.worker_limit

    def load(server: AgentServer) -> float:
        return min(FULL, len(server.active_jobs) / limit)

    server = AgentServer(
        host="127.0.0.1",
        port=0,  # the health port is ours: see agents.health
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret,
        num_idle_processes=settings.worker_idle,
        load_fnc=load,
        load_threshold=FULL,
        setup_fnc=prepare,
        preload_modules=["agents.worker"],
        initialize_process_timeout=60.0,
        session_end_timeout=10.0,
        drain_timeout=1800,
    )
    server.rtc_session(answer, agent_name=AGENT_NAME)
    return server
