"""We call a phone: CreateSIPParticipant, from the room to the record."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import Any

import structlog
from aiosipua.message import SipRequest, SipResponse
from livekit.protocol import sip as lk

from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Answered, Started
from dialplans.contracts.words import Direction
from dialplans.telephony.identity import identify
from sip.bridge.admission.encryption import of_livekit
from sip.bridge.calls.attributes import from_headers
from sip.bridge.calls.call import Call, talk
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.early_media import EarlyMedia
from sip.bridge.calls.kept import Invite, KeptDialling, Origin, encode
from sip.bridge.calls.outgoing.destination import bid
from sip.bridge.calls.outgoing.diallers import destinations, diallers
from sip.bridge.calls.outgoing.not_answered import ended_by, left_with, refusal
from sip.bridge.calls.outgoing.of_plan import line_of
from sip.bridge.calls.outgoing.told import headers_for
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.remote_sound import Allowed, spoken_on
from sip.bridge.calls.services import CallServices
from sip.bridge.calls.terms import seconds, terms_of
from sip.bridge.calls.transfers.permitted import TRUNK
from sip.bridge.calls.transfers.transfer import serve_transfer
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.dialling.first_answer import first_answer
from sip.bridge.media.address import MediaAddressError
from sip.bridge.media.ports import NoPortError
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.psrpc.server import Method
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import SdpError
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.session_timer import as_client
from sip.bridge.transport.flow import Flow
from sip.bridge.wire import rpc_sip_pb2 as rpc
from sip.bridge.workers.media import Media, NotJoinedError

log = structlog.get_logger()

SIDE_ROOM = "side-"
"""Rooms where somebody is asked before they meet the caller."""

Wanted = rpc.InternalCreateSIPParticipantRequest
Made = rpc.InternalCreateSIPParticipantResponse


async def serve_outbound(services: CallServices) -> None:
    """Answer CreateSIPParticipant until the process ends, as far as a call is for this leg."""

    async def handle(request: Wanted) -> Made:
        return await Outbound(services, request).start()

    method = Method("CreateSIPParticipant", Wanted, handle, affinity=partial(bid, services))
    await services.methods.register(method)


class Outbound:
    def __init__(self, services: CallServices, wanted: Wanted) -> None:
        self._services = services
        self._wanted = wanted
        self._since = time.monotonic()
        self._dialogues: list[str] = []
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        info = lk.SIPCallInfo(
            call_id=wanted.sip_call_id,
            trunk_id=wanted.sip_trunk_id,
            room_name=wanted.room_name,
            participant_identity=wanted.participant_identity,
            call_direction=lk.SIPCallDirection.SCD_OUTBOUND,
        )
        self._updates = CallStateUpdates(services, info)

    async def start(self) -> Made:
        """Join the room, then dial; returns once joined, or once answered if that was asked for."""
        wanted = self._wanted
        for value, problem in (
            (wanted.call_to, "call-to number must be set"),
            (wanted.address, "trunk address must be set"),
            (wanted.number, "trunk outbound number must be set"),
            (wanted.room_name, "room name must be set"),
        ):
            if not value:
                raise RpcError("invalid_argument", problem)
        try:
            destinations(self._services, wanted, ())
        except RpcError as error:
            # Before anybody is in the room: whoever asked hears it at once, and why.
            log.warning("call.not_possible", trunk=wanted.sip_trunk_id, reason=error.message)
            raise
        call = await self._enter()
        room = call.media.room
        assert room is not None
        made = Made(
            participant_id=room.sid,
            participant_identity=room.identity,
            sip_call_id=wanted.sip_call_id,
        )
        if wanted.room_name.startswith(SIDE_ROOM) or room.has_others:
            call.further_leg = room.identity
        self._updates.send(lk.SIPCallStatus.SCS_PARTICIPANT_JOINED)
        self._services.tasks.spawn(self._run(call))
        if wanted.wait_until_answered:
            await asyncio.shield(self._answered)
        else:
            self._answered.add_done_callback(lambda answered: answered.exception())
        return made

    async def _enter(self) -> Call:
        wanted = self._wanted
        spec = ParticipantSpec(
            room=wanted.room_name,
            identity=wanted.participant_identity,
            name=wanted.participant_name,
            metadata=wanted.participant_metadata,
            attributes={**wanted.participant_attributes, "sip.callStatus": "dialing"},
        )
        try:
            media = Media(self._services.pool, self._services.ports, wanted.sip_call_id, spec)
        except NoPortError as error:
            raise RpcError("resource_exhausted", str(error)) from error
        local = Local(self._services.settings.host, media.port)
        asked = of_livekit(wanted.media_encryption, wanted.media.encryption)
        tones = self._services.admission.policy.tones_from(wanted.address)
        self._negotiation = Negotiation(local, spoken_on(wanted.media, tones=tones), asked)
        media.rate = self._negotiation.rate
        call = Call(self._services, wanted.sip_call_id, media, "out", self._updates)
        call.started = self._since
        plan = self._services.admission.policy.plan
        call.origin = Origin(trunk=wanted.sip_trunk_id, line=line_of(plan, wanted, os.environ))
        call.attributes_to_headers = dict(wanted.attributes_to_headers)
        self._services.calls[call.id] = call
        try:
            await media.join(url=wanted.ws_url, token=wanted.token)
        except NotJoinedError as error:
            await call.close()
            raise RpcError("unavailable", f"the room cannot be joined: {error}") from error
        await serve_transfer(call, self._updates)
        return call

    async def _run(self, call: Call) -> None:
        self._note_started(call)
        try:
            await self._dial_and_talk(call)
        except NotAnsweredError as failure:
            await self._not_answered(call, failure)
        except Exception as error:
            log.exception("call.failed", id=call.id)
            ours = NotAnsweredError(500, repr(error), cause=EndCause.FAILED)
            await self._not_answered(call, ours)
        finally:
            for dialogue in self._dialogues:
                self._services.trace.over(dialogue)

    async def _dial_and_talk(self, call: Call) -> None:
        wanted, settings = self._wanted, self._services.settings
        services, media = self._services, call.media
        negotiation = self._negotiation
        early = EarlyMedia(negotiation, media, ours=services.ours, names=services.names)

        def progress(response: SipResponse, peer: str) -> None:
            media.set_status("ringing")
            early.progress(response, peer)

        ringing = WhileItRings(progress, early.offered, media.key, early.gone)
        invites: list[Invite] = []

        def sent(request: SipRequest, flow: Flow) -> None:
            invites.append(Invite(bytes(request), flow.name, flow.peer))
            media.keep(encode(KeptDialling(further_leg=call.further_leg, invites=invites)))

        groups = await diallers(
            services,
            wanted,
            negotiation.offer(),
            mapped=(*call.mapped_headers(), *self._told(call)),
            ringing=ringing,
            sent=sent,
        )
        self._dialogues = [dialler.call_id for group in groups for dialler in group]
        for dialogue in self._dialogues:
            services.trace.claim(dialogue, call.room, call.further_leg)
        patience = seconds(wanted.ringing_timeout)
        dialling = asyncio.ensure_future(
            first_answer(groups, call.id, patience or settings.sip_ringing_timeout)
        )
        gone = asyncio.ensure_future(call.media.gone.wait())
        try:
            any_of: set[asyncio.Future[Any]] = {dialling, gone, call.ending}
            await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done():
                raise NotAnsweredError.given_up("the call was given up while it rang")
        finally:
            early.close()
            gone.cancel()
            dialling.cancel()
        dialog, response = dialling.result()
        renegotiation = Renegotiation(
            dialog,
            call.media,
            negotiation=negotiation,
            services=self._services,
        )
        call.take(dialog, renegotiation)
        try:
            allowed = Allowed(services.ours, dialog.flow.peer[0])
            renegotiation.negotiation, agreed = await early.agreement(response, allowed)
            call.media.enter(joins_others=call.further_leg is not None)
            call.media.hears_room(not wanted.dtmf)
            renegotiation.begin(agreed, allowed, answered=True)
        except (SdpError, MediaAddressError) as error:
            await dialog.bye()
            why = f"the answer is unusable: {error}"
            raise NotAnsweredError(488, why, cause=EndCause.FAILED) from error
        headers = {name.lower(): values[0] for name, values in response.headers.items() if values}
        # Whoever answers may withhold who that is (RFC 3325 §9.1), like whoever calls.
        extra = identify(wanted.call_to, headers, trusted=False).headers
        call.media.set_headers(extra)
        call.media.set_attributes(
            {
                **from_headers(extra, wanted.headers_to_attributes, wanted.include_headers),
                "sip.callIDFull": dialog.ends.call_id,
                "sip.callTag": dialog.ends.remote_tag,
            }
        )
        if wanted.dtmf:
            await self._press(call, wanted.dtmf)
        self._became_active(call)
        terms = terms_of(settings, wanted.max_call_duration, wanted.media)
        await talk(call, terms, as_client(response.get_header("session-expires")))

    def _told(self, call: Call) -> Headers:
        """What the trunk wants to know of the caller whom this call is for."""
        services, trunk = self._services, call.origin.line.partition(" ")[2]
        plan, host = services.admission.policy.plan, services.endpoint.host
        if not call.origin.line.startswith(TRUNK):
            return ()
        calls, to = services.calls.values(), self._wanted.call_to
        return headers_for(plan, trunk, calls, room=call.room, to=to, host=host)

    async def _press(self, call: Call, keys: str) -> None:
        call.media.set_status("automation")
        pressing = asyncio.ensure_future(call.media.press(keys))
        any_of: set[asyncio.Future[Any]] = {pressing, call.ending}
        await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
        pressing.cancel()

    def _became_active(self, call: Call) -> None:
        call.media.set_status("active")
        call.media.hears_room(True)
        call.answered = time.monotonic()
        self._services.metrics.calls.labels("out").inc()
        setup = round((call.answered - self._since) * 1000, 1)
        answered = Answered(call=call.room, source=SOURCE, setup_ms=setup, leg=call.further_leg)
        self._services.outbox.add(answered)
        self._updates.info.audio_codec = call.media.figures.codec
        self._updates.send(lk.SIPCallStatus.SCS_ACTIVE)
        if not self._answered.done():
            self._answered.set_result(None)

    async def _not_answered(self, call: Call, failure: NotAnsweredError) -> None:
        self._updates.info.call_status_code.code = failure.code  # type: ignore[assignment]
        await call.close(left_with(failure))
        self._updates.send(lk.SIPCallStatus.SCS_ERROR, error=str(failure))
        self._services.metrics.refused.labels(str(failure.code), failure.cause).inc()
        facts = {"code": failure.code, "cause": failure.cause, "reason": failure.detail}
        if failure.q850 is not None:
            facts["q850"] = failure.q850
        log.info("call.not_answered", call=call.room, **facts)
        self._services.outbox.add(ended_by(failure, call.room, call.further_leg))
        if not self._answered.done():
            self._answered.set_exception(refusal(failure))

    def _note_started(self, call: Call) -> None:
        self._services.outbox.add(
            Started(
                call=call.room,
                source=SOURCE,
                called=self._wanted.call_to,
                caller=self._wanted.number,
                direction=Direction.OUT,
                trunk=self._wanted.sip_trunk_id or None,
                leg=call.further_leg,
            )
        )
