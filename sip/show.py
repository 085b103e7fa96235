"""A plan for a person and for a program. Secrets appear in neither."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sip.match import Difference, comparable
from sip.objects import Existing
from sip.plan import Plan, ProvisioningStep

SIGN = {"create": "+", "update": "~", "release": "~", "delete": "-"}
HIDDEN = "•••"
KIND = {"inbound": "inbound trunk", "outbound": "outbound trunk", "rule": "dispatch rule"}


def as_text(plan: Plan) -> str:
    lines = [line for step in plan.steps for line in step_lines(step)]
    if not plan.steps:
        lines.append(f"Nothing to do: all {plan.existing} objects are as the dialplan wants them.")
    lines += [f"! {warning}" for warning in plan.warnings]
    lines += [f"! {conflict}" for conflict in plan.conflicts]
    if plan.strangers:
        lines.append("Not ours, never touched:")
        lines += [f"    {_stranger(stranger)}" for stranger in plan.strangers]
    if plan.steps:
        lines.append(summary(plan))
    return "\n".join(lines)


def summary(plan: Plan) -> str:
    count = {action: sum(s.action == action for s in plan.steps) for action in SIGN}
    return (
        f"{count['create']} to create, {count['update'] + count['release']} to change, "
        f"{count['delete']} to delete"
    )


def step_lines(step: ProvisioningStep) -> Iterable[str]:
    verb = "free numbers of" if step.action == "release" else step.action
    yield f"{SIGN[step.action]} {verb} {KIND[step.kind]} {step.name}"
    if step.action == "create" and step.wanted is not None:
        for field, value in comparable(step.wanted.message).items():
            if field in ("numbers", "allowed_addresses", "address"):
                yield f"      {field}: {_plain(value)}"
    for difference in step.differences:
        there, wanted = _sides(difference)
        yield f"      {difference.field}: {there} → {wanted}"
    if step.action == "release":
        yield f"      numbers: → {_plain(list(step.keeps))}"


def as_json(plan: Plan) -> dict[str, Any]:
    return {
        "steps": [
            {
                "action": step.action,
                "kind": step.kind,
                "name": step.name,
                "id": step.existing.id if step.existing else None,
                "differences": [_difference_json(d) for d in step.differences],
            }
            for step in plan.steps
        ],
        "existing": plan.existing,
        "sweeping": plan.sweeping,
        "strangers": [{"kind": s.kind, "id": s.id, "name": s.name} for s in plan.strangers],
        "conflicts": list(plan.conflicts),
        "warnings": list(plan.warnings),
    }


def _difference_json(difference: Difference) -> dict[str, Any]:
    if difference.secret:
        return {"field": difference.field, "there": HIDDEN, "wanted": HIDDEN}
    return {"field": difference.field, "there": difference.there, "wanted": difference.wanted}


def _sides(difference: Difference) -> tuple[str, str]:
    if difference.secret:
        return HIDDEN, f"{HIDDEN} (another)"
    return _plain(difference.there), _plain(difference.wanted)


def _plain(value: Any) -> str:
    if value is None:
        return "(unset)"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _stranger(stranger: Existing) -> str:
    return f"{KIND[stranger.kind]} {stranger.name or '(no name)'} ({stranger.id})"
