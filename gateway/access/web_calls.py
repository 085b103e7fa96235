"""Callers from the web: which numbers they may dial, whether they may come in, and their way in.

The dialplan's word holds at this entrance as at the telephone's: `dialplans.engine.admit` says who
is refused and why, and every refusal is a record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from dialplans.contracts.actor import ActorKind
from dialplans.contracts.causes import RefusalReason
from dialplans.contracts.words import Source
from dialplans.engine.admit import Load, admit
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Refusal
from dialplans.engine.limits.call_counts import Traffic
from dialplans.model import is_internal
from dialplans.telephony.call import ANONYMOUS, WEB_TRUNK, CallContext, new_call_id
from gateway.access.admission import Admission
from gateway.access.pending_web_calls import PendingWebCalls
from gateway.access.tokens import Connection, Ticket
from gateway.client_address import visitor
from gateway.errors import Problem
from gateway.identity.throttling.throttle import Throttle, TooMany
from gateway.live.live_state import LiveState
from gateway.routing.current import CurrentPlan, WebNumber

_COMING_S = 10.0
"""A browser that has a token is in the room within this time, or it does not come; one that is in
the room is among the live calls as soon."""

FLOOD = Refusal(429, RefusalReason.FLOOD, "more calls from one address than the web page allows")


class WebCalls:
    def __init__(
        self,
        plan: CurrentPlan,
        admission: Admission,
        live_state: LiveState,
        *,
        journal: ev.Journal,
        throttle: Throttle,
    ) -> None:
        self._plan = plan
        self._admission = admission
        self._live_state = live_state
        self._journal = journal
        self._throttle = throttle
        self._lately = Traffic()
        self._coming, self._inside = PendingWebCalls(_COMING_S), PendingWebCalls(_COMING_S)

    async def numbers(self) -> list[WebNumber]:
        return await self._plan.web_numbers()

    async def begin(self, number: str, address: str) -> tuple[str, Connection]:
        """The call's id and the one connection of its caller. The room comes to be, and the job
        is dispatched, when the caller enters: who never does costs nothing."""
        context = CallContext(
            called=number, call_id=new_call_id(number), trunk=WEB_TRUNK, source_ip=address
        )
        await self._not_too_often(context, address)
        # Followed from Redis' announcements: no question to ask while a caller waits.
        ready = await self._plan.compiled(self._live_state.revision)
        if ready is None:
            raise Problem("not_ready", "No dialplan is in force.")
        named = ready.plan.numbers.get(number)
        if named is None or named.trunk is not None or is_internal(number):
            raise Problem("not_found", "This number does not take calls from the web.")
        refused = self._refusal(ready, context, address)
        if refused is not None:
            await self._record(context, refused)
            busy = refused.reason.of_a_limit
            raise Problem(
                "lines_busy" if busy else "call_refused", refused.because, reason=refused.reason
            )
        self._coming.add(context.call_id, number)
        ticket = Ticket(
            purpose="caller",
            call=context.call_id,
            who=ActorKind.CALLER,
            role=jobs.CALLER,
            called=number,
        )
        return context.call_id, await self._admission.admit(ticket)

    async def enters(self, call: str, number: str) -> bool:
        """Asked again when the caller is in the room, since others may have come in the meantime:
        false, and on record with the reason, if the limits are reached without this call."""
        if call in self._live_state.live:
            return True
        ready = await self._plan.compiled(self._live_state.revision)
        if ready is None:
            return True
        self._coming.forget(call)
        context = CallContext(called=number, call_id=call, trunk=WEB_TRUNK)
        refused = admit(ready, context, self._load(number, self._inside))
        if refused is None:
            self._inside.add(call, number)
            return True
        await self._record(context, refused)
        return False

    def _refusal(self, ready: CompiledPlan, call: CallContext, address: str) -> Refusal | None:
        """Callers on the web have no number: how often one calls is counted by address."""
        now = datetime.now(UTC)
        caller = CallContext(called=call.called, caller=visitor(address))
        often = self._lately.load(ready.plan, caller, now).by_caller
        self._lately.asked(ready.plan, caller, now)
        up = self._load(call.called, self._coming, self._inside)
        return admit(ready, call, replace(up, by_caller=often, now=now))

    def _load(self, number: str, *more: PendingWebCalls) -> Load:
        """Calls that are up, and those who are not among them yet."""
        live = self._live_state.live
        coming = [one.load(number, live.keys()) for one in more]
        on_number = sum(call.called == number for call in live.values())
        return Load(
            total=len(live) + sum(total for total, _ in coming),
            on_number=on_number + sum(same for _, same in coming),
        )

    async def _not_too_often(self, call: CallContext, address: str) -> None:
        """The first refusal of a flood is a record; all of them would be a flood of records."""
        try:
            await self._throttle.spend(visitor(address))
        except TooMany as problem:
            if problem.first:
                await self._record(call, FLOOD)
            raise

    async def _record(self, call: CallContext, refused: Refusal) -> None:
        await self._journal.append(
            ev.Refused(
                call=call.call_id,
                source=Source.GATEWAY,
                code=refused.code,
                reason=refused.reason,
                detail=refused.because,
                called=call.called,
                caller=ANONYMOUS,
                source_ip=call.source_ip,
                trunk=WEB_TRUNK,
            )
        )
