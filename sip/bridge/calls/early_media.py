"""What is heard of a telephone before it answers: ringing tones and announcements (RFC 3960)."""

from __future__ import annotations

import asyncio

import structlog
from aiosipua.message import SipResponse

from dialplans.contracts.jobs import EARLY_SOUND, OFF, ON
from sip.bridge.calls.remote_sound import Allowed, MediaNames, has_names, refusal
from sip.bridge.dialling.early_dialogs import tag_of
from sip.bridge.media.address import MediaAddressError, Ours
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.negotiation import Agreement, Negotiation
from sip.bridge.sdp.session import CONTENT_TYPE, SdpError, Session, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.glare import later
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW
from sip.bridge.workers.media import Media

log = structlog.get_logger()

LOOK_SECONDS = 0.1
SILENT_LOOKS = 3
"""After so many without a packet of theirs, silence is sent until one comes: a media server may
wait for ours to find us behind a NAT. Nothing of the room is sent before the answer."""

NOTHING = Session(())


class EarlyMedia:
    """Of several telephones that ring, the last that described its sound is heard (§3.2)."""

    def __init__(
        self,
        negotiation: Negotiation,
        media: Media,
        *,
        ours: Ours,
        names: MediaNames,
    ) -> None:
        self._peer = ""
        self._negotiation = negotiation
        self._media = media
        self._ours = ours
        self._names = names
        self._described: dict[str, Session] = {}
        self._updated: dict[str, tuple[Negotiation, Agreement]] = {}
        """Of telephones that have described their sound anew since they answered our offer."""
        self._heard = ""
        """The tag of the one that is heard."""
        self._answering: asyncio.Task[None] | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._looks = 0
        self._hears = False

    def progress(self, response: SipResponse, peer: str) -> None:
        """A provisional answer, from the host `peer`. What it describes answers our offer."""
        try:
            text = description_in(response)
            session = parse(text) if text is not None else None
        except SdpError as error:
            log.info("call.early_sound_unusable", reason=str(error))
            return
        if session is None or tag_of(response) in self._updated:
            return
        self._heard = tag_of(response)
        self._described[self._heard] = session
        if self._media.attributes.get(EARLY_SOUND) == OFF:
            return
        self._stop_resolving()
        if has_names(session):
            self._resolving = asyncio.create_task(self._resolve(session, peer))
        else:
            self._follow(session, peer)

    def offered(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        """A telephone has answered our offer, and makes one of its own (UPDATE, RFC 3311 §5.2). One
        that cannot be met changes nothing."""
        if self._answering is not None and not self._answering.done():
            transaction.respond(500, headers=later())
            return
        self._answering = asyncio.create_task(self._answer(transaction, dialog))

    def gone(self, tag: str) -> None:
        """It rings no more; who still does is heard instead."""
        self._updated.pop(tag, None)
        if self._described.pop(tag, None) is None or tag != self._heard:
            return
        self._stop_resolving()
        if self._looking is None:
            return
        self._hears = False
        if not self._described:
            self._look()
            return
        self._heard, session = list(self._described.items())[-1]
        updated = self._updated.get(self._heard)
        if updated is None:
            self._follow(session, self._peer)
        else:
            self._aim(updated[1], Allowed(self._ours, self._peer))

    async def agreement(
        self, response: SipResponse, allowed: Allowed
    ) -> tuple[Negotiation, Agreement]:
        """With who has answered: the 200 need not repeat what its telephone said already (RFC 3261
        §13.2.1), and adds nothing to what was agreed on since. Raises SdpError or
        MediaAddressError."""
        if self._answering is not None:
            await self._answering  # what was asked before the 200 is answered before it counts
        updated = self._updated.get(tag_of(response))
        if updated is not None:
            return updated
        answer = await self._names.resolved(self.answer(response))
        return self._negotiation, self._negotiation.take(answer, allowed)

    def answer(self, response: SipResponse) -> Session:
        """Its description, or what its telephone has said before. Raises SdpError."""
        text = description_in(response)
        return parse(text) if text is not None else self._described.get(tag_of(response), NOTHING)

    def close(self) -> None:
        """The call is answered, or over."""
        self._stop_resolving()
        if self._looking is not None:
            self._looking.cancel()

    async def _resolve(self, session: Session, peer: str) -> None:
        self._follow(await self._names.resolved(session), peer)

    def _follow(self, session: Session, peer: str) -> None:
        allowed = Allowed(self._ours, peer)
        try:
            agreed = self._negotiation.take(session, allowed)
        except (SdpError, MediaAddressError) as error:
            log.info("call.early_sound_unusable", reason=str(error))
            return
        self._aim(agreed, allowed)

    async def _answer(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        peer, tag = transaction.flow.peer[0], dialog.ends.remote_tag
        allowed = Allowed(self._ours, peer)
        known = self._updated.get(tag)
        negotiation = Negotiation.resumed((known[0] if known else self._negotiation).state)
        try:
            text = description_in(transaction.request.raw)
            offer = await self._names.resolved(parse(text) if text is not None else NOTHING)
            agreed = negotiation.answer(offer, allowed)
        except (SdpError, MediaAddressError) as error:
            code, headers = refusal(error, self._ours.advertised or self._ours.bound)
            transaction.respond(code, headers=headers)
            return
        self._updated[tag] = negotiation, agreed
        self._described.setdefault(tag, offer)
        if tag == self._heard and self._looking is not None:
            self._aim(agreed, allowed)
        contact = ("Contact", dialog.endpoint.contact(transaction.flow))
        headers = [contact, ("Allow", ALLOW), ("Content-Type", CONTENT_TYPE)]
        transaction.respond(200, headers=headers, body=negotiation.said)

    def _aim(self, agreed: Agreement, allowed: Allowed) -> None:
        self._peer = allowed.peer
        self._media.aim(allowed.remote(agreed))
        self._hears = agreed.sound.direction in ("sendrecv", "sendonly")
        if self._looking is None:
            self._media.set_attributes({EARLY_SOUND: ON})
        self._look()

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        unheard = not self._media.first_packet.is_set()
        self._looks += 1
        self._media.enter_early(
            to_phone=unheard and self._looks > SILENT_LOOKS, from_phone=self._hears
        )
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _stop_resolving(self) -> None:
        if self._resolving is not None:
            self._resolving.cancel()
