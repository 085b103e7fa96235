"""Callers from the web: which numbers they may dial, and their way in."""

from __future__ import annotations

from dialplans import jobs
from dialplans.call import new_call_id
from gateway.errors import Problem
from gateway.room.doorkeeper import Doorkeeper
from gateway.room.mint import Connection, Ticket
from gateway.routing.current import CurrentPlan, WebNumber


class WebCalls:
    def __init__(self, plan: CurrentPlan, doorkeeper: Doorkeeper) -> None:
        self._plan = plan
        self._doorkeeper = doorkeeper

    async def numbers(self) -> list[WebNumber]:
        return await self._plan.web_numbers()

    async def begin(self, number: str) -> tuple[str, Connection]:
        """The call's id and the one connection of its caller. The room comes to be, and the job
        is dispatched, when the caller enters: who never does costs nothing."""
        if number not in {n.number for n in await self.numbers()}:
            raise Problem("not_found", "This number does not take calls from the web.")
        call = new_call_id(number)
        ticket = Ticket(purpose="caller", call=call, who="caller", role=jobs.CALLER, called=number)
        return call, await self._doorkeeper.admit(ticket)
