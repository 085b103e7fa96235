"""What signalling and its media workers say to each other, as MessagePack in datagrams of a Unix
socket. Every message names the call, by LiveKit's id of it (`SCL_…`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from livekit.protocol.room import RoomConfiguration

from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.packet import Sender
from sip.bridge.media.stream import Remote
from sip.bridge.room.join_token import ParticipantSpec


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    call: str


# Signalling → worker


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """How the phone takes part, once it does."""

    joins_others: bool = False
    to_phone: bool = True
    from_phone: bool = True
    hears_room: bool = True
    early: bool = False
    """It has not answered yet."""


class Joined(Message, frozen=True, kw_only=True):
    sid: str
    identity: str
    has_others: bool


class Open(Message, frozen=True, kw_only=True):
    """Take the call, with the socket of its sound, and join its room."""

    spec: ParticipantSpec
    url: str = ""
    token: str = ""
    """Made by livekit-server for this join; else the worker makes its own."""
    sender: Sender
    rate: int = SAMPLE_RATE
    """Samples a second between the phone and the room."""
    remote: Remote | None = None
    agreed: bool = False
    """Whether both sides have confirmed `remote`, so that the phone may be sent to."""
    headers: Mapping[str, str] = {}
    entered: Entered | None = None
    state: bytes = b""
    """What Keep has said last."""
    joined: Joined | None = None
    """Who the phone is in its room. Another worker had the call, then, and has died, so its
    participant may still stand there."""
    heard: Mapping[int, int] = {}
    reports: int = 0
    """See `Figures`; of `reports` no fewer."""


class Aim(Message, frozen=True, kw_only=True):
    """Follow an offer or answer."""

    remote: Remote
    agreed: bool


class Agreed(Message, frozen=True, kw_only=True):
    """The ACK has come."""


class Enter(Message, frozen=True, kw_only=True):
    """The phone is there: from now on it hears the room, and is heard; or it takes part otherwise
    than before."""

    how: Entered


class Press(Message, frozen=True, kw_only=True):
    """Send keys to the phone."""

    keys: str


class Key(Message, frozen=True, kw_only=True):
    """The phone has pressed a key, and said so by signalling."""

    digit: str


class SetAttributes(Message, frozen=True, kw_only=True):
    attributes: Mapping[str, str]


class SetHeaders(Message, frozen=True, kw_only=True):
    """What whoever asks the participant for the phone's headers is told."""

    headers: Mapping[str, str]


class Keep(Message, frozen=True, kw_only=True):
    """What signalling has to know of the call to go on with it after its own death. It lies with
    the call's sound, so it is there as long as there is a call, and nobody else has the keys in it.
    """

    state: bytes


class Close(Message, frozen=True, kw_only=True):
    """Leave the room; `reason` is LiveKit's DisconnectReason. Answered with Closed."""

    reason: int


# Worker → signalling


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The call's sound so far. `heard_at` is a time of the system's steady clock."""

    sender: Sender
    codec: str = ""
    received: int = 0
    lost: int = 0
    late: int = 0
    sent: int = 0
    jitter_ms: float = 0.0
    strangers: int = 0
    stranger: str = ""
    unreadable: int = 0
    heard: Mapping[int, int] = {}
    """Of each source of encrypted sound, by its SSRC, the highest sequence number with its
    overflows: nobody could tell it from a packet."""
    reports: int = 0
    """How many reports on encrypted sound went out under our key: each has a number, and none is
    used twice."""
    heard_at: float | None = None
    quality: Mapping[str, float] = {}
    """How well both sides hear each other; names as in `events.Ended.figures`."""

    def after(self, before: Figures) -> Figures:
        """With what an earlier worker of the same call has counted."""
        return msgspec.structs.replace(
            self,
            received=self.received + before.received,
            lost=self.lost + before.lost,
            late=self.late + before.late,
            sent=self.sent + before.sent,
            strangers=self.strangers + before.strangers,
            stranger=self.stranger or before.stranger,
            unreadable=self.unreadable + before.unreadable,
            heard={**before.heard, **self.heard},
            heard_at=self.heard_at or before.heard_at,
            quality={**before.quality, **self.quality},
        )


class Held(Message, frozen=True, kw_only=True):
    """A call that this worker has from an earlier signalling process, with the socket of its sound:
    told to the next one before anything else. `opened` is what another worker would have to be
    told now."""

    opened: Open
    joined: Joined | None
    state: bytes
    figures: Figures
    sound: bool
    agent: bool


class NotJoined(Message, frozen=True, kw_only=True):
    why: str


class Sound(Message, frozen=True, kw_only=True):
    """Somebody's sound is there to be heard: the moment to answer."""


class Company(Message, frozen=True, kw_only=True):
    """An agent is in the room, or none is any more."""

    agent: bool


class Gone(Message, frozen=True, kw_only=True):
    """The room does not want the phone any more (`removed`: somebody has hung up on it), or could
    not be reached for too long."""

    removed: bool


class FirstPacket(Message, frozen=True, kw_only=True):
    """The phone was heard."""


class Pressed(Message, frozen=True, kw_only=True):
    """Every key that was to be sent to the phone has been."""


class EndCall(Message, frozen=True, kw_only=True):
    """Somebody in the room hangs up, with headers for the BYE."""

    headers: Mapping[str, str]


class AttributesChanged(Message, frozen=True, kw_only=True):
    """All of the participant's attributes, after somebody has changed some."""

    attributes: Mapping[str, str]


class Rejoined(Message, frozen=True, kw_only=True):
    """The room was lost for so many seconds, and is there again."""

    after: float


class Reported(Message, frozen=True, kw_only=True):
    """A report on the sound was sent to the phone, or came from it: as JSON, for who collects
    them."""

    report: bytes
    host: str
    port: int
    sent: bool


class Progress(Message, frozen=True, kw_only=True):
    figures: Figures


class Closed(Message, frozen=True, kw_only=True):
    figures: Figures


class Load(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """How the worker is: seconds its clock was late at worst since the last time, bytes, share of a
    core."""

    pid: int
    late: float
    resident: int
    cpu: float


Down = Open | Aim | Agreed | Enter | Press | Key | SetAttributes | SetHeaders | Keep | Close
Up = (
    Held
    | Joined
    | NotJoined
    | Sound
    | Company
    | Gone
    | FirstPacket
    | Pressed
    | EndCall
    | AttributesChanged
    | Rejoined
    | Reported
    | Progress
    | Closed
    | Load
)


def _to_bytes(value: Any) -> Any:
    if isinstance(value, RoomConfiguration):
        return value.SerializeToString()
    raise NotImplementedError(type(value))


def _from_bytes(kind: type, value: Any) -> Any:
    if kind is RoomConfiguration:
        return RoomConfiguration.FromString(value)
    raise NotImplementedError(kind)


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_bytes)
_down: msgspec.msgpack.Decoder[Down] = msgspec.msgpack.Decoder(Down, dec_hook=_from_bytes)
_up: msgspec.msgpack.Decoder[Up] = msgspec.msgpack.Decoder(Up, dec_hook=_from_bytes)


def encode(message: Down | Up) -> bytes:
    return _encoder.encode(message)


def decode_down(raw: bytes) -> Down:
    return _down.decode(raw)


def decode_up(raw: bytes) -> Up:
    return _up.decode(raw)
