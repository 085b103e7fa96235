"""The offers and answers of one call (RFC 3264)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sip.bridge.media.codecs.payload_types import NAMES, PayloadTypes
from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.srtp.suites import Keys
from sip.bridge.sdp.description import Local, Stated, describe, refused
from sip.bridge.sdp.encryption import Encryption, KeysState, OurKeys
from sip.bridge.sdp.formats import ALL, G722, KEYS, NOISE, Format, Spoken
from sip.bridge.sdp.session import SdpError, Session
from sip.bridge.sdp.sound import Allowed, Sound, choose, sound_in

KEY_PAYLOAD_TYPE = 101
_DYNAMIC = range(96, 128)
LARGEST_ID = 2**31
"""Some telephones read no more digits of a session's id."""


@dataclass(frozen=True)
class Agreement:
    """What offer and answer come to: their sound, and the numbers that packets have each way."""

    sound: Sound
    payload_types: PayloadTypes
    keys: Keys | None = None
    """None where the sound is not encrypted."""
    rtcp_mux: bool = False
    """Whether both have said that reports go by the port of the sound."""


@dataclass(frozen=True)
class NegotiationState:
    """All that a Negotiation is, as plain data."""

    local: Local
    codecs: tuple[int, ...]
    ours_first: bool
    origin: tuple[int, int]
    timing: str
    place: int
    sections: tuple[tuple[str, ...], ...]
    stated: Stated
    said: bytes
    encryption: Encryption
    keys: KeysState
    tones: bool = False


class Negotiation:
    """What we have said last, and in which of the sections the sound is. `encryption` is what the
    trunk says."""

    def __init__(
        self, local: Local, spoken: Spoken = ALL, encryption: Encryption = Encryption.OFF
    ) -> None:
        self._local = local
        self._codecs = spoken.codecs
        self._ours_first = spoken.ours_first
        self._tones = spoken.tones
        self.encryption = encryption
        self._our_keys = OurKeys()
        self._id = secrets.randbelow(LARGEST_ID)
        self._version = 0
        self._timing = "0 0"
        self._place = 0
        self._sections: list[list[str]] = []
        self._stated = Stated((), protocol=encryption.protocol)
        self.said = b""
        """Our last description, for a refresh that changes nothing."""

    @property
    def rate(self) -> int:
        """Samples a second, for the whole call: wide as long as G.722 may be spoken."""
        return WIDE_RATE if G722 in self._codecs else SAMPLE_RATE

    def stay_narrow(self) -> None:
        """What has begun at 8 kHz stays so: the room's track has one rate."""
        self._codecs = tuple(codec for codec in self._codecs if codec != G722)

    def anew(self) -> Negotiation:
        """With somebody else, on the same terms."""
        return Negotiation(self._local, self._spoken, self.encryption)

    @property
    def _spoken(self) -> Spoken:
        return Spoken(tuple(self._codecs), self._ours_first, self._tones)

    def move(self, local: Local) -> None:
        """The same telephone is spoken to from another port from now on: the next offer says so."""
        self._local = local

    @classmethod
    def resumed(cls, state: NegotiationState) -> Negotiation:
        """Goes on where another one was."""
        spoken = Spoken(state.codecs, state.ours_first, state.tones)
        made = cls(state.local, spoken, state.encryption)
        made._our_keys.resume(state.keys)
        made._id, made._version = state.origin
        made._timing, made._place, made._stated = state.timing, state.place, state.stated
        made._sections = [list(lines) for lines in state.sections]
        made.said = state.said
        return made

    @property
    def state(self) -> NegotiationState:
        return NegotiationState(
            self._local,
            tuple(self._codecs),
            self._ours_first,
            (self._id, self._version),
            self._timing,
            self._place,
            tuple(map(tuple, self._sections)),
            self._stated,
            self.said,
            self.encryption,
            self._our_keys.state,
            self._tones,
        )

    def offer(self) -> bytes:
        """All that we speak. In mid-call every section keeps its place and every number its codec
        (RFC 3264 §8)."""
        before = self._stated
        formats = [*before.formats, *_missing(before.formats, self._codecs)]
        formats.sort(key=lambda stated: stated.codec is None)
        self._our_keys.offer(self.encryption)
        stated = Stated(
            formats,
            protocol=before.protocol,
            packet_ms=before.packet_ms,
            crypto=self._our_keys.said,
            rtcp_mux=before.rtcp_mux,
        )
        others = self._sections or [[]]
        self._say(stated, [list(lines) for lines in others], self._place)
        return self.said

    def answer(self, offer: Session, allowed: Allowed) -> Agreement:
        """Our answer is `said`. Raises SdpError or MediaAddressError, and nothing has changed."""
        sound = choose(offer, allowed, self._codecs, self.encryption)
        keys = self._our_keys.answer(sound.crypto)
        formats = self._agreed(sound.formats)
        more = (found for found in (sound.noise, sound.keys) if found is not None)
        stated = Stated(
            (*formats, *more),
            sound.mirrored,
            sound.section.protocol,
            sound.packet_ms,
            self._our_keys.said,
            sound.rtcp_mux,
        )
        self._timing = offer.timing
        self._say(stated, [refused(section) for section in offer.sections], sound.place)
        agreed = agreement(sound, formats[0], stated.formats, tones=self._tones)
        return replace(agreed, keys=keys, rtcp_mux=sound.rtcp_mux)

    def take(self, answer: Session, allowed: Allowed) -> Agreement:
        """Their answer to our last offer; any other may come later, by another way of a fork.

        Raises SdpError or MediaAddressError, and nothing has changed.
        """
        if len(answer.sections) != len(self._sections):
            raise SdpError("the answer has another number of m= lines")
        ours = {stated.codec for stated in self._stated.formats}
        codecs = [codec for codec in self._codecs if codec in ours]
        sound = sound_in(answer, self._place, allowed, codecs, self.encryption)
        keys = self._our_keys.take(sound.crypto)
        said = self._stated.formats
        agreed = agreement(sound, sound.formats[0], said, tones=self._tones)
        mux = self._stated.rtcp_mux and sound.rtcp_mux
        return replace(agreed, keys=keys, rtcp_mux=mux)

    def _agreed(self, formats: Sequence[Format]) -> list[Format]:
        if not self._ours_first:
            return list(formats)
        return sorted(formats, key=lambda found: self._codecs.index(found.codec or 0))

    def _say(self, stated: Stated, sections: list[list[str]], place: int) -> None:
        """The version rises only when something changes (RFC 3264 §8)."""
        sections[place] = stated.lines(self._local)
        self._stated, self._sections, self._place = stated, sections, place
        body = self._describe()
        if body != self.said:
            self._version += 1
            self.said = self._describe()

    def _describe(self) -> bytes:
        origin = f"{self._id} {self._version}"
        return describe(self._local, origin, self._timing, self._sections)


