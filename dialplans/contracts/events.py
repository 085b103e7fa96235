"""The events of a call: one typed schema from the leg, the worker and the gateway to the record.

Events travel in the Redis Stream `STREAM`, one JSON document in the field `event`. Whoever reads
folds them; nobody relies on their order across sources, only on `at` and on `id` being unique.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from redis.asyncio import Redis

from dialplans.contracts.actor import ActorKind
from dialplans.contracts.causes import EndedBy
from dialplans.contracts.sip_message import SipMessage
from dialplans.contracts.words import Direction

STREAM = "switchboard:events"
STREAM_LENGTH = 200_000
"""Redis trims the stream to about this many events; the gateway's table keeps them for good."""


class CallEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every event says: which call, when (aware UTC), and which process noticed."""

    call: str
    source: str
    at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    id: str = msgspec.field(default_factory=lambda: uuid4().hex)

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class Started(CallEvent, frozen=True, kw_only=True, tag="started"):
    """A leg asks to come in, or we dial one. `direction` is in, out or web. `forwarded_from`,
    `forwarded_because` and `dialled`: how it came to the number `called`, as in `CallContext`."""

    called: str
    caller: str
    direction: str = Direction.IN
    forwarded_from: list[str] = []
    forwarded_because: list[str] = []
    dialled: list[str] = []
    trunk: str | None = None
    source_ip: str | None = None
    sip_call_id: str | None = None
    leg: str | None = None


class Answered(CallEvent, frozen=True, kw_only=True, tag="answered"):
    """200 OK was sent (or received, for a leg we dialled)."""

    setup_ms: float | None = None
    leg: str | None = None


class Routed(CallEvent, frozen=True, kw_only=True, tag="routed"):
    """The engine decided. `steps` is its trace: rule, matched, because."""

    decision_kind: str
    decision_name: str | None = None
    steps: list[dict[str, Any]] = []
    revision: str = ""
    local_time: str = ""


class Persona(CallEvent, frozen=True, kw_only=True, tag="persona"):
    """A persona has the call from now on. `coachable`: it has a language model, which follows a
    coach's words; the intent flow does not."""

    name: str
    language: str = "en"
    coachable: bool = False


class Said(CallEvent, frozen=True, kw_only=True, tag="said"):
    """Something was said to the caller. `role` is persona, agent (a person) or supervisor.
    `behalf` is who had a persona say this sentence, as `supervisor ann`; else it is its own."""

    speaker: str
    text: str
    role: str = ActorKind.PERSONA
    interrupted: bool = False
    behalf: str = ""


class Heard(CallEvent, frozen=True, kw_only=True, tag="heard"):
    """The caller spoke. Interim texts replace each other until one is final. `asked`: we had just
    asked for digits that are no secret, so numbers in it are not masked."""

    text: str
    final: bool = True
    language: str | None = None
    asked: bool = False


class Tool(CallEvent, frozen=True, kw_only=True, tag="tool"):
    """A persona used a tool; `arguments` and `result` may be personal and are masked by role.
    `asked` as in Heard, of what the caller said for it."""

    name: str
    arguments: dict[str, Any] = {}
    result: str = ""
    ok: bool = True
    ms: float | None = None
    asked: bool = False


class Dtmf(CallEvent, frozen=True, kw_only=True, tag="dtmf"):
    """A key was pressed; in a sealed step the digit is `•`."""

    digit: str
    direction: str = "in"


class HandedOver(CallEvent, frozen=True, kw_only=True, tag="handed_over"):
    """From a persona to another, to a person or back. `to` reads `persona billing`, `agent ann`."""

    frm: str
    to: str
    reason: str = ""
    summary: str = ""


class PersonWanted(CallEvent, frozen=True, kw_only=True, tag="person_wanted"):
    """The caller or the dialplan asks for a person: the console offers the call."""

    queue: str | None = None
    skills: list[str] = []
    reason: str = ""
    summary: str = ""
    language: str = "en"
    priority: int = 0


class Turn(CallEvent, frozen=True, kw_only=True, tag="turn"):
    """How long the caller waited for a reply: last word to first sound, milliseconds."""

    gap_ms: float
    stt_ms: float | None = None
    llm_ms: float | None = None
    tts_ms: float | None = None


class Supervised(CallEvent, frozen=True, kw_only=True, tag="supervised"):
    """Somebody changed how they take part: idle, listen, whisper, barge, takeover, giveback; or
    told the persona what to do (coach) or what to say aloud (say), with the words as the `note`.
    Not `ok`: nothing came of it, for the caller heard and noticed nothing of it."""

    who: str
    mode: str
    note: str = ""
    ok: bool = True


