"""`python -m agents console`: a call from this terminal, with neither telephone nor server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import structlog
from livekit.agents import AgentSession, JobContext

from agents.call.call_control import Briefing, NotReached, NotReachedError
from agents.call.state import CallState
from agents.job.caller import Caller
from agents.job.session_events import SessionEvents
from agents.resources import Resources
from agents.stage_factory import stage_for
from dialplans.contracts.causes import EndCause
from dialplans.contracts.jobs import CALLED
from dialplans.telephony.call import WEB_TRUNK, new_call_id

log = structlog.get_logger(__name__)


class TerminalCallControl:
    """Implements `agents.call.call_control.CallControl`: a terminal can be hung up, but nobody can
    be dialled."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx

    async def hang_up(self, cause: EndCause) -> None:
        log.info("console.over", cause=cause)
        self._ctx.shutdown(cause)

    async def refuse(self, code: int) -> None:
        log.info("console.refused", code=code)
        self._ctx.shutdown("refused")

    async def dial(
        self, number: str, *, via: str, ring_s: float, heard: Callable[[], object] | None = None
    ) -> str:
        raise NotReachedError(NotReached.FAILED)

    async def refer(self, uri: str, *, ring_s: float) -> None:
        raise NotReachedError(NotReached.FAILED)

    async def drop(self, identity: str) -> None:
        """Nobody was brought in."""

    def briefing(self, identity: str) -> AbstractAsyncContextManager[Briefing]:
        raise NotReachedError(NotReached.FAILED)


async def console_call(ctx: JobContext, resources: Resources) -> AgentSession[CallState]:
    """A call to the plan's `web` number, or to its first one."""
    plan = await resources.plans.pin()
    numbers = plan.plan.numbers
    called = WEB_TRUNK if WEB_TRUNK in numbers else next(iter(numbers))
    caller = Caller("terminal", False, {CALLED: called})
    control = TerminalCallControl(ctx)
    call = resources.call(new_call_id(called), plan, caller, None, control=control)
    session = call.spoken.providers.session(call)
    SessionEvents(session)
    log.info("console.begins", called=called, at=datetime.now(UTC).isoformat())
    # No room: the terminal is where the session hears and speaks.
    await session.start(stage_for(call), record=False, session_host=False)
    return session
