"""The answer to "why did this call go there", for people and for programs."""

from __future__ import annotations

import pytest

from dialplans.analysis.explain import Explanation, explain
from dialplans.analysis.walk import instant
from dialplans.engine.admit import Load
from dialplans.engine.call_inputs import UnknownHappeningError
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import COMPANY, DE, MONDAY, SOMEBODY, US, ready


def why(to: str = DE, frm: str = SOMEBODY, at: str = MONDAY, *events: str) -> Explanation:
    company = ready(COMPANY)
    return explain(company, CallContext(to, frm), instant(company.plan, at), events=events)


def test_the_json_has_the_promised_shape() -> None:
    found = why(DE, SOMEBODY, MONDAY, "persona_failed", "key 1").as_json()

    assert found["decision"] == {"kind": "persona", "name": "reception"}
    assert found["path"] == ["persona reception", "menu main", "persona billing"]
    assert found["steps"][0] == {
        "rule": "front rule 1",
        "matched": False,
        "because": "caller +491701234567 is not in list blocked",
    }
    assert found["steps"][-1]["because"] == "key 1 was pressed"
    assert found["local_time"] == "2026-11-23T10:00:00+01:00"
    assert found["refused"] is None
    assert len(found["revision"]) == 16


def test_the_text_can_be_read_aloud() -> None:
    text = why(US, SOMEBODY, "2026-11-23 23:00", "wants_human").text()

    assert text.splitlines()[0] == (
        "+491701234567 calls +14155550100 on Monday 2026-11-23 14:00 in America/Los_Angeles."
    )
    assert "+14155550100 is ours, through trunk carrier, in en; it asks route front." in text
    assert "✓ front rule 5: it matches every call" in text
    assert "✓ persona reception to_human: the caller wants a person" in text
    assert "The call goes to persona reception, then menu main." in text


def test_a_trunk_is_called_what_people_call_it() -> None:
    """Its `label`, beside the name that the plan has for it."""
    labelled = ready(COMPANY.replace("transport: tls, srtp", 'label: "Our carrier", srtp'))
    found = explain(labelled, CallContext(DE, SOMEBODY), instant(labelled.plan, MONDAY))

    assert "is ours, through trunk carrier (Our carrier), in de" in found.text()


def test_a_number_that_is_not_ours_is_explained_with_the_nearest() -> None:
    found = why("+498920001001")

    assert found.as_json()["refused"] == {"code": 404, "reason": "no_such_number"}
    assert found.as_json()["decision"] == {"kind": "reject", "name": "404"}
    assert "The call would be refused, 404, because +498920001001 is not a number" in found.text()
    assert "the nearest is +498920001000" in found.text()


def test_a_blocked_caller_is_refused_with_the_code_of_the_rule() -> None:
    found = why(DE, "anonymous")

    assert found.as_json()["refused"] == {"code": 603, "reason": "blocked"}
    assert "would be refused, 603, because caller anonymous is in list blocked" in found.text()


@pytest.mark.parametrize(
    ("load", "address", "expected"),
    [
        (Load(total=60), None, (503, "limit_concurrent")),
        (Load(on_number=20), None, (486, "limit_number")),
        (Load(by_caller=3), None, (486, "limit_caller")),
        (Load(), "198.51.100.7", (403, "address_not_allowed")),
    ],
)
def test_refusals_before_any_rule_are_explained(
    load: Load, address: str | None, expected: tuple[int, str]
) -> None:
    company = ready(COMPANY)
    call = CallContext(DE, SOMEBODY, source_ip=address)

    found = explain(company, call, instant(company.plan, MONDAY), load=load)

    refused = found.as_json()["refused"]
    assert expected == (refused["code"], refused["reason"])
    assert f"The call would be refused, {expected[0]}, because" in found.text()


def test_what_cannot_happen_is_raised_for_the_terminal() -> None:
    with pytest.raises(UnknownHappeningError):
        why(DE, SOMEBODY, MONDAY, "presses 1")
