"""While an agent asks for a secret, the phone's sound goes to agents alone.

Somebody who listens in unseen is told of by nobody, so it is not they who are left out: it is the
agents who are let in, by LiveKit's own permissions for a participant's tracks, which its server
keeps. The word comes from the agent, who alone knows what it asks for: an attribute of its
participant, so that whoever joins anew sees it, and that of no other participant counts.
"""

from __future__ import annotations

import asyncio

import structlog
from livekit import rtc
from livekit.rtc import ParticipantTrackPermission

from dialplans.contracts.jobs import SEALED
from sip.bridge.room import participants

log = structlog.get_logger()

WITHOUT_AGENT_SECONDS = 10.0
"""An agent that died in a sealed step is replaced sooner; if not, whoever helps the caller then
has to hear them."""

UNSAID_SECONDS = 3.0
"""An agent that is there anew, after a death or because its server came back, says a moment later
whether it asks for a secret. Until then it has not said that it does not."""


class Sealed:
    """One for each connection to a room. `on` outlives a connection that is made anew."""

    def __init__(self, room: rtc.Room, *, on: bool = False) -> None:
        self._room = room
        self.on = on
        self._let_in: list[str] | None = None
        self._lifting: asyncio.TimerHandle | None = None
        self._for_agent = False

    def begin(self) -> None:
        """Before the first track is published."""
        self._room.on("participant_connected", self._look)
        self._room.on("participant_disconnected", self._look)
        self._room.on("participant_attributes_changed", self._changed)
        self._look()

    def end(self) -> None:
        if self._lifting is not None:
            self._lifting.cancel()
            self._lifting = None

    def _changed(self, changed: dict[str, str], of: rtc.Participant) -> None:
        self._look(said=SEALED in changed and of.kind == participants.AGENT)

    def _look(self, _: rtc.Participant | None = None, *, said: bool = False) -> None:
        agents = participants.agents(self._room)
        asked = any(agent.attributes.get(SEALED) for agent in agents)
        if asked or said or not self.on:
            self.end()
            self.on = asked
        elif self._lifting is None or self._for_agent is not bool(agents):
            self.end()
            self._for_agent = bool(agents)
            seconds = UNSAID_SECONDS if agents else WITHOUT_AGENT_SECONDS
            self._lifting = asyncio.get_running_loop().call_later(seconds, self._lift)
        self._apply([agent.identity for agent in agents])

    def _lift(self) -> None:
        log.info("seal.lifted", reason="not said" if self._for_agent else "no agent")
        self.on = False
        self._lifting = None
        self._apply([])

    def _apply(self, agents: list[str]) -> None:
        """Also again, whenever an agent comes or goes: permissions name whom they let in."""
        let_in = agents if self.on else None
        if let_in == self._let_in:
            return
        self._let_in = let_in
        self._room.local_participant.set_track_subscription_permissions(
            allow_all_participants=let_in is None,
            participant_permissions=[
                ParticipantTrackPermission(participant_identity=name, allow_all=True)
                for name in let_in or ()
            ],
        )
