"""Acting on a call without talking in it: coach, say, transfer, hold, hang up, note, help."""

from __future__ import annotations

import secrets

from dialplans.contracts import events as ev
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.control import Command, Operation
from dialplans.contracts.endings import hung_up_by_person
from dialplans.contracts.words import Source
from gateway.access.livekit import Done, Rooms
from gateway.acd.service import Desk
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.records.call import Call
from gateway.records.lookup import known_call, live_call
from gateway.records.store import Records
from gateway.storage.audit import Audit
from gateway.supervise.voice_coaching import Understood, VoiceCoaching


class Commands:
    def __init__(
        self,
        records: Records,
        rooms: Rooms,
        desk: Desk,
        *,
        voice_coaching: VoiceCoaching,
        trail: tuple[Audit, ev.Journal],
    ) -> None:
        self._records = records
        self._rooms = rooms
        self._desk = desk
        self._voice_coaching = voice_coaching
        self._audit, self._journal = trail

    async def mine(self, call: str, me: Principal) -> Call:
        """The live call, if I may act on it: at my own desk, or with the right to act on any."""
        row = await live_call(self._records, call)
        if not me.may("calls.act") and not await self._desk.holds(row.id, me.name):
            raise Problem("not_allowed", "This call is not at your desk.")
        return row

    async def coach(self, call: str, me: Principal, text: str) -> Done:
        """What the persona follows on its next turn; the caller hears nothing of it. The words are
        in the record also where the persona cannot follow them, which is a conflict."""
        return await self._words(call, me, Operation.COACH, text)

    async def say(self, call: str, me: Principal, text: str) -> Done:
        """What the caller hears next, in the persona's voice."""
        return await self._words(call, me, Operation.SAY, text)

    async def _words(self, call: str, me: Principal, op: Operation, text: str) -> Done:
        row = await live_call(self._records, call)
        done = await self._tell(row, me, op, text=text)
        await self._audit.write(me.name, op, call=row.id)
        await self._journal.append(
            ev.Supervised(
                call=row.id, source=Source.GATEWAY, who=me.name, mode=op, note=text, ok=done.ok
            )
        )
        if not done.ok:
            raise Problem("conflict", f"{done.detail[:1].upper()}{done.detail[1:]}.")
        return done

    async def coach_aloud(self, call: str, me: Principal, sound: bytes) -> Understood:
        row = await live_call(self._records, call)
        text = await self._voice_coaching.understand(sound, row.language)
        done = await self.coach(row.id, me, text)
        return Understood(ok=done.ok, text=text, detail=done.detail)

    async def transfer(self, call: str, me: Principal, to: str) -> Done:
        row = await self.mine(call, me)
        destination = Actor.parse(to)
        if destination.kind == ActorKind.AGENT:
            await self._desk.send_on(row, me, destination.name)
            done = Done(detail=f"Rings at {destination.name}'s desk.")
        else:
            holder = await self._desk.holder(row.id)
            done = await self._tell(row, me, Operation.TRANSFER, to=to)
            if done.ok and holder is not None:
                await self._desk.release(row.id, holder)
        await self._audit.write(me.name, "transfer", call=row.id, detail={"to": to})
        return done

    async def hold(self, call: str, me: Principal, *, on: bool) -> Done:
        row = await self.mine(call, me)
        if on:
            await self._desk.hold(row.id, on=True)  # what is said on hold is not for the caller
        done = await self._tell(row, me, Operation.HOLD if on else Operation.UNHOLD)
        if not on or not done.ok:
            await self._desk.hold(row.id, on=False)
        await self._audit.write(me.name, "hold", call=row.id, detail={"on": on})
        await self._journal.append(ev.Held(call=row.id, source=Source.GATEWAY, who=me.name, on=on))
        return done

    async def hang_up(self, call: str, me: Principal, reason: str) -> Done:
        """By the job, which reports; where none answers the room is closed, which ends it too."""
        row = await self.mine(call, me)
        await self._audit.write(me.name, "hangup", call=row.id, detail={"reason": reason})
        try:
            return await self._tell(row, me, Operation.HANGUP, text=reason)
        except Problem:
            await self._journal.append(hung_up_by_person(row.id, Source.GATEWAY))
            await self._rooms.delete(row.id)
        return Done(detail="The room was closed.")

    async def help(self, call: str, me: Principal, *, on: bool, note: str) -> Done:
        row = await self.mine(call, me)
        await self._audit.write(me.name, "help", call=row.id, detail={"on": on})
        await self._journal.append(
            ev.HelpWanted(call=row.id, source=Source.GATEWAY, who=me.name, on=on, note=note)
        )
        return Done()

    async def note(self, call: str, me: Principal, note: str, disposition: str | None) -> Done:
        """Also after the call: that is when most notes are written."""
        row = await known_call(self._records, call)
        theirs = row.agent == me.name or await self._desk.holds(row.id, me.name)
        if not theirs and not me.may("calls.act"):
            raise Problem("not_allowed", "This call was at somebody else's desk.")
        await self._audit.write(me.name, "note", call=row.id)
        await self._journal.append(
            ev.Noted(
                call=row.id, source=Source.GATEWAY, who=me.name, note=note, disposition=disposition
            )
        )
        return Done()

    async def _tell(
        self, row: Call, me: Principal, op: Operation, *, text: str = "", to: str = ""
    ) -> Done:
        at_desk = await self._desk.holds(row.id, me.name)
        kind = ActorKind.AGENT if at_desk else ActorKind.SUPERVISOR
        command = Command(
            op=op,
            call=row.id,
            who=str(Actor(kind, me.name)),
            text=text,
            to=to,
            nonce=secrets.token_hex(8),
        )
        reply = await self._rooms.command(command)
        return Done(reply.ok, reply.detail)
