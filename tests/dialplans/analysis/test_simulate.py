"""Be the caller in a terminal: keys, words and happenings through the live engine."""

from __future__ import annotations

import json

from dialplans.analysis.simulate import simulate
from dialplans.analysis.walk import instant
from dialplans.engine.state import State
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import COMPANY, DE, MONDAY, SOMEBODY, ready


def talk(
    *lines: str, frm: str = SOMEBODY, to: str = DE, as_json: bool = False
) -> tuple[State | None, list[str]]:
    company, said = ready(COMPANY), []
    call = CallContext(to, frm)
    now = instant(company.plan, MONDAY)
    state = simulate(company, call, now, lines=lines, say=said.append, as_json=as_json)
    return state, said


def test_words_keys_and_happenings_walk_through_the_plan() -> None:
    state, said = talk("I have a question about billing", "", "a person, please", "wait 300s")

    assert state is not None
    assert state.path == (
        "persona reception",
        "persona billing",
        "queue support",
        "offer callback",
        "voicemail support",
    )
    assert "→ persona billing" in "\n".join(said)


def test_a_menu_is_read_in_the_language_of_the_number_and_keys_work() -> None:
    state, said = talk("persona_failed", "1")

    assert "Für Rechnungen die 1" in "\n".join(said)
    assert state is not None
    assert state.path[-1] == "persona billing"


def test_what_is_not_understood_says_what_could_be_typed() -> None:
    state, said = talk("lorem ipsum", "key 12")

    assert state is not None
    assert state.path == ("persona reception",)
    assert "say 'billing', 'support', person" in said[-2]
    assert "not a key" in said[-1]


def test_input_after_the_end_is_not_read() -> None:
    state, said = talk("bye", "1", "2")

    assert state is not None
    assert state.over
    assert "The call is over." in said[-1]


def test_a_call_that_is_refused_is_over_before_it_began() -> None:
    state, said = talk("1", to="+498920001009")

    assert state is None
    assert "would be refused, 404" in said[-1]
    assert talk("1", frm="anonymous")[0] is None


def test_with_json_each_line_is_an_object() -> None:
    _, said = talk("persona_failed", "nonsense", "1", as_json=True)

    first, second, third, fourth = map(json.loads, said)
    assert first["decision"] == {"kind": "persona", "name": "reception"}
    assert second["place"] == "menu main"
    assert "not understood" in third["error"]
    assert fourth["path"] == ["persona reception", "menu main", "persona billing"]
