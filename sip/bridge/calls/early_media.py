"""What is heard of a telephone before it answers: ringing tones and announcements (RFC 3960)."""

from __future__ import annotations

import asyncio

import structlog
from aiosipua.message import SipResponse

from dialplans.contracts.jobs import EARLY_SOUND, OFF, ON
from sip.bridge.calls.remote_sound import Allowed, MediaNames, has_names
from sip.bridge.media.address import MediaAddressError, Ours
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import SdpError, Session, parse
from sip.bridge.signalling.reading.values import read_address
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
        self._negotiation = negotiation
        self._media = media
        self._ours = ours
        self._names = names
        self._described: dict[str, Session] = {}
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
        if session is None:
            return
        self._described[_tag(response)] = session
        if self._media.attributes.get(EARLY_SOUND) == OFF:
            return
        self._stop_resolving()
        if has_names(session):
            self._resolving = asyncio.create_task(self._resolve(session, peer))
        else:
            self._follow(session, peer)

    def answer(self, response: SipResponse) -> Session:
        """The description of who has answered: the 200 need not repeat what its telephone said
        already (RFC 3261 §13.2.1). Raises SdpError."""
        text = description_in(response)
        return parse(text) if text is not None else self._described.get(_tag(response), NOTHING)

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


def _tag(response: SipResponse) -> str:
    return read_address(response.get_header("to") or "").tag or ""
