"""A plan to look at: the calendar of its numbers, and the graph of its ways."""

from __future__ import annotations

from datetime import date

from dialplans.analysis.calendar import calendar
from dialplans.analysis.graph import graph
from tests.dialplans.plans import COMPANY, RICH, plan


def test_the_calendar_shows_each_number_on_its_own_clock_with_holidays() -> None:
    text = calendar(plan(COMPANY), date(2026, 12, 24), 4).text()

    assert text == (
        "+498920001000, Europe/Berlin, hours office\n"
        "  Thu 2026-12-24  08:30-12:00  (holiday 12-24)\n"
        "  Fri 2026-12-25  closed  (holiday 12-25)\n"
        "  Sat 2026-12-26  10:00-14:00\n"
        "  Sun 2026-12-27  closed\n"
        "\n"
        "+14155550100, America/Los_Angeles, hours office\n"
        "  Thu 2026-12-24  08:30-12:00  (holiday 12-24)\n"
        "  Fri 2026-12-25  closed  (holiday 12-25)\n"
        "  Sat 2026-12-26  10:00-14:00\n"
        "  Sun 2026-12-27  closed"
    )


def test_an_override_is_in_the_calendar_to_the_minute() -> None:
    """Closed from Friday 09:15 until Sunday 03:30; the clock skips an hour that Sunday."""
    found = calendar(plan(RICH), date(2026, 3, 26), 4)

    row = next(r for r in found.rows if r.number == "+498920001000" and r.hours == "office")
    assert [d.text for d in row.days] == [
        "08:30-12:00, 13:00-18:00",
        "08:30-09:15  (override: water)",
        "closed  (override: water)",
        "closed  (override: water)",
    ]


def test_a_number_without_hours_is_always_open() -> None:
    text = RICH.replace("{when: {hours: owls}, ", "{when: {language: fr}, ")
    text = text.replace("{when: {hours: office, is: closed}, ", "{when: {language: it}, ")

    found = calendar(plan(text), date(2026, 3, 26), 1).as_json()

    front = next(n for n in found["numbers"] if n["number"] == "+498920001000")
    assert (front["hours"], front["days"][0]["open"]) == (None, ["00:00-24:00"])


def test_the_graph_has_every_place_and_every_way() -> None:
    found = graph(plan(COMPANY)).as_json()

    ways = {(e["from"], e["to"], e["label"]) for e in found["edges"]}
    assert {
        ("number:+498920001000", "route:front", ""),
        ("route:front", "reject:603", "1. caller: blocked"),
        ("route:front", "persona:night", "2. hours: office, is: closed"),
        ("route:front", "persona:reception_b", "4. header: X-Campaign: spring*, 10 %"),
        ("persona:reception", "persona:billing", "hands over"),
        ("persona:reception", "menu:main", "fails"),
        ("menu:main", "queue:support", "key 0"),
        ("queue:support", "voicemail:support", "after 300s"),
        ("queue:support", "callback:support", "offered after 180s"),
        ("queue:support", "voicemail:support", "nobody on"),
        ("target:duty_phone", "voicemail:support", "else"),
    } <= ways
    ids = {n["id"] for n in found["nodes"]}
    assert ids >= {end for start, to, _ in ways for end in (start, to)}
    assert "target:old_pbx" in ids


def test_mermaid_and_dot_hold_the_same_picture() -> None:
    picture = graph(plan(RICH))

    mermaid, dot = picture.mermaid(), picture.dot()

    assert mermaid.startswith("flowchart LR\n")
    assert len(picture.edges) == mermaid.count("-->") == dot.count(" -> ")
    assert len(picture.nodes) == dot.count("[label=") - len(picture.edges)
    assert dot.endswith("}\n")


def test_quotation_marks_in_words_do_not_break_the_picture() -> None:
    picture = graph(plan(RICH.replace('{say: "Bye."}}', "{say: 'say \"no\" #1 \\\\'}}")))

    assert "say #quot;no#quot; #35;1" in picture.mermaid()
    assert r"say \"no\" #1 \\" in picture.dot()
