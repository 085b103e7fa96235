"""A call that is up: the phone's dialog and sound on one side, the room on the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from livekit.protocol import sip as lk
from livekit.protocol.models import DisconnectReason

from dialplans.contracts import why
from dialplans.contracts.dial_outcome import first_q850
from dialplans.contracts.events import Ended, Problem
from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.kept import KeptCall, Origin, encode
from sip.bridge.calls.outcome import (
    CALLEE_HUNG_UP,
    HUNG_UP,
    MAX_DURATION,
    MEDIA_TIMEOUT,
    PERSONA_HUNG_UP,
    ROOM_CLOSED,
    UNREACHABLE,
    Ending,
)
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.services import CallServices
from sip.bridge.calls.terms import Terms
from sip.bridge.media.address import Address
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs import info
from sip.bridge.signalling.dialogs.ends import Answers, Handlers
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_timer import SessionTimer
from sip.bridge.trace.ladder import Hop
from sip.bridge.workers.media import Media

log = structlog.get_logger()

WATCH_SECONDS = 0.5


@dataclass(eq=False)
class Call:
    services: CallServices
    id: str
    """LiveKit's id of the call, `SCL_…`."""
    media: Media
    direction: str
    updates: CallStateUpdates
    further_leg: str | None = None
    """For events: the participant's identity if this leg joined somebody else's call."""
    headers: Mapping[str, str] = field(default_factory=dict)
    attributes_to_headers: Mapping[str, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    answered: float | None = None
    login: Login | None = None
    """What whoever calls had to prove, and so has who takes the caller's place."""
    dialog: Dialog | None = None
    renegotiation: Renegotiation | None = None
    rejoins: int = 0
    being_transferred: bool = False
    """By us or by its phone: one at a time."""
    on_refer: Answers = lambda transaction: transaction.respond(603)
    """Who answers a phone that wants its call transferred."""
    origin: Origin = field(default_factory=Origin)
    terms: Terms | None = None
    """Known once it is answered."""
    ending: asyncio.Future[Ending] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def __post_init__(self) -> None:
        self.media.on_rejoined = self._rejoined

    @property
    def room(self) -> str:
        return self.media.spec.room

    @property
    def may_be_silent(self) -> bool:
        return self.renegotiation is not None and self.renegotiation.may_be_silent

    def end(self, ending: Ending) -> None:
        """The first reason counts."""
        if not self.ending.done():
            self.ending.set_result(ending)

    def mapped_headers(self) -> list[tuple[str, str]]:
        return to_headers(self.media.attributes, self.attributes_to_headers, self.headers)

    def take(self, dialog: Dialog, renegotiation: Renegotiation) -> None:
        """Listen to the phone's dialog from now on."""
        self.dialog = dialog
        self.renegotiation = renegotiation
        self.media.on_end_call = self._end_from_room
        dialog.on_change = self.keep
        dialog.handlers.bye = lambda: self.end(HUNG_UP)
        dialog.handlers.unreachable = lambda: self.end(UNREACHABLE)
        dialog.handlers.offer = renegotiation.answer
        dialog.handlers.ack = renegotiation.acknowledged
        dialog.handlers.info = self.keys_by_info
        dialog.handlers.refer = self.on_refer
        self.media.on_reported = self._reported

    def keep(self) -> None:
        """Have the media worker know what the next signalling process would need."""
        dialog, renegotiation = self.dialog, self.renegotiation
        if dialog is None or renegotiation is None or self.answered is None or self.terms is None:
            return
        kept = KeptCall(
            direction=self.direction,
            further_leg=self.further_leg,
            headers=self.headers,
            attributes_to_headers=self.attributes_to_headers,
            started=self.started,
            answered=self.answered,
            origin=self.origin,
            terms=self.terms,
            rejoins=self.rejoins,
            info=self.updates.info.SerializeToString(),
            dialog=dialog.state,
            negotiation=renegotiation.negotiation.state,
            renegotiation=renegotiation.state,
            session=renegotiation.session.state,
        )
        self.media.keep(encode(kept))

    def replace(self, dialog: Dialog, renegotiation: Renegotiation) -> None:
        """Another telephone has taken the place of ours, which is told so; all else stays."""
        old, renegotiated = self.dialog, self.renegotiation
        trace = self.services.trace
        trace.claim(dialog.ends.call_id, self.room, self.further_leg)
        if old is not None:
            trace.over(old.ends.call_id)
        self.take(dialog, renegotiation)
        self.media.set_attributes(
            {"sip.callIDFull": dialog.ends.call_id, "sip.callTag": dialog.ends.remote_tag}
        )
        if renegotiated is not None:
            renegotiated.close()
        if old is not None:
            old.handlers = Handlers()
            self.services.tasks.spawn(old.bye())

    async def last(self, terms: Terms, timer: SessionTimer | None) -> Ending:
        """Until something ends it. `timer` is what the first 2xx has agreed on."""
        self.terms = terms
        if self.renegotiation is not None and timer is not None:
            self.renegotiation.session.timer = timer
        self.keep()
        gone = asyncio.ensure_future(self.media.gone.wait())
        watching = asyncio.ensure_future(self._watch(terms))
        try:
            any_of: set[asyncio.Future[Any]] = {self.ending, gone, watching}
            await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
            if not self.ending.done():
                self.end(self._why_gone() if gone.done() else watching.result())
            return self.ending.result()
        finally:
            gone.cancel()
            watching.cancel()

    def _why_gone(self) -> Ending:
        """An agent hangs up by removing the phone; a room that is closed under it is not that."""
        return PERSONA_HUNG_UP if self.media.hung_up_on else ROOM_CLOSED

    async def hang_up(self, ending: Ending) -> None:
        """End both sides, whichever is still there, and write the record."""
        if self.dialog is not None and not self.dialog.closed:
            self.services.tasks.spawn(self.dialog.bye(self.mapped_headers()))
        if ending is not ROOM_CLOSED:
            self.media.set_status("hangup")
        await self.close()
        figures = self._figures()
        q850 = first_q850(self.dialog.reasons) if self.dialog is not None else None
        if self.answered is not None:
            self.services.metrics.calls.labels(self.direction).dec()
            self.services.metrics.observe_quality(figures)
        self.services.metrics.ended.labels(ending.cause).inc()
        self.services.outbox.add(
            Ended(
                call=self.room,
                source=SOURCE,
                cause=ending.cause,
                by=ending.by,
                code=ending.code,
                q850=q850,
                leg=self.further_leg,
                figures=figures,
                codec=self.media.figures.codec if self.answered is not None else "",
            )
        )
        because = why.ended(ending.cause, ending.code, figures, q850=q850)
        log.info("call.ended", call=self.room, id=self.id, cause=ending.cause, why=because)

    async def close(self, reason: int = DisconnectReason.CLIENT_INITIATED) -> None:
        """Give back what the call holds: place, port, room."""
        self.services.calls.pop(self.id, None)
        self.services.garbage.call_ended()
        await self.services.methods.deregister("TransferSIPParticipant", self.id)
        if self.renegotiation is not None:
            self.renegotiation.close()
        if self.dialog is not None:
            self.services.trace.over(self.dialog.ends.call_id)
        await self.media.close(reason)
        found = self.media.figures
        self.services.metrics.packets.inc(found.received)
        self.services.metrics.lost_packets.inc(found.lost)
        if found.strangers:
            self.services.metrics.strangers.inc(found.strangers)
            facts = {"packets": found.strangers, "source": found.stranger}
            log.warning("call.strangers", call=self.room, id=self.id, **facts)
        if found.unreadable:
            self.services.metrics.unreadable.inc(found.unreadable)
            log.warning("call.not_decrypted", call=self.room, id=self.id, packets=found.unreadable)

    def _figures(self) -> dict[str, float]:
        now = time.monotonic()
        found = self.media.figures
        return {
            "ringing_s": round((self.answered or now) - self.started, 3),
            "talk_s": round(now - self.answered, 3) if self.answered is not None else 0.0,
            "rtp_received": float(found.received),
            "rtp_sent": float(found.sent),
            "rtp_lost": float(found.lost),
            "rtp_late": float(found.late),
            "rtp_strangers": float(found.strangers),
            "rtp_unreadable": float(found.unreadable),
            "jitter_ms": round(found.jitter_ms, 2),
            **found.quality,
            "rejoins": float(self.rejoins),
        }

    def _rejoined(self, after: float) -> None:
        self.rejoins += 1
        self.services.metrics.rejoins.inc()
        detail = f"the room was lost for {after:.1f} s"
        self.services.outbox.add(
            Problem(call=self.room, source=SOURCE, what="rejoined", detail=detail)
        )

    def _end_from_room(self, headers: Mapping[str, str]) -> None:
        self.headers = {**self.headers, **headers}
        self.end(PERSONA_HUNG_UP)

    def _reported(self, report: bytes, peer: Address, sent: bool) -> None:
        """A copy for Homer, under the same name as the call's messages."""
        hep, dialog = self.services.hep, self.dialog
        if hep is None or dialog is None:
            return
        local = f"{self.services.settings.host}:{self.media.port + 1}"
        hop, now = Hop(sent, "UDP", *peer), datetime.now(UTC)
        hep.report(report, local, hop, now, dialog.ends.call_id)

    def keys_by_info(self, transaction: ServerTransaction) -> None:
        info.answer(transaction, self.media.key)

    async def _watch(self, terms: Terms) -> Ending:
        """What ends a call that nobody ends. A phone on hold, or that only listens, is silent."""
        begun = self.answered or time.monotonic()
        quiet_since = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.keep()
            now = time.monotonic()
            heard_at = self.media.figures.heard_at
            if self.may_be_silent:
                quiet_since = now
            patience = terms.media_timeout_initial if heard_at is None else terms.media_timeout
            if now - max(quiet_since, heard_at or 0.0) > patience:
                return MEDIA_TIMEOUT
            if now - begun > terms.max_duration:
                return MAX_DURATION
            if self.renegotiation is not None and not await self.renegotiation.session.keep_alive():
                return UNREACHABLE


async def talk(call: Call, terms: Terms, timer: SessionTimer | None) -> None:
    """A call that is up, to its end and its record, whichever process it began in. `timer` is what
    the first 2xx has agreed on."""
    ending = await call.last(terms, timer)
    if call.direction == "out" and ending is HUNG_UP:
        ending = CALLEE_HUNG_UP
    await call.hang_up(ending)
    call.updates.send(lk.SIPCallStatus.SCS_DISCONNECTED)
