"""The token a leg joins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from livekit import api
from livekit.protocol.room import RoomConfiguration

from dialplans.contracts.jobs import LEG
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.runtime.settings import ApiKey

TOKEN_TTL = timedelta(hours=6)


@dataclass(frozen=True)
class ParticipantSpec:
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


def token(api_key: ApiKey, spec: ParticipantSpec, *, again: bool = False) -> str:
    """A join token of kind SIP, with the grants that livekit-sip gives itself.

    `again` leaves the room's agents out: whoever rejoins finds a room that was set up before, and
    bringing the agent back is the steward's work, not the server's.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=spec.room,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    made = (
        api.AccessToken(api_key.key, api_key.secret)
        .with_identity(spec.identity)
        .with_name(spec.name)
        .with_metadata(spec.metadata)
        .with_kind("sip")
        .with_attributes({**spec.attributes, LEG: SOURCE})
        .with_grants(grants)
        .with_ttl(TOKEN_TTL)
    )
    if spec.preset:
        made = made.with_room_preset(spec.preset)
    if spec.config is not None:
        config = RoomConfiguration()
        config.CopyFrom(spec.config)
        if again:
            del config.agents[:]
        made = made.with_room_config(config)
    return made.to_jwt()
