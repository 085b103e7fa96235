"""Changing how somebody takes part: command the job, let in what is needed, show out what is not.

The order is what keeps this safe: the persona falls silent before the supervisor gets a voice,
and a voice is taken away at the server before anybody is told that it is gone.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime

import msgspec
import structlog

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.control import Command, Operation
from dialplans.contracts.words import Source
from gateway.access.admission import Admission
from gateway.access.livekit import Rooms
from gateway.access.tokens import Connection, Ticket, side_room
from gateway.acd.claims import Claims
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.pubsub import Publisher
from gateway.records.call import Call
from gateway.records.lookup import known_call, live_call
from gateway.records.store import Records
from gateway.storage.audit import Audit
from gateway.supervise.modes import NEEDS, PERMISSION, Mode, Sentence, hears, sentence
from gateway.supervise.participation_store import Participation, ParticipationStore

log = structlog.get_logger(__name__)

_SWAP_S = 4.0
"""How long a replaced listening connection may overlap with the new one, so that no word is
missed. Connections that can be heard never overlap."""


class ModeView(msgspec.Struct, frozen=True, kw_only=True):
    """Where I stand in a call: open `open`, then close `close`; the rest stays as it is."""

    call: str
    mode: Mode
    who: str
    since: datetime
    hears: list[str]
    sentence: Sentence
    open: list[Connection] = []
    close: list[str] = []


def view(
    call: str,
    participation: Participation,
    row: Call | None,
    *,
    opened: list[Connection],
    close: list[str],
) -> ModeView:
    return ModeView(
        call=call,
        mode=participation.mode,
        who=participation.who,
        since=participation.since,
        hears=hears(participation.mode, row),
        sentence=sentence(participation.mode, row),
        open=opened,
        close=close,
    )


class Supervision:
    def __init__(
        self,
        participations: ParticipationStore,
        claims: Claims,
        *,
        admission: Admission,
        rooms: Rooms,
        records: Records,
        trail: tuple[Audit, ev.Journal, Publisher],
    ) -> None:
        self._claims = claims
        self.participations = participations
        self._admission = admission
        self._rooms = rooms
        self._records = records
        self._audit, self._journal, self._publisher = trail
        self._told: dict[str, tuple[str, str | None, str | None]] = {}

    async def look(self, call: str, who: str) -> ModeView:
        row = await self._records.call(call)
        return view(call, await self.participations.get(call, who), row, opened=[], close=[])

    async def change(
        self, call: str, me: Principal, mode: Mode, *, have: list[str], ip: str = ""
    ) -> ModeView:
        """Raises a Problem and changes nothing when the job does not obey a takeover."""
        who = me.name
        row = await live_call(self._records, call)
        if mode == "whisper" and not await self._with_person(row):
            raise Problem(
                "conflict",
                "Whisper needs a person on the call; coach the persona or take over instead.",
            )
        async with self.participations.turn(call, who), self._in_hand(call, mode):
            old = await self.participations.get(call, who)
            if mode == "takeover" and old.mode != "takeover":
                await self._take_over(row, who)
            after, opened, close = await self._reconnect(call, old, mode, have=have, me=me)
            if old.mode == "takeover" and mode != "takeover":
                await self._give_back(row, who, "")
            if mode != old.mode:
                after = await self._record(call, old, after, ip=ip)
            await self.participations.put(call, after)
        return view(call, after, row, opened=opened, close=close)

    def _in_hand(self, call: str, mode: Mode) -> AbstractAsyncContextManager[None]:
        return self.participations.voice(call) if mode == "takeover" else nullcontext()

    async def _take_over(self, row: Call, who: str) -> None:
        """The persona falls silent; where a person has the call there is none to silence."""
        if (other := await self._claims.taken_over_by(row.id)) is not None:
            raise Problem("conflict", f"{other} has taken this call over; barge in instead.")
        if not await self._with_person(row):
            await self._command(row.id, who, Operation.TAKEOVER)

    async def _with_person(self, row: Call) -> bool:
        """By the desks' store too: the event of a call just taken may not be in the row yet."""
        return row.agent is not None or await self._claims.at_desk(row.id) is not None

    async def give_back(self, call: str, me: Principal, note: str, *, have: list[str]) -> ModeView:
        """The persona goes on and knows what was said; who gave back keeps listening."""
        who = me.name
        row = await live_call(self._records, call)
        async with self.participations.turn(call, who):
            old = await self.participations.get(call, who)
            if old.mode != "takeover":
                raise Problem("conflict", "You have not taken this call over.")
            after, opened, close = await self._reconnect(call, old, "listen", have=have, me=me)
            await self._give_back(row, who, note)
            after = await self._record(call, old, after, note=note)
            await self.participations.put(call, after)
        return view(call, after, row, opened=opened, close=close)

    async def leave(self, call: str, who: str) -> ModeView:
        """Idle at once; works for a call that is over, too."""
        row = await known_call(self._records, call)
        return await self.silence(row.id, who) or view(
            row.id, await self.participations.get(row.id, who), row, opened=[], close=[]
        )

    async def silence(self, call: str, who: str, *, lost: str | None = None) -> ModeView | None:
        """Back to idle, whatever the reason. With `lost` only if that identity still counts:
        somebody who changed mode leaves with the old identity, which means nothing."""
        async with self.participations.turn(call, who):
            old = await self.participations.get(call, who)
            if old.mode == "idle" or (lost and lost not in old.identities.values()):
                return None
            row = await self._records.call(call)
            after, _, close = await self._reconnect(call, old, "idle", have=[])
            if old.mode == "takeover" and row is not None and row.live:
                await self._give_back(row, who, "")
            after = await self._record(call, old, after)
            await self.participations.put(call, after)
        gone = view(call, after, row, opened=[], close=close)
        await self._publisher.notice("mode", gone, to=who)
        log.info("supervise.silenced", call=call, who=who, was=old.mode, lost=bool(lost))
        return gone

    async def _reconnect(
        self,
        call: str,
        old: Participation,
        mode: Mode,
        *,
        have: list[str],
        me: Principal | None = None,
    ) -> tuple[Participation, list[Connection], list[str]]:
        needed = NEEDS[mode]
        keep: dict[str, str] = {
            p: i for p, i in old.identities.items() if p in needed and i in have
        }
        drop = {p: i for p, i in old.identities.items() if p not in keep}
        for purpose, identity in drop.items():
            room = side_room(call) if purpose == "side" else call
            if purpose == "listen" and mode != "idle":
                await self._admission.soon(room, identity, _SWAP_S)
            else:
                await self._admission.show_out(room, identity)
        opened = [
            await self._admission.admit(
                Ticket(
                    purpose=purpose,
                    call=call,
                    who=old.who,
                    role=jobs.SUPERVISOR,
                    credential=me.token_hash if me else "",
                    needs=PERMISSION[mode],
                )
            )
            for purpose in needed
            if purpose not in keep
        ]
        identities = keep | {c.purpose: c.identity for c in opened}
        since = old.since if mode == old.mode else datetime.now(UTC)
        after = Participation(
            who=old.who, mode=mode, since=since, identities=identities, audit=old.audit
        )
        current = set(identities.values())
        return after, opened, [i for i in {*drop.values(), *have} if i not in current]

    async def _record(
        self, call: str, old: Participation, after: Participation, *, note: str = "", ip: str = ""
    ) -> Participation:
        if old.audit:
            await self._audit.end(old.audit)
        number = 0
        if after.mode != "idle":
            number = await self._audit.write(after.who, after.mode, call=call, ip=ip)
        await self._journal.append(
            ev.Supervised(
                call=call, source=Source.GATEWAY, who=after.who, mode=after.mode, note=note
            )
        )
        return msgspec.structs.replace(after, audit=number)

    async def _command(self, call: str, who: str, op: Operation, text: str = "") -> None:
        boss = str(Actor(ActorKind.SUPERVISOR, who))
        command = Command(op=op, call=call, who=boss, text=text, nonce=secrets.token_hex(8))
        reply = await self._rooms.command(command)
        if not reply.ok and op is Operation.TAKEOVER:
            raise Problem("conflict", reply.detail)

    async def _give_back(self, row: Call, who: str, note: str) -> None:
        """A person at a desk simply goes on; only a persona has to be woken. A job that does not
        answer must not keep a supervisor's voice in the call, so a failure is only recorded."""
        if await self._with_person(row):
            return
        try:
            await self._command(row.id, who, Operation.GIVEBACK, note)
        except Problem as problem:
            log.warning("supervise.giveback_failed", call=row.id, error=problem.code)
            await self._journal.append(
                ev.Problem(call=row.id, source=Source.GATEWAY, what="giveback_failed")
            )

    async def tell(self, row: Call) -> None:
        """Who hears somebody can change without them: a person comes or leaves, the persona
        changes. Whoever takes part is told, so that their sentence stays true."""
        about = (row.state, row.agent, row.persona)
        if self._told.get(row.id) == about:
            return
        if row.live:
            self._told[row.id] = about
        else:
            self._told.pop(row.id, None)
        for participation in await self.participations.of_call(row.id):
            now = view(row.id, participation, row, opened=[], close=[])
            await self._publisher.notice("mode", now, to=participation.who)

    async def sweep(self) -> None:
        """What webhooks did not tell: people who never came in, or left unseen, or calls over."""
        for call in await self.participations.calls():
            participations = await self.participations.of_call(call)
            if not participations:
                await self.participations.empty(call)
                continue
            row = await self._records.call(call)
            here = {p.identity for p in await self._rooms.people(call)}
            for participation in participations:
                if row is None or not row.live or _absent(participation, here):
                    await self.silence(call, participation.who)

    async def sweep_forever(self, every_s: float = 5.0) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.sweep()
            except Exception as error:
                log.warning("supervise.sweep_failed", error=type(error).__name__)


_COMING_S = 30.0


def _absent(participation: Participation, here: set[str]) -> bool:
    main = participation.identities.get("talk") or participation.identities.get("listen")
    age = (datetime.now(UTC) - participation.since).total_seconds()
    return age > _COMING_S and main not in here
