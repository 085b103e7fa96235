"""Is the object on the server the one we want? Compared field by field, as LiveKit means them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict

from sip.objects import Existing, Message, Wanted

SERVERS_OWN = {"sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at"}
"""The server fills these in."""
UNORDERED = {"numbers", "allowed_addresses", "allowed_numbers", "inbound_numbers", "trunk_ids"}
SECRET = {"auth_password"}


@dataclass(frozen=True)
class Difference:
    """`there` is what the server has, `wanted` what the dialplan says; None where it is unset."""

    field: str
    there: Any
    wanted: Any

    @property
    def secret(self) -> bool:
        return self.field in SECRET


def differences(wanted: Wanted, existing: Existing, trunk_id: str | None) -> list[Difference]:
    """Empty when nothing need be done. `trunk_id` is the id of the trunk that a rule names; None
    says that this trunk has yet to be made, so the rule differs for sure."""
    should = comparable(wanted.message)
    if wanted.trunk is not None:
        should["trunk_ids"] = [trunk_id or f"(new) {wanted.trunk}"]
    there = comparable(existing.message)
    return [
        Difference(field, there.get(field), should.get(field))
        for field in sorted(should.keys() | there.keys())
        if there.get(field) != should.get(field)
    ]


def comparable(message: Message) -> dict[str, Any]:
    """Fields at their default are left out: the server does not keep the two apart."""
    found: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    for field in SERVERS_OWN:
        found.pop(field, None)
    for field in UNORDERED & found.keys():
        found[field] = sorted(found[field])
    # A message that is there but says nothing is what the server makes of one that is not there.
    return {field: value for field, value in found.items() if value not in ({}, [])}
