"""The one place where LiveKit tokens are made."""

from __future__ import annotations

import re
import secrets
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import jwt
import msgspec
from google.protobuf.json_format import MessageToDict
from livekit import api

from dialplans.contracts import jobs
from dialplans.telephony.call import ROOM_PREFIX
from gateway.settings import Settings

_CAMEL = {
    field.name: re.sub("_(.)", lambda found: found[1].upper(), field.name)
    for field in fields(api.VideoGrants)
}

Purpose = Literal["listen", "talk", "side", "caller"]

SIDE_PREFIX = "side-"


def side_room(call: str) -> str:
    """Where a supervisor whispers to a person: the caller's leg is never in it."""
    return f"{SIDE_PREFIX}{call}"


def call_of(room: str) -> str | None:
    """The call a room belongs to, if it is one of ours."""
    name = room.removeprefix(SIDE_PREFIX)
    return name if name.startswith(ROOM_PREFIX) else None


Identities = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=20)
]
"""What a browser says it is connected as: LiveKit identities that were made here."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser needs to enter one room once; `microphone`: it may publish sound."""

    purpose: str
    room: str
    server_url: str
    token: str
    identity: str
    expires_at: datetime
    microphone: bool


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What a token is wanted for. `role` is one of `jobs`: who this is to the
    job and to the others in the room."""

    purpose: Purpose
    call: str
    who: str
    role: str
    microphone: bool = True
    credential: str = ""
    needs: str = ""
    """What a person comes in with, and the permission it must give them while they stay."""
    called: str | None = None
    """For a caller: the number dialled; the job that answers is started with the room."""


class TokenFactory:
    def __init__(self, settings: Settings) -> None:
        self._key = settings.livekit_api_key
        self._secret = settings.livekit_api_secret.get_secret_value()
        self._url = settings.browser_livekit_url
        self._ttl = timedelta(seconds=settings.token_ttl_s)

    def make(self, ticket: Ticket) -> Connection:
        """A fresh identity each time: a token that was read out of a page opens nothing twice."""
        identity = f"{ticket.role}-{secrets.token_hex(8)}"
        room = side_room(ticket.call) if ticket.purpose == "side" else ticket.call
        now = datetime.now(UTC)
        claims = {
            "name": ticket.who,
            "kind": "standard",
            "video": _spoken(grants(ticket.purpose, room, microphone=ticket.microphone)),
            "attributes": _attributes(ticket),
            "sub": identity,
            "iss": self._key,
            "nbf": int(now.timestamp()),
            "exp": int((now + self._ttl).timestamp()),
        }
        if ticket.called is not None:
            claims["roomConfig"] = _WITH_A_JOB
        return Connection(
            purpose=ticket.purpose,
            room=room,
            server_url=self._url,
            token=jwt.encode(claims, self._secret, algorithm="HS256"),
            identity=identity,
            expires_at=now + self._ttl,
            microphone=_speaks(ticket.purpose, microphone=ticket.microphone),
        )


_WITH_A_JOB = MessageToDict(
    api.RoomConfiguration(
        agents=[api.RoomAgentDispatch(agent_name=jobs.AGENT_NAME)],
        empty_timeout=10,
        departure_timeout=5,
    )
)


def _spoken(grant: api.VideoGrants) -> dict[str, object]:
    """As `api.AccessToken` writes them, which takes three times as long as all the rest of a
    token: it copies whatever it is given to the last leaf."""
    return {_CAMEL[name]: value for name, value in vars(grant).items() if value not in (None, "")}


def _attributes(ticket: Ticket) -> dict[str, str]:
    about = {jobs.ROLE: ticket.role, "switchboard.who": ticket.who}
    return about if ticket.called is None else {**about, jobs.CALLED: ticket.called}


def _speaks(purpose: Purpose, *, microphone: bool) -> bool:
    return microphone and purpose != "listen"


def grants(purpose: Purpose, room: str, *, microphone: bool) -> api.VideoGrants:
    """The least that does the job: a listener is hidden and mute, nobody sends data, and nobody
    may change what their own attributes say about them."""
    speaks = _speaks(purpose, microphone=microphone)
    return api.VideoGrants(
        room_join=True,
        room=room,
        hidden=purpose == "listen",
        can_subscribe=True,
        can_publish=speaks,
        can_publish_sources=["microphone"] if speaks else [],
        can_publish_data=False,
        can_update_own_metadata=False,
    )
