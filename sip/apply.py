"""Carries a plan out, step by step."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip.client import ProvisioningError, SipObjects
from sip.objects import Existing, Wanted
from sip.plan import Plan, ProvisioningStep


async def apply(
    plan: Plan, objects: SipObjects, there: Sequence[Existing]
) -> AsyncGenerator[ProvisioningStep, None]:
    """Yields each step once it is done; the first that fails raises ProvisioningError.

    Starting again after a failure is safe: a new plan has only what is left to do.
    """
    trunk_ids = {e.name: e.id for e in there if e.kind == "inbound"}
    for step in plan.steps:
        if step.action == "delete":
            assert step.existing is not None
            await objects.delete(step.existing.kind, step.existing.id)
            if trunk_ids.get(step.name) == step.existing.id:
                del trunk_ids[step.name]
        elif step.action == "release":
            assert step.existing is not None
            await objects.replace(step.existing.id, _with_numbers(step.existing, step.keeps))
        else:
            assert step.wanted is not None
            message = _resolved(step.wanted, trunk_ids)
            if step.action == "create":
                new_id = await objects.create(message)
                if step.wanted.kind == "inbound":
                    trunk_ids[step.name] = new_id
            else:
                assert step.existing is not None
                await objects.replace(step.existing.id, message)
        yield step


def _resolved(wanted: Wanted, trunk_ids: dict[str, str]) -> Any:
    """A rule with the id of its trunk; never one without, which would let anybody in."""
    if not isinstance(wanted.message, SIPDispatchRuleInfo):
        return wanted.message
    trunk_id = trunk_ids.get(wanted.trunk or "")
    if not trunk_id:
        raise ProvisioningError(f"the trunk of {wanted.name} is not on the server")
    message = SIPDispatchRuleInfo()
    message.CopyFrom(wanted.message)
    message.trunk_ids.append(trunk_id)
    return message


def _with_numbers(existing: Existing, numbers: Sequence[str]) -> SIPInboundTrunkInfo:
    assert isinstance(existing.message, SIPInboundTrunkInfo)
    message = SIPInboundTrunkInfo()
    message.CopyFrom(existing.message)
    del message.numbers[:]
    message.numbers.extend(numbers)
    return message
