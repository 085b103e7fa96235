"""LiveKit's trunks and rules in memory, with the refusals that the real server makes."""

from __future__ import annotations

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from sip.client import ProvisioningError
from sip.objects import Existing, Kind, Message

ANY_NUMBER = ""
"""No number on a trunk means all of them, and only one trunk may do that."""


class FakeObjects:
    """Implements `sip.client.SipObjects`.

    Refuses what livekit-server 1.13.5 refuses (protocol/sip/sip.go ValidateTrunks, SIPDispatchRule
    conflicts), and what it ought to: a rule without trunks. `calls` counts the changes.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Existing] = {}
        self.calls = 0
        self._next = 0

    async def fetch(self) -> list[Existing]:
        return list(self.objects.values())

    async def create(self, message: Message) -> str:
        kind = kind_of(message)
        self._next += 1
        object_id = f"{'SDR' if kind == 'rule' else 'ST'}_{self._next:04d}"
        self._put(kind, object_id, message)
        return object_id

    async def replace(self, object_id: str, message: Message) -> None:
        if object_id not in self.objects:
            raise ProvisioningError(f"object {object_id} cannot be found")
        self._put(self.objects[object_id].kind, object_id, message)

    async def delete(self, kind: Kind, object_id: str) -> None:
        self.calls += 1
        if self.objects.get(object_id) is None or self.objects[object_id].kind != kind:
            raise ProvisioningError(f"object {object_id} cannot be found")
        del self.objects[object_id]

    def _put(self, kind: Kind, object_id: str, message: Message) -> None:
        self.calls += 1
        others = [e for e in self.objects.values() if e.id != object_id and e.kind == kind]
        if isinstance(message, SIPInboundTrunkInfo):
            taken = {n for e in others for n in e.message.numbers or [ANY_NUMBER]}
            if taken & set(message.numbers or [ANY_NUMBER]):
                raise ProvisioningError("Conflicting inbound SIP Trunks")
        if isinstance(message, SIPDispatchRuleInfo):
            taken = {t for e in others for t in e.message.trunk_ids}  # type: ignore[union-attr]
            if not message.trunk_ids or taken & set(message.trunk_ids):
                raise ProvisioningError("Conflicting SIP Dispatch Rules")
        stored = type(message)()
        stored.CopyFrom(message)  # type: ignore[arg-type]
        if isinstance(stored, SIPDispatchRuleInfo):
            stored.sip_dispatch_rule_id = object_id
        else:
            stored.sip_trunk_id = object_id
        self.objects[object_id] = Existing(kind, object_id, message.name, stored)


def kind_of(message: Message) -> Kind:
    if isinstance(message, SIPOutboundTrunkInfo):
        return "outbound"
    return "inbound" if isinstance(message, SIPInboundTrunkInfo) else "rule"
