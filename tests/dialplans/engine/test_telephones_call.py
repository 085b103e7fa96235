"""Where the company's own telephones may call to, and who may call their short numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialplans.engine.admit import Load, admit
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.received import received
from dialplans.engine.route import route
from dialplans.model import TELEPHONES
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import plan

FRONT = "+498920001000"
PLAN = f"""
version: 1
timezone: Europe/Berlin
trunks:
  carrier: {{allow: ["203.0.113.0/28"], country: DE}}
telephones:
  ann: {{password: "env:A", calls: ["21", {FRONT}]}}
  boss: {{password: "env:A", calls: "*"}}
  hall: {{password: "env:A"}}
targets:
  hall: {{telephone: hall, else: {{voicemail: box}}}}
numbers:
  {FRONT}: {{trunk: carrier, language: de, route: all}}
  21: {{language: en, route: inside}}
  "0022": {{language: en, route: inside}}
routes:
  all: [{{do: {{voicemail: box}}}}]
  inside: [{{do: {{target: hall}}}}]
voicemail: {{box: {{max: 60s}}}}
"""


def made() -> CompiledPlan:
    text = PLAN.replace('calls: "*"', 'calls: ["*"]')
    return CompiledPlan(plan(text))


@pytest.mark.parametrize(
    ("name", "called", "expected"),
    [
        ("ann", "21", None),
        ("ann", FRONT, None),
        ("ann", "0022", (403, "rejected_by_plan")),
        ("ann", "99", (404, "no_such_number")),
        ("boss", "0022", None),
        ("boss", FRONT, None),
        ("boss", "+4930123456", (404, "no_such_number")),
        ("hall", "21", (403, "rejected_by_plan")),
        ("nobody", "21", (403, "rejected_by_plan")),
    ],
)
def test_a_telephone_reaches_what_its_calls_have(
    name: str, called: str, expected: tuple[int, str] | None
) -> None:
    call = CallContext(called, caller=name, trunk=TELEPHONES, source_ip="198.51.100.9")
    refused = admit(made(), call, Load(now=datetime.now(UTC)))

    assert expected == ((refused.code, refused.reason) if refused else None)


@pytest.mark.parametrize("source", ["203.0.113.5", "198.51.100.9"])
def test_nobody_else_reaches_a_short_number(source: str) -> None:
    """A carrier neither, and nobody from a web page."""
    refused = admit(made(), CallContext("21", source_ip=source), Load())
    through = admit(made(), CallContext("21", trunk="carrier", source_ip=source), Load())

    assert refused is not None
    assert through is not None
    assert (refused.code, through.code) == (403, 403)
    assert "the company's telephones" in refused.because


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("sip:21@192.168.1.10", "21"),
        ("sip:0022@192.168.1.10:5060;user=phone", "0022"),
        ("sip:08920001000@192.168.1.10", FRONT),
        ("sip:+498920001000@192.168.1.10", FRONT),
        ("sip:121@192.168.1.10", "121"),
    ],
)
def test_a_number_is_dialled_short_or_as_at_home(dialled: str, number: str) -> None:
    call = CallContext(dialled, caller="<sip:ann@192.168.1.10>;tag=1", trunk=TELEPHONES)
    found = received(made().plan, call)

    assert (found.called, found.caller) == (number, "ann")


def test_a_short_number_has_its_route() -> None:
    call = CallContext("21", caller="ann", trunk=TELEPHONES)
    decision = route(made(), call, datetime.now(UTC))

    assert decision.refused is None
    assert (decision.action.kind, decision.action.name) == ("target", "hall")
