"""What an edit means, and which calls would have gone elsewhere."""

from __future__ import annotations

import pytest

from dialplans.analysis.diff import BadCallsError, PastCall, diff, read_calls
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import COMPANY, DE, RICH, SOMEBODY, edited, plan

BLOCKED = "when {caller: blocked}, do {reject: "


def lines(text: str, old: str, new: str) -> list[str]:
    return [str(c) for c in diff(plan(text), plan(edited(text, old, new))).changes]


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (COMPANY, '"08:30-18:00", sat', '"08:30-17:00", sat',
         ["hours office mon,tue,wed,thu,fri: 08:30-18:00 → 08:30-17:00"]),
        (COMPANY, 'sat: "10:00-14:00"', 'sun: "10:00-14:00"',
         ["hours office sat: 10:00-14:00 → closed", "hours office sun: closed → 10:00-14:00"]),
        (COMPANY, '"12-25": closed', '"12-26": closed',
         ["holidays 12-25: removed", "holidays 12-26: added"]),
        (COMPANY, '["+4989123456"]', '["+4989123457"]',
         ["lists vip: removed +4989123456", "lists vip: added +4989123457"]),
        (COMPANY, "concurrent: 60", "concurrent: 61", ["limits concurrent: 60 → 61"]),
        (COMPANY, "reject: 603", "reject: 486",
         ["routes front rule 1: " + BLOCKED + "603} → " + BLOCKED + "486}"]),
        (COMPANY, '"2": {persona: support}', '"3": {persona: support}',
         ["menus main keys 2: removed {persona: support}",
          "menus main keys 3: added {persona: support}"]),
        (COMPANY, "timeout: 6s", "timeout: 7s", ["menus main timeout: 6s → 7s"]),
        (RICH, "is: open, hours: owls", "is: closed, hours: owls", None),
        (COMPANY, "# MM-DD repeats", "# repeats", []),
    ],
)  # fmt: skip
def test_a_change_reads_like_a_path_in_the_file(
    text: str, old: str, new: str, expected: list[str] | None
) -> None:
    found = lines(text, old, new)

    if expected is None:
        assert len(found) == 1
        assert found[0].startswith("override item 2: {is: open")
    else:
        assert expected == found


def test_a_rule_that_moves_is_one_removed_and_one_added() -> None:
    vip = "    - {when: {caller: vip},                      do: {queue: support, priority: 10}}\n"
    last = "    - {do: {persona: reception}}\n"
    moved = plan(edited(edited(COMPANY, vip, ""), last, vip + last))

    found = [str(c).split(":")[0] for c in diff(plan(COMPANY), moved).changes]

    assert found == ["routes front rule 3", "routes front rule 4"]


def calls(count: int) -> list[PastCall]:
    return [
        PastCall(
            CallContext(DE, SOMEBODY if n % 10 else "+4989123456"), f"2026-11-23 {n % 24:02d}:30"
        )
        for n in range(count)
    ]


def test_replayed_calls_are_counted_and_grouped_by_cause() -> None:
    """Closing an hour earlier moves the calls of that hour and no others."""
    earlier = plan(edited(COMPANY, '"08:30-18:00", sat', '"08:30-17:00", sat'))

    found = diff(plan(COMPANY), earlier, calls(240))

    assert (found.replayed, found.moved) == (240, 10)
    assert [(c.old, c.new, c.count) for c in found.causes] == [
        ("persona reception", "persona night", 10)
    ]
    assert "{hours: office, is: closed}, decides, where it was front rule 5" in found.text()
    assert "10 of 240 calls would go elsewhere:" in found.text()


def test_json_has_the_promised_shape() -> None:
    earlier = plan(edited(COMPANY, '"08:30-18:00", sat', '"08:30-17:00", sat'))

    found = diff(plan(COMPANY), earlier, calls(240)).as_json()

    assert {"changes", "replayed", "moved", "examples"} == found.keys()
    assert found["examples"][0]["calls"][0]["at"] == "2026-11-23 17:30"
    assert found["changes"] == [
        {
            "where": "hours office mon,tue,wed,thu,fri",
            "kind": "changed",
            "old": "08:30-18:00",
            "new": "08:30-17:00",
        }
    ]


def test_the_same_plan_moves_nothing() -> None:
    found = diff(plan(COMPANY), plan(COMPANY), calls(100))

    assert found.text() == "the plans mean the same\n0 of 100 calls would go elsewhere"


def test_a_number_that_is_given_up_is_a_cause_of_its_own() -> None:
    gone = edited(COMPANY, '  "+498920001000": {trunk: carrier, language: de, route: front}\n', "")

    found = diff(plan(COMPANY), plan(gone), calls(10))

    assert {c.because for c in found.causes} == {"now refused, no such number"}


def test_calls_are_read_from_csv_with_headers_and_addresses() -> None:
    text = (
        "id,to,from,at,address,header X-Campaign\n"
        "a,+498920001000,+491701234567,2026-11-23 10:00,,spring1\n"
        "b,+498920001000,,2026-11-23T10:00:00Z,203.0.113.1,\n"
    )

    first, second = read_calls(text.splitlines(keepends=True))

    assert first.call.headers == {"X-Campaign": "spring1"}
    assert first.call.source_ip is None
    assert (second.call.caller, second.call.source_ip) == ("anonymous", "203.0.113.1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from,at\n+49,2026-11-23 10:00\n", "no column 'to'"),
        ("to,from,at\n+498920001000,,yesterday\n", "line 2: 'yesterday' is not a date"),
        ("to,from,at\n,,2026-11-23\n", "line 2: a call needs to and at"),
        ("", "no column 'to'"),
    ],
)
def test_a_file_of_calls_that_cannot_be_read_says_where(text: str, message: str) -> None:
    with pytest.raises(BadCallsError, match=message):
        list(read_calls(text.splitlines(keepends=True)))
