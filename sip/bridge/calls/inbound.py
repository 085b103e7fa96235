"""A phone calls: from its INVITE to the record of the call."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import structlog
from livekit.protocol import sip as lk

from dialplans.contracts import why
from dialplans.contracts.causes import RefusalReason
from dialplans.contracts.events import Answered, Refused, Started
from dialplans.contracts.jobs import ECHOLESS
from dialplans.telephony.call import new_call_id
from sip.bridge.admission.admission import Accepted, Admission
from sip.bridge.admission.refused import ChallengedError, RefusedError
from sip.bridge.calls.attributes import from_headers
from sip.bridge.calls.call import Call, talk
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.kept import Invite, KeptRinging, Origin, encode
from sip.bridge.calls.outgoing.told import CAME
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.remote_sound import RemoteOffer, spoken_on
from sip.bridge.calls.ringing import Ringing
from sip.bridge.calls.services import CallServices
from sip.bridge.calls.terms import seconds, terms_of
from sip.bridge.calls.transfers.transfer import serve_transfer
from sip.bridge.media.ports import NoPortError
from sip.bridge.psrpc.channels import new_id
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import CONTENT_TYPE
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_timer import IntervalTooSmallError, SessionTimer, as_server
from sip.bridge.signalling.status import ALLOW, SUPPORTED, UNDERSTOOD
from sip.bridge.workers.media import Media, NotJoinedError

log = structlog.get_logger()

FIRST_RTP_SECONDS = 1.0


class Inbound:
    """One INVITE that opens a dialog. Whatever happens, the phone gets a final answer."""

    def __init__(self, services: CallServices, transaction: ServerTransaction) -> None:
        self._services = services
        self._transaction = transaction
        self._request = transaction.request
        self._since = time.monotonic()
        self._id = transaction.to_tag = new_id("SCL_")
        self._ringing = Ringing(transaction)
        self._offer = RemoteOffer(transaction, services.ours, services.names)
        self._encryption = Encryption.OFF
        self._timer: SessionTimer | None = None
        self._timer_headers: list[tuple[str, str]] = []
        self._record = ""
        self._updates = CallStateUpdates(services, lk.SIPCallInfo(call_id=self._id))
        self._admission = Admission(services.admission, transaction, self._id)
        self._context = self._admission.context

    async def run(self) -> None:
        try:
            await self._run()
        except ChallengedError:
            pass
        except RefusedError as refused:
            self._refuse(refused)
        except Exception as error:
            log.exception("call.failed", id=self._id)
            self._refuse(RefusedError(500, RefusalReason.FAILED, repr(error)))
        finally:
            self._ringing.close()
            self._admission.close()
            self._services.trace.over(self._request.call_id)

    async def _run(self) -> None:
        self._transaction.respond(100)
        trunk = await self._authenticate()
        self._offer.read(self._admission.encryption)
        self._read_timer()
        await self._offer.look_up_names()
        self._admission.count_attempt()
        self._ringing.start(self._services.endpoint)
        accepted = await self._admission.dispatch(trunk)
        self._encryption = self._admission.encryption_of(accepted)
        self._offer.settle(self._encryption)
        call = await self._enter(accepted)
        try:
            await self._wait(call, accepted)
            self._answer(call, accepted.sip_trunk_id)
        except BaseException:
            call.media.set_status("hangup")
            await call.close()
            raise
        await self._talk(call, accepted)

    async def _authenticate(self) -> str:
        """The trunk, by its id. Nothing else of a stranger's call is looked at before."""
        try:
            self._admission.check()
            trunk = await self._admission.authenticate()
            await self._admission.within_shared_limits()
            return trunk
        except RefusedError as refused:
            raise await self._admission.told(refused) from refused

    def _read_timer(self) -> None:
        request = self._request
        least = self._services.settings.sip_min_session_expires
        try:
            supports = SUPPORTED in request.tokens("supported")
            asked = request.header("session-expires")
            self._timer, self._timer_headers = as_server(asked, supports, least=least)
        except IntervalTooSmallError as error:
            self._transaction.respond(422, headers=[("Min-SE", str(least))])
            raise ChallengedError from error

    async def _enter(self, accepted: Accepted) -> Call:
        """Take a port and a place in the room."""
        self._record = accepted.room_name
        info = self._updates.info
        info.room_name = accepted.room_name
        info.trunk_id = accepted.sip_trunk_id
        info.dispatch_rule_id = accepted.sip_dispatch_rule_id
        info.participant_identity = accepted.participant_identity
        info.call_direction = lk.SIPCallDirection.SCD_INBOUND
        info.sip_call_id = self._request.call_id
        self._updates.send(lk.SIPCallStatus.SCS_CALL_INCOMING)
        self._note_started(accepted.sip_trunk_id)
        try:
            spec = self._spec(accepted)
            media = Media(self._services.pool, self._services.ports, self._id, spec)
        except NoPortError as error:
            raise RefusedError(503, RefusalReason.LIMIT_CONCURRENT, str(error)) from error
        try:
            local = Local(self._services.settings.host, media.port)
            negotiation = Negotiation(
                local, spoken_on(accepted.media, tones=self._admission.tones), self._encryption
            )
            remote = self._offer.agree(negotiation)
        except RefusedError:
            await media.close()
            raise
        media.rate = negotiation.rate
        if remote is not None:
            media.aim(remote, agreed=False)
        media.set_headers(self._context.headers)
        call = Call(self._services, self._id, media, "in", self._updates, started=self._since)
        context, trunk = self._context, accepted.sip_trunk_id
        proved = self._admission.login is not None
        line = f"trunk {self._services.admission.policy.trunk_name(context)}"
        caller = context.asserted or context.caller
        came = {name: text for name in CAME if (text := context.header(name))}
        shown = context.caller
        call.origin = Origin(context.called, caller, trunk, proved, line, shown, came)
        media.keep(encode(self._kept(call.origin)))
        call.headers, call.login = dict(accepted.headers), self._admission.login
        call.attributes_to_headers = dict(accepted.attributes_to_headers)
        self._services.calls[self._id] = call
        try:
            await media.join(url=accepted.ws_url, token=accepted.token)
        except NotJoinedError as error:
            await call.close()
            detail = f"the room cannot be joined: {error}"
            raise RefusedError(503, RefusalReason.SERVER_AWAY, detail) from error
        self._ringing.hand_over(media.key, call.keys_by_info)
        await serve_transfer(call, self._updates)
        return call

    def _kept(self, origin: Origin) -> KeptRinging:
        flow = self._transaction.flow
        invite = Invite(bytes(self._request.raw), flow.name, flow.peer)
        return KeptRinging(invite=invite, tag=self._id, origin=origin)

    def _spec(self, accepted: Accepted) -> ParticipantSpec:
        attributes = dict(accepted.participant_attributes)
        attributes |= from_headers(
            self._context.headers, accepted.headers_to_attributes, accepted.include_headers
        )
        attributes |= {
            "sip.callTag": self._request.frm.tag or "",
            "sip.callIDFull": self._request.call_id,
            "sip.callStatus": "ringing",
        }
        if self._services.settings.sip_echo_canceller:
            attributes[ECHOLESS] = "true"
        self._updates.info.participant_attributes.update(attributes)
        return ParticipantSpec(
            room=accepted.room_name,
            identity=accepted.participant_identity,
            name=accepted.participant_name,
            metadata=accepted.participant_metadata,
            attributes=attributes,
            preset=accepted.room_preset,
            config=accepted.room_config if accepted.HasField("room_config") else None,
        )

    async def _wait(self, call: Call, accepted: Accepted) -> None:
        """Ring until somebody's sound is there."""
        settings = self._services.settings
        patience = seconds(accepted.ringing_timeout) or settings.sip_ringing_timeout
        await self._ringing.until_heard(
            call.media, patience=patience, no_worker_after=settings.sip_no_worker_after
        )

    def _answer(self, call: Call, trunk: str) -> None:
        negotiation = self._offer.negotiation
        body = negotiation.said or negotiation.offer()
        dialog = self._ringing.dialog
        assert dialog is not None
        dialog.find_login = partial(self._services.admission.logins.of, trunk)
        renegotiation = Renegotiation(
            dialog,
            call.media,
            negotiation=negotiation,
            services=self._services,
        )
        renegotiation.session.least = self._services.settings.sip_min_session_expires
        call.take(dialog, renegotiation)
        call.media.enter()
        renegotiation.begin(self._offer.agreed, self._offer.allowed)
        headers = [
            ("Contact", self._services.endpoint.contact(self._transaction.flow)),
            ("Allow", ALLOW),
            ("Supported", UNDERSTOOD),
            ("Content-Type", CONTENT_TYPE),
            *self._timer_headers,
            *call.mapped_headers(),
        ]
        self._ringing.stop()
        self._transaction.respond(200, headers=headers, body=body)
        call.answered = time.monotonic()
        took = call.answered - self._since
        self._services.metrics.setup.observe(took)
        self._services.metrics.calls.labels("in").inc()
        answered = Answered(call=self._record, source=SOURCE, setup_ms=round(took * 1000, 1))
        self._services.outbox.add(answered)

    async def _talk(self, call: Call, accepted: Accepted) -> None:
        self._services.tasks.spawn(self._become_active(call))
        settings = self._services.settings
        terms = terms_of(settings, accepted.max_call_duration, accepted.media)
        await talk(call, terms, self._timer)

    async def _become_active(self, call: Call) -> None:
        """Active is when the phone is heard, or a second after the 200 (as livekit-sip does)."""
        try:
            async with asyncio.timeout(FIRST_RTP_SECONDS):
                await call.media.first_packet.wait()
        except TimeoutError:
            pass
        call.media.set_status("active")
        self._updates.info.audio_codec = call.media.figures.codec
        self._updates.send(lk.SIPCallStatus.SCS_ACTIVE)

    def _note_started(self, trunk: str) -> None:
        self._services.trace.claim(self._request.call_id, self._record)
        self._services.outbox.add(
            Started(
                call=self._record,
                source=SOURCE,
                called=self._context.called,
                caller=self._context.caller,
                forwarded_from=list(self._context.forwarded_from),
                forwarded_because=list(self._context.forwarded_because),
                dialled=list(self._context.dialled),
                trunk=trunk or None,
                source_ip=self._context.source_ip,
                sip_call_id=self._request.call_id,
            )
        )

    def _refuse(self, refused: RefusedError) -> None:
        self._admission.count_attempt()
        self._transaction.respond(refused.code, refused.words, headers=refused.headers)
        self._services.metrics.refused.labels(str(refused.code), refused.reason).inc()
        self._updates.send(lk.SIPCallStatus.SCS_ERROR, error=f"{refused.reason}: {refused.detail}")
        record = self._record or new_call_id(self._context.called)
        self._services.trace.claim(self._request.call_id, record)
        because = why.refused(refused.code, refused.reason, refused.detail)
        facts = {"code": refused.code, "reason": refused.reason, "detail": refused.detail}
        log.info("call.refused", **facts, call=record, pii_why=because)
        self._services.outbox.add(
            Refused(
                call=record,
                source=SOURCE,
                code=refused.code,
                reason=refused.reason,
                detail=refused.detail,
                called=self._context.called,
                caller=self._context.caller,
                forwarded_from=list(self._context.forwarded_from),
                dialled=list(self._context.dialled),
                source_ip=self._context.source_ip,
            )
        )
