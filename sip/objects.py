"""LiveKit's SIP objects as values: what we want there, what is there, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

Kind = Literal["inbound", "outbound", "rule"]
Message = SIPInboundTrunkInfo | SIPOutboundTrunkInfo | SIPDispatchRuleInfo

AGENT_NAME = "switchboard"
"""The name that our workers register under and that every dispatch rule asks for."""

OWNER = "switchboard"


@dataclass(frozen=True)
class Wanted:
    """An object as the dialplan asks for it. A rule names its inbound trunk by `trunk`, the name
    of another wanted object, because ids exist only once the server has given them."""

    kind: Kind
    name: str
    message: Message
    trunk: str | None = None


@dataclass(frozen=True)
class Existing:
    """An object on the server. The name is all that says whose it is."""

    kind: Kind
    id: str
    name: str
    message: Message


def prefix_of(plan_name: str) -> str:
    """Objects whose name begins like this are ours, and no others are ever touched."""
    return f"{OWNER}/{plan_name}/"


def object_name(plan_name: str, kind: Kind, trunk: str) -> str:
    return f"{prefix_of(plan_name)}{kind}/{trunk}"
