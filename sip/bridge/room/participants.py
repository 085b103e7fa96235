"""Who is in a room beside this leg."""

from __future__ import annotations

from livekit import rtc

AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
PHONE = rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def agents(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    return [who for who in tuple(room.remote_participants.values()) if who.kind == AGENT]


def others(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """SIP and ordinary participants: everybody who is no agent."""
    return [who for who in tuple(room.remote_participants.values()) if who.kind != AGENT]


def hear_keys(room: rtc.Room, *, agents_only: bool = False) -> list[str]:
    """Whom a key is sent to, by name, since whoever listens in unseen would get one that is sent to
    all: the agents and the other telephones, and where there are neither, whoever is to be seen.
    Nobody: the key has to wait. An agent that does not publish yet has only just joined and listens
    to nothing. `agents_only`: an agent has or had the call, so nobody else's client asks for keys.
    """
    there = agents(room)
    phones = [who.identity for who in others(room) if who.kind == PHONE]
    if there:
        ready = any(who.track_publications for who in there)
        return [*(who.identity for who in there), *phones] if ready else []
    if phones or agents_only:
        return phones
    return [who.identity for who in others(room)]


def hears_keys(room: rtc.Room, *, agents_only: bool = False) -> bool:
    """Whether a key that is sent now reaches whom it is meant for."""
    return bool(hear_keys(room, agents_only=agents_only))
