"""Who is in a room beside this leg."""

from __future__ import annotations

from livekit import rtc

AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


def agents(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    return [who for who in tuple(room.remote_participants.values()) if who.kind == AGENT]


def others(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """SIP and ordinary participants: everybody who is no agent."""
    return [who for who in tuple(room.remote_participants.values()) if who.kind != AGENT]


def hears_keys(room: rtc.Room) -> bool:
    """Whether a key that is sent now reaches whom it is meant for. An agent that does not publish
    yet has only just joined and listens to nothing."""
    there = agents(room)
    return any(who.track_publications for who in there) if there else bool(others(room))
