"""The connections of a desk to the call it has: a voice in the room, an ear in the side room."""

from __future__ import annotations

from dialplans.contracts import jobs
from gateway.access.admission import Admission
from gateway.access.tokens import Connection, Purpose, Ticket, side_room
from gateway.acd.seat_store import SeatStore
from gateway.identity.principal import Principal


class DeskConnections:
    def __init__(self, seat_store: SeatStore, admission: Admission) -> None:
        self._seat_store = seat_store
        self._admission = admission

    async def connect(self, call: str, me: Principal, *, have: list[str]) -> list[Connection]:
        old = await self._seat_store.identities(call)
        kept = {p: i for p, i in old.items() if i in have}
        for purpose, identity in old.items():
            if purpose not in kept:
                room = side_room(call) if purpose == "side" else call
                await self._admission.show_out(room, identity)
        wanted: tuple[Purpose, ...] = ("talk", "side")
        opened = [
            await self._admission.admit(
                Ticket(
                    purpose=purpose,
                    call=call,
                    who=me.name,
                    role=jobs.AGENT,
                    credential=me.token_hash,
                    needs="desk.work",
                    microphone=purpose == "talk",
                )
            )
            for purpose in wanted
            if purpose not in kept
        ]
        await self._seat_store.keep_identities(
            call, {**kept, **{c.purpose: c.identity for c in opened}}
        )
        return opened

    async def disconnect(self, call: str) -> None:
        old = await self._seat_store.identities(call)
        await self._seat_store.keep_identities(call, {})
        for purpose, identity in old.items():
            room = side_room(call) if purpose == "side" else call
            await self._admission.show_out(room, identity)
