"""The section of a description that the call's sound goes by."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sip.bridge.media.address import Address, MediaAddressError, read_host, usable_address
from sip.bridge.sdp.crypto import Crypto
from sip.bridge.sdp.encryption import PLAIN_PROFILES, SECURE_PROFILES, Encryption, crypto_of
from sip.bridge.sdp.formats import KEYS, NOISE, Format, formats_of
from sip.bridge.sdp.session import SdpError, Section, Session

SPOKEN = PLAIN_PROFILES | SECURE_PROFILES
"""Profiles (RFC 3551, RFC 4585, RFC 3711, RFC 5124). Feedback is promised to nobody, so it is the
same with it and without."""

PACKET_MS = 20
SHORTEST_MS, LONGEST_MS, STEP_MS = 10, 60, 10

_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_INTERNET = (("IN", "IP4"), ("IN", "IP6"))
_MIRROR = {"sendonly": "recvonly", "recvonly": "sendonly"}

Allowed = Callable[[Address], object]
"""Raises MediaAddressError for an address that sound is never sent to."""


@dataclass(frozen=True)
class Sound:
    """What the other side says about its sound. `place` is that of the section among all;
    `address` is None where it wants none, `formats` are those that both sides speak."""

    place: int
    section: Section
    address: Address | None
    formats: tuple[Format, ...]
    keys: Format | None
    noise: Format | None
    crypto: Crypto | None = None
    """Their key; None where the sound is not encrypted."""

    @property
    def direction(self) -> str:
        return self.section.direction

    @property
    def may_be_silent(self) -> bool:
        """Whether the other side has said that it need not send: hold, or it only listens."""
        return self.holds or self.direction == "recvonly"

    @property
    def holds(self) -> bool:
        """Whether the other side will not hear us (RFC 3264 §8.4, the old form included)."""
        return self.direction in ("sendonly", "inactive") or self.address is None

    @property
    def mirrored(self) -> str:
        """The direction to answer with."""
        if self.address is None:
            return "inactive"
        return _MIRROR.get(self.direction, self.direction)

    @property
    def rtcp_mux(self) -> bool:
        """Whether it takes reports at the port of the sound (RFC 5761 §5.1.1)."""
        return any(name == "rtcp-mux" for name, _ in self.section.attributes)

    @property
    def rtcp(self) -> tuple[str, int] | None:
        """Where it wants reports, if it says so, in the words of RFC 3605: `53020`, or `53020 IN
        IP4 192.0.2.1`. The host is empty where it is that of the sound."""
        words = (self.section.values("rtcp") or [""])[0].split()
        if len(words) not in (1, 4) or not _PORT.fullmatch(words[0]):
            return None
        if len(words) == 4 and (words[1].upper(), words[2].upper()) not in _INTERNET:
            return None
        return (words[3] if len(words) == 4 else ""), int(words[0])

    @property
    def packet_ms(self) -> int:
        """How long a packet it wants, by `ptime` and `maxptime`, in steps that can be sent."""
        wanted = _milliseconds(self.section, "ptime") or PACKET_MS
        most = _milliseconds(self.section, "maxptime") or LONGEST_MS
        return max(SHORTEST_MS, min(wanted, most, LONGEST_MS) // STEP_MS * STEP_MS)


def choose(
    session: Session,
    allowed: Allowed,
    codecs: Collection[int],
    encryption: Encryption = Encryption.OFF,
) -> Sound:
    """The first section that can be used, wherever it stands; one that is encrypted comes first
    where the trunk allows both.

    Raises SdpError or MediaAddressError, with the reason of the first that cannot.
    """
    problem: SdpError | MediaAddressError | None = None
    usable: list[Sound] = []
    for place, section in enumerate(session.sections):
        if section.kind != "audio" or section.port == 0:
            continue
        try:
            usable.append(sound_in(session, place, allowed, codecs, encryption))
        except (SdpError, MediaAddressError) as error:
            problem = problem or error
    if not usable:
        raise problem or SdpError("no audio")
    return next((sound for sound in usable if sound.crypto is not None), usable[0])


def sound_in(
    session: Session,
    place: int,
    allowed: Allowed,
    codecs: Collection[int],
    encryption: Encryption = Encryption.OFF,
) -> Sound:
    """The sound of one section; raises like `choose`."""
    section = session.sections[place]
    if section.kind != "audio" or section.port == 0:
        raise SdpError("no audio")
    if section.protocol.upper() not in SPOKEN:
        raise SdpError(f"{section.protocol} is not spoken here")
    crypto = crypto_of(section, encryption)
    known = formats_of(section)
    spoken = tuple(found for found in known if found.codec in codecs)
    if not spoken:
        raise SdpError("no codec in common")
    keys = next((found for found in known if found.name == KEYS), None)
    noise = next((found for found in known if found.name == NOISE), None)
    address = _address(section)
    if address is not None:
        allowed(address)
    return Sound(place, section, address, spoken, keys, noise, crypto)


def _address(section: Section) -> Address | None:
    """None is the old way to hold: an address of zeros (RFC 3264 §8.4)."""
    host = section.connection.host if section.connection is not None else ""
    read = read_host(host)
    if read is not None and read.is_unspecified:
        return None
    address = usable_address(host, section.port)
    if address is None:
        raise SdpError(f"{host or 'no host'}:{section.port} is no address to send to")
    return address


def _milliseconds(section: Section, name: str) -> int:
    """0 where nothing sensible is said; `20.0` and `20 ms` are met with."""
    for value in section.values(name):
        digits = value[: len(value) - len(value.lstrip("0123456789"))]
        if digits and len(digits) <= 4:
            return int(digits)
    return 0