def agreement(
    sound: Sound, sends: Format, ours: Iterable[Format], *, tones: bool = False
) -> Agreement:
    """What comes has the numbers of `ours`. Some telephones use those that they are sent: heard
    too, where we mean nothing else by them."""
    theirs = [*sound.formats, *(found for found in (sound.keys, sound.noise) if found is not None)]
    heard = {found.payload_type: found for found in (*theirs, *ours)}
    numbers = PayloadTypes(
        sends.payload_type,
        sends.codec or 0,
        sound.keys.payload_type if sound.keys is not None else None,
        {number: found.codec for number, found in heard.items() if found.codec is not None},
        _numbers(heard.values(), KEYS),
        _numbers(heard.values(), NOISE),
        sound.packet_ms,
        tones,
    )
    return Agreement(sound, numbers)


def _numbers(formats: Collection[Format], name: str) -> frozenset[int]:
    return frozenset(found.payload_type for found in formats if found.name == name)


def _missing(known: Sequence[Format], codecs: Sequence[int]) -> list[Format]:
    """What we speak beyond `known`, under numbers that are free there."""
    taken = {found.payload_type for found in known}
    spoken = {found.name for found in known}
    wanted = [(codec, NAMES[codec]) for codec in codecs] + [(KEY_PAYLOAD_TYPE, KEYS)]
    missing = []
    for number, name in wanted:
        if name in spoken:
            continue
        free = next(n for n in (number, *_DYNAMIC) if n not in taken)
        taken.add(free)
        missing.append(Format(free, name))
    return missing
