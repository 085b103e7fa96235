"""The connections of a desk to the call it has: a voice in the room, an ear in the side room."""

from __future__ import annotations

from typing import Final

from dialplans.contracts import jobs
from gateway.access.admission import Admission
from gateway.access.telephones import TelephoneLegs, is_telephone
from gateway.access.tokens import Connection, Purpose, Ticket, side_room
from gateway.acd.seat_store import SeatStore
from gateway.identity.principal import Principal

_WANTED: Final[tuple[Purpose, ...]] = ("talk", "side")
_LEAVING = "leaving"
"""Beside the purposes: the telephone that goes as soon as the browser speaks in its place."""


class DeskConnections:
    def __init__(
        self, seat_store: SeatStore, admission: Admission, telephones: TelephoneLegs
    ) -> None:
        self._seat_store = seat_store
        self._admission = admission
        self._telephones = telephones

    async def connect(self, call: str, me: Principal, *, have: list[str]) -> list[Connection]:
        """None to be opened where the desk talks by telephone."""
        old = await self._seat_store.identities(call)
        if is_telephone(old.get("talk", "")):
            return []
        kept = {p: i for p, i in old.items() if i in have}
        for purpose, identity in old.items():
            if purpose not in kept:
                await self._show_out(call, purpose, identity)
        opened = await self._open(call, me, without=kept)
        await self._seat_store.keep_identities(
            call, {**kept, **{c.purpose: c.identity for c in opened}}
        )
        return opened

    async def by_telephone(self, call: str, leg: str) -> None:
        """The telephone that has answered is the desk's voice and ear now, and what it had before
        is shown out."""
        old = await self._seat_store.identities(call)
        await self._seat_store.keep_identities(call, dict.fromkeys(_WANTED, leg))
        for purpose, identity in old.items():
            if identity != leg:
                await self._show_out(call, purpose, identity)

    async def by_browser(self, call: str, me: Principal) -> list[Connection]:
        """The telephone stays until the browser is there: the caller never hears nobody."""
        old = await self._seat_store.identities(call)
        opened = await self._open(call, me, without={})
        now = {c.purpose: c.identity for c in opened}
        await self._seat_store.keep_identities(call, {**now, _LEAVING: old.get("talk", "")})
        return opened

    async def telephone(self, call: str) -> str | None:
        """The identity of the telephone that the desk talks by."""
        talk = (await self._seat_store.identities(call)).get("talk", "")
        return talk if is_telephone(talk) else None

    async def leaving(self, call: str) -> str | None:
        """The telephone in whose place a browser is to speak."""
        return (await self._seat_store.identities(call)).get(_LEAVING)

    async def left(self, call: str) -> None:
        """The browser is there: the telephone goes."""
        known = await self._seat_store.identities(call)
        leg = known.pop(_LEAVING, "")
        await self._seat_store.keep_identities(call, known)
        await self._telephones.stop(call, leg)

    async def disconnect(self, call: str) -> None:
        old = await self._seat_store.identities(call)
        await self._seat_store.keep_identities(call, {})
        for purpose, identity in old.items():
            await self._show_out(call, purpose, identity)

    async def _open(self, call: str, me: Principal, *, without: dict[str, str]) -> list[Connection]:
        return [
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
            for purpose in _WANTED
            if purpose not in without
        ]

    async def _show_out(self, call: str, purpose: str, identity: str) -> None:
        """A telephone hears the side room by the leg that it is in the call with."""
        if not is_telephone(identity):
            room = side_room(call) if purpose == "side" else call
            await self._admission.show_out(room, identity)
        elif purpose != "side":
            await self._telephones.stop(call, identity)
