"""The token a leg joins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from livekit import api
from livekit.protocol.room import RoomConfiguration

TOKEN_TTL = timedelta(hours=6)


@dataclass(frozen=True)
class Keys:
    """How to reach livekit-server, and the pair that signs for it."""

    url: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Seat:
    """Who the leg is in the room: enough to take the same place again after a lost connection."""

    room: str
    identity: str
    name: str
    metadata: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    preset: str = ""
    config: RoomConfiguration | None = None

    @property
    def expects_agent(self) -> bool:
        return self.config is not None and len(self.config.agents) > 0


def token(keys: Keys, seat: Seat, *, again: bool = False) -> str:
    """A join token of kind SIP, with the grants that livekit-sip gives itself.

    `again` leaves the room's agents out: whoever rejoins finds a room that was set up before, and
    bringing the agent back is the steward's work, not the server's.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=seat.room,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    made = (
        api.AccessToken(keys.key, keys.secret)
        .with_identity(seat.identity)
        .with_name(seat.name)
        .with_metadata(seat.metadata)
        .with_kind("sip")
        .with_attributes(dict(seat.attributes))
        .with_grants(grants)
        .with_ttl(TOKEN_TTL)
    )
    if seat.preset:
        made = made.with_room_preset(seat.preset)
    if seat.config is not None:
        config = RoomConfiguration()
        config.CopyFrom(seat.config)
        if again:
            del config.agents[:]
        made = made.with_room_config(config)
    return made.to_jwt()