class Problem(CallEvent, frozen=True, kw_only=True, tag="problem"):
    """Something failed and the call went on: model_error, job_lost, speech_lost, rejoined, …"""

    what: str
    detail: str = ""


class Resumed(CallEvent, frozen=True, kw_only=True, tag="resumed"):
    """A new job took the call over from a dead one."""

    epoch: int
    after_ms: float | None = None


class Noted(CallEvent, frozen=True, kw_only=True, tag="noted"):
    """A person wrote a note or gave the call a disposition."""

    who: str
    note: str = ""
    disposition: str | None = None


class Held(CallEvent, frozen=True, kw_only=True, tag="held"):
    """A person put the caller on hold, or took them off it."""

    who: str
    on: bool = True


class HelpWanted(CallEvent, frozen=True, kw_only=True, tag="help_wanted"):
    """The person who has the call asks a supervisor for help, or needs none any more."""

    who: str
    on: bool = True
    note: str = ""


class Offered(CallEvent, frozen=True, kw_only=True, tag="offered"):
    """A call rang at a desk. `answer`: ringing, accepted, declined, timeout, withdrawn."""

    to: str
    answer: str = "ringing"


class Refused(CallEvent, frozen=True, kw_only=True, tag="refused"):
    """The call never came in. `code` is the SIP status sent, `reason` a stable word, one of
    `causes.RefusalReason`."""

    code: int
    reason: str
    detail: str = ""
    called: str = ""
    caller: str = ""
    forwarded_from: list[str] = []
    dialled: list[str] = []
    source_ip: str | None = None
    trunk: str | None = None


class Signalled(CallEvent, frozen=True, kw_only=True, tag="signalled"):
    """What was said in SIP since the last one of these: a message whose `n` is known already takes
    the place of the earlier. `dialogue` is the Call-ID, `local` our own host:port, `left_out` how
    many messages of it, and of how many bytes, were too many to keep."""

    dialogue: str
    messages: list[SipMessage] = []
    local: str = ""
    left_out: int = 0
    left_out_bytes: int = 0
    leg: str | None = None


class VoiceMessage(CallEvent, frozen=True, kw_only=True, tag="voice_message"):
    """The caller left a message. `file` is relative to the state folder; `text` what was
    recognised of it."""

    mailbox: str
    file: str
    seconds: float
    text: str = ""


class Recorded(CallEvent, frozen=True, kw_only=True, tag="recorded"):
    """The sound of a call was kept, the caller left and we right. `file` is relative to the state
    folder; it is deleted after the day `until`, an ISO date, if there is one."""

    file: str
    seconds: float
    until: str | None = None


class Ended(CallEvent, frozen=True, kw_only=True, tag="ended"):
    """The call is over. `cause`: caller_hung_up, persona_hung_up, person_hung_up, cancelled,
    transferred, media_timeout, max_duration, room_closed, no_answer, busy, declined, unreachable,
    wrong_number, failed, drained. `detail` says in a sentence why, where nobody hung up.
    `figures` holds durations in seconds, counts, and how the line sounded: `loss_pct`, `jitter_ms`
    and `mos` of what came from the phone, the same with `_sent` of what it heard (if it said so),
    `round_trip_ms` and `longest_hole_ms`; `codec` is that of its sound. `q850` is the network's
    own cause (RFC 3326).

    `leg`, here and in Started and Answered, is None for the leg that makes the call; a further leg,
    dialled into a room that has a caller, carries its participant's identity and ends alone."""

    cause: str
    by: str = EndedBy.SYSTEM
    code: int | None = None
    detail: str = ""
    q850: int | None = None
    figures: dict[str, float] = {}
    codec: str = ""
    leg: str | None = None


def once(call: str, what: str) -> str:
    """An event's id: the same whenever, and by whomever, the same thing is noticed again."""
    return hashlib.sha256(f"{what} {call}".encode()).hexdigest()[:32]


Event = (
    Started
    | Answered
    | Routed
    | Persona
    | Said
    | Heard
    | Tool
    | Dtmf
    | HandedOver
    | PersonWanted
    | Turn
    | Supervised
    | Problem
    | Resumed
    | Noted
    | Held
    | HelpWanted
    | Offered
    | Refused
    | Signalled
    | VoiceMessage
    | Recorded
    | Ended
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    return _encoder.encode(event)


def decode(raw: bytes | str) -> Event:
    """Raises msgspec.ValidationError on a document that is not an event of this schema."""
    return _decoder.decode(raw)


class Journal:
    """Appends events to the stream; `dialplans.contracts.outbox` retries where Redis is away."""

    FIELD: ClassVar[str] = "event"

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def append(self, event: Event) -> None:
        await self._redis.xadd(
            STREAM, {self.FIELD: encode(event)}, maxlen=STREAM_LENGTH, approximate=True
        )
