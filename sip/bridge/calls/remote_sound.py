"""Where the phone's sound is, by its descriptions: names looked up, addresses judged."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import structlog
from livekit.protocol import sip as lk

from dialplans.contracts.causes import RefusalReason
from sip.bridge.admission.refused import RefusedError
from sip.bridge.media.address import (
    Address,
    MediaAddressError,
    Ours,
    may_be_sent_to,
    plain,
    rtcp_address,
)
from sip.bridge.media.stream import Remote
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.encryption import Encryption, EncryptionError
from sip.bridge.sdp.formats import CODECS, G722, Spoken
from sip.bridge.sdp.negotiation import Agreement, Negotiation
from sip.bridge.sdp.session import Connection, SdpError, Section, Session, parse
from sip.bridge.sdp.sound import choose
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import warning

log = structlog.get_logger()

LOOK_UP_SECONDS = 2.0
LOOK_UPS = 4
"""Of a description, and of all calls at a time. They have threads of their own: what a telephone's
names take is not taken from what else is looked up here."""

LONGEST_NAME = 253


class MediaNames:
    """Looks up the host names of c= lines, beside the loop that the sound of every call is on."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="media-name")

    async def resolved(self, session: Session) -> Session:
        """The description with addresses for names. A name that is not found stays as it is, and
        is no address to send to."""
        every = dict.fromkeys(s.connection for s in session.sections if _is_named(s))
        named = [each for each in every if each is not None][:LOOK_UPS]
        found = await asyncio.gather(*(self._look_up(each) for each in named))
        known = dict(zip(named, found, strict=True))
        sections = [
            replace(section, connection=known.get(section.connection, section.connection))
            if section.connection is not None
            else section
            for section in session.sections
        ]
        return replace(session, sections=tuple(sections))

    async def _look_up(self, named: Connection) -> Connection:
        family = socket.AF_INET6 if named.six else socket.AF_INET
        looking = asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, named.host, None, family, socket.SOCK_DGRAM
        )
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                answers = await looking
        except (OSError, UnicodeError, TimeoutError) as error:
            log.info("call.name_not_found", host=named.host, reason=repr(error))
            return named
        return Connection(str(answers[0][4][0]), named.six)


def has_names(session: Session) -> bool:
    """Whether it has to be looked up where its sound is."""
    return any(map(_is_named, session.sections))


def _is_named(section: Section) -> bool:
    connection = section.connection
    if section.kind != "audio" or section.port == 0 or connection is None:
        return False
    return 0 < len(connection.host) <= LONGEST_NAME and _is_name(connection.host)


def _is_name(host: str) -> bool:
    """`127.1` is an address to the resolver, and is none here."""
    last = host.rstrip(".").rpartition(".")[2]
    return host.isascii() and ":" not in host and not last.isdigit() and not last.startswith("0x")


@dataclass
class Allowed:
    """Judges addresses that `peer` has told of; each once, for all that a message leads to."""

    ours: Ours
    peer: str
    _judged: dict[Address, bool] = field(default_factory=dict)

    def __call__(self, address: Address) -> bool:
        """False behind a NAT. Raises MediaAddressError for one that is never sent to."""
        if address not in self._judged:
            self._judged[address] = may_be_sent_to(address, self.peer, self.ours)
        return self._judged[address]

    def remote(self, agreed: Agreement, *others: str) -> Remote:
        """For a stream; signalling of the call comes from `others` too."""
        address = agreed.sound.address
        behind_nat = address is not None and not self(address)
        hosts = frozenset(map(plain, (self.peer, *others)))
        rtcp = None if behind_nat else self._rtcp(agreed, hosts)
        return Remote(
            address,
            agreed.payload_types,
            hosts,
            behind_nat,
            rtcp,
            agreed.keys,
            rtcp_mux=agreed.rtcp_mux,
        )

    def _rtcp(self, agreed: Agreement, hosts: frozenset[str]) -> Address | None:
        """A host beside that of the sound has to be the signalling's: nobody has reports sent to a
        third."""
        sound, told = agreed.sound.address, agreed.sound.rtcp
        if sound is None or told is None or not told[0]:
            return rtcp_address(sound, told[1] if told is not None else None, self.ours)
        host, port = plain(told[0]), told[1]
        if host not in {sound[0], *hosts}:
            return None
        return rtcp_address((host, sound[1]), port, self.ours)


class RemoteOffer:
    """The offer of an INVITE that opens a call. Every method raises RefusedError."""

    def __init__(self, transaction: ServerTransaction, ours: Ours, names: MediaNames) -> None:
        self.allowed = Allowed(ours, transaction.flow.peer[0])
        self.agreed: Agreement | None = None
        """None as well where the offer is to be ours."""
        self._request = transaction.request
        self._names = names
        self._host = ours.advertised or ours.bound
        self._encryption = Encryption.ALLOWED
        self._session: Session | None = None
        self._negotiation: Negotiation | None = None

    @property
    def negotiation(self) -> Negotiation:
        assert self._negotiation is not None
        return self._negotiation

    def read(self, encryption: Encryption | None) -> None:
        """Refuse at once what nothing can be made of. `encryption` is what the trunk says of it, as
        far as that is known."""
        self._encryption = encryption or Encryption.ALLOWED
        with self._refusing():
            text = description_in(self._request.raw)
            self._session = None if text is None else parse(text)
            if self._session is not None and not has_names(self._session):
                self._choose(self._session)

    async def look_up_names(self) -> None:
        """Only for who may call: where a stranger's names lead is nobody's business here."""
        if self._session is not None and has_names(self._session):
            self._session = await self._names.resolved(self._session)
            with self._refusing():
                self._choose(self._session)

    def settle(self, encryption: Encryption) -> None:
        """What the trunk says of it is known for certain."""
        self._encryption = encryption
        if self._session is not None:
            with self._refusing():
                self._choose(self._session)

    def agree(self, negotiation: Negotiation) -> Remote | None:
        """Where the phone is, and what it speaks; None as long as that is not known."""
        self._negotiation = negotiation
        if self._session is None:
            return None
        with self._refusing():
            self.agreed = negotiation.answer(self._session, self.allowed)
            if G722 not in self.agreed.payload_types.decodes.values():
                negotiation.stay_narrow()
            return self.allowed.remote(self.agreed)

    def _choose(self, session: Session) -> None:
        choose(session, self.allowed, CODECS, self._encryption)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (SdpError, MediaAddressError) as error:
            reason = RefusalReason.MEDIA_ADDRESS
            if isinstance(error, SdpError):
                reason = RefusalReason.MEDIA_UNSUPPORTED
            if isinstance(error, EncryptionError):
                reason = RefusalReason.ENCRYPTION_UNSUPPORTED
            code, headers = refusal(error, self._host)
            raise RefusedError(code, reason, str(error), headers=headers) from error


def spoken_on(media: lk.SIPMediaConfig, *, tones: bool) -> Spoken:
    """What the trunk, or its rule, says of the codecs. `tones`: its keys come as tones, too."""
    names = (codec.name for codec in media.codecs)
    return Spoken.of_trunk(names, only=media.only_listed_codecs, tones=tones)


def refusal(error: SdpError | MediaAddressError, host: str) -> tuple[int, Headers]:
    """What to answer to a description that cannot be met."""
    if isinstance(error, SdpError):
        return error.code, (warning(host, error), *error.headers)
    return SdpError.code, (warning(host, error),)
