"""Dialplans for the tests of provisioning, as text."""

from __future__ import annotations

from collections.abc import Mapping

from dialplans.language.load import load_text
from dialplans.model import Dialplan

NUMBERS = tuple(f"+4420794601{n:02d}" for n in range(12))


def plan_text(
    homes: Mapping[str, str], *, outbound: tuple[str, ...] = (), extra: str = "", rule: str = ""
) -> str:
    """`homes` says which trunk brings a number; a trunk in `outbound` can also dial."""
    trunks = sorted({*homes.values(), *outbound})
    lines = ["version: 1", "timezone: Europe/London", "trunks:"]
    for trunk in trunks:
        dials = ', outbound: "192.0.2.9:5060"' if trunk in outbound else ""
        lines.append(f'  {trunk}: {{allow: ["192.0.2.0/28"]{dials}}}')
    lines.append("numbers:")
    lines += [f'  "{n}": {{trunk: {t}, route: front}}' for n, t in sorted(homes.items())]
    lines += ["routes:", f"  front: [{rule}{{do: {{reject: 603}}}}]", extra]
    return "\n".join(lines) + "\n"


def loaded(text: str) -> Dialplan:
    found = load_text(text, "plan.yaml", {})
    assert found.plan is not None, found.report()
    return found.plan
