"""A LiveKit room that exists on paper: who is in it, and what happens there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from livekit import rtc

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


@dataclass
class Somebody:
    """As `rtc.RemoteParticipant`, as far as a job looks at one."""

    identity: str
    name: str = ""
    kind: Any = STANDARD
    attributes: dict[str, str] = field(default_factory=dict)
    track_publications: dict[str, Any] = field(default_factory=dict)
    disconnect_reason: Any = None


class Local:
    identity = "agent-1"

    def __init__(self) -> None:
        self.methods: dict[str, Any] = {}

    def register_rpc_method(self, name: str, handler: Any) -> None:
        self.methods[name] = handler


class PaperRoom(rtc.EventEmitter[str]):
    def __init__(self, name: str, *people: Somebody) -> None:
        super().__init__()
        self.name = name
        self.remote_participants = {who.identity: who for who in people}
        self.local_participant = Local()

    def comes(self, who: Somebody) -> None:
        self.remote_participants[who.identity] = who
        self.emit("participant_connected", who)

    def speaks(self, who: Somebody) -> None:
        """Publishes a track."""
        self.emit("track_published", None, who)

    def goes(self, who: Somebody, reason: Any = rtc.DisconnectReason.CLIENT_INITIATED) -> None:
        self.remote_participants.pop(who.identity, None)
        who.disconnect_reason = reason
        self.emit("participant_disconnected", who)

    async def asks(self, method: str, payload: str) -> str:
        """Calls the agent by RPC."""
        data = rtc.RpcInvocationData("1", "gateway", payload, 10.0)
        answer: str = await self.local_participant.methods[method](data)
        return answer

    def changes(self, who: Somebody, **attributes: str) -> None:
        changed = {key.replace("__", "."): value for key, value in attributes.items()}
        who.attributes.update(changed)
        self.emit("participant_attributes_changed", changed, who)

    def types(self, who: Somebody, digits: str) -> None:
        for digit in digits:
            self.emit("sip_dtmf_received", rtc.SipDTMF(code=0, digit=digit, participant=who))  # type: ignore[arg-type]
