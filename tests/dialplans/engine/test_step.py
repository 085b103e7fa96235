"""What becomes of a call after the first decision. Every path ends somewhere."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from dialplans.analysis.walk import instant, steps_of
from dialplans.engine.call_inputs import MEANINGS, HappeningKind, UnknownHappeningError, happening
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.route import route
from dialplans.engine.state import MAX_PLACES, begin
from dialplans.engine.step import due, step
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import (
    COMPANY,
    DE,
    MONDAY,
    RICH,
    SOMEBODY,
    US,
    edited,
    go,
    plan,
    ready,
    unchecked,
)

NIGHT = "2026-11-23 20:00"
NIGHT_THERE = "2026-11-24 10:00"
"""In Los Angeles."""
VIP = "+4989123456"


def test_a_failed_persona_falls_back_and_keys_work_there() -> None:
    path = go(plan(COMPANY), "persona_failed", "key 1").path

    assert path == ("persona reception", "menu main", "persona billing")


def test_a_persona_without_a_fallback_goes_where_people_are() -> None:
    path = go(plan(COMPANY), "hand_off billing", "persona_failed").path

    assert path == ("persona reception", "persona billing", "queue support")


def test_a_persona_hands_over_only_to_those_it_may() -> None:
    walked = go(plan(COMPANY), "hand_off night")

    assert walked.path == ("persona reception",)
    assert not steps_of(ready(COMPANY), walked)[-1].matched
    assert "means nothing" in steps_of(ready(COMPANY), walked)[-1].because


def test_a_menu_is_said_again_and_then_goes_on() -> None:
    """A wrong key is a failed try like silence; the clock of the next try begins with it."""
    company = plan(COMPANY)
    menu = ("persona reception", "menu main")

    assert menu == go(company, "persona_failed", "key 9", "timeout", "wait 5s").path
    assert (*menu, "queue support") == go(
        company, "persona_failed", "key 9", "timeout", "wait 6s"
    ).path
    assert (*menu, "queue support") == go(company, "persona_failed", "wait 18s").path
    assert menu == go(company, "persona_failed", "wait 5s", "key 9", "wait 11s").path


def test_time_that_is_left_over_passes_at_the_next_place() -> None:
    """Eighteen seconds in the menu, then three minutes in the queue."""
    path = go(plan(COMPANY), "persona_failed", "wait 198s").path

    assert path == ("persona reception", "menu main", "queue support", "offer callback")


def test_a_callback_is_offered_accepted_or_declined() -> None:
    company = plan(COMPANY)
    offered = ("queue support", "offer callback")

    assert offered == go(company, "wait 180s", frm=VIP).path
    assert go(company, "wait 179s", "caller_accepts_callback", frm=VIP).path == ("queue support",)
    accepted = go(company, "wait 180s", "caller_accepts_callback", frm=VIP)
    assert (*offered, "callback support") == accepted.path
    assert accepted.state is not None
    assert accepted.state.over
    declined = go(company, "wait 180s", "caller_declines_callback", "wait 120s", frm=VIP)
    assert (*offered, "voicemail support") == declined.path


def test_who_does_not_answer_the_offer_is_not_kept_waiting_for_it() -> None:
    path = go(plan(COMPANY), "wait 301s", "caller_declines_callback", frm=VIP).path

    assert path == ("queue support", "offer callback", "voicemail support")


def test_widening_is_in_the_state_for_those_who_ring_people() -> None:
    state = go(plan(COMPANY), "wait 60s", frm=VIP).state

    assert state is not None
    assert state.widened == ("billing",)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["nobody_on"], ["voicemail support"]),
        (["answered"], ["person support"]),
        (["no_answer"], []),
        (["busy", "declined", "nobody_on"], ["voicemail support"]),
        (["hang_up", "nobody_on"], []),
    ],
)
def test_what_happens_in_a_queue(events: list[str], expected: list[str]) -> None:
    assert ("queue support", *expected) == go(plan(COMPANY), *events, frm=VIP).path


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["busy"], ["voicemail support"]),
        (["no_answer"], ["voicemail support"]),
        (["declined"], ["voicemail support"]),
        (["wait 25s"], ["voicemail support"]),
        (["wait 24s"], []),
        (["answered"], []),
        (["answered", "key 1"], ["person duty_phone"]),
        (["answered", "key 2"], []),
        (["answered", "wait 25s"], ["voicemail support"]),
        (["wait 24s", "answered", "wait 24s", "key 1"], ["person duty_phone"]),
    ],
)
def test_what_happens_at_a_target(events: list[str], expected: list[str]) -> None:
    """A mailbox that picks up does not press the key, so the caller is not given to it."""
    path = go(plan(COMPANY), "wants_human", *events, at=NIGHT).path

    assert ("persona night", "target duty_phone", *expected) == path


def test_the_longest_call_is_ended_by_us_wherever_it_is() -> None:
    company = plan(COMPANY)

    assert go(company, "wait 2699s").path == ("persona reception",)
    assert go(company, "wait 45m").path == ("persona reception", "hang_up")
    late = go(company, "wait 2690s", "persona_failed", "wait 20s").path
    assert late == ("persona reception", "menu main", "hang_up")


def test_the_clock_of_a_live_call_needs_no_wait() -> None:
    """A worker sends a tick when something is due; the state says when that is."""
    company = plan(COMPANY)
    now = instant(company, MONDAY)
    call = CallContext(DE, VIP)
    state = begin(call, route(CompiledPlan(company), call, now), now)

    seen = []
    while (moment := due(company, state)) is not None:
        seen.append((moment - now) / timedelta(seconds=1))
        state = step(company, state, "tick", moment)

    assert seen == [60, 180, 300, 420]
    assert state.over
    assert state.path[-1] == "voicemail support"


def test_a_clock_that_goes_backwards_changes_nothing() -> None:
    company = plan(COMPANY)
    now = instant(company, MONDAY)
    call = CallContext(DE, VIP)
    state = step(company, begin(call, route(CompiledPlan(company), call, now), now), "wait 100s")

    assert state.at == step(company, state, "tick", now).at


def test_a_circle_of_places_is_cut_open() -> None:
    """Two menus that lead to each other, and no limit on the length of a call."""
    text = edited(RICH, "max_duration: 20m, ", "")
    circle = unchecked(edited(text, "else: {queue: last}", "else: {menu: main}"))

    state = go(circle, "persona_failed", "wait 1000h", at="2026-11-23 10:00").state

    assert state is not None
    assert state.over
    assert state.path[-1] == "hang_up"
    assert len(state.path) == MAX_PLACES + 1


@pytest.mark.parametrize("seed", range(5))
def test_time_alone_ends_every_call(seed: int) -> None:
    """Whatever happened before: an hour later each call is over, and nothing is ever raised."""
    rng = random.Random(seed)
    rich = plan(RICH)
    names = ["1", "2", "0", "*", "#", "anna", "bert"]
    for _ in range(100):
        events = []
        for _ in range(rng.randint(0, 8)):
            kind = rng.choice([k for k in MEANINGS if k != "wait"])
            key = rng.choice(names[:5]) if kind == "key" else rng.choice(names[5:])
            events.append(f"{kind} {key}" if kind in ("key", "hand_off") else kind)
        state = go(rich, *events, "wait 1h", frm=rng.choice([SOMEBODY, VIP])).state

        assert state is not None
        assert state.over, events


@pytest.mark.parametrize("kind", HappeningKind)
def test_every_happening_is_read_as_it_was_written(kind: HappeningKind) -> None:
    """And is plain text again where it goes into a trace or a record."""
    text = {"key": "key 1", "hand_off": "hand_off anna", "wait": "wait 5m"}.get(kind, kind.value)
    what = happening(text)

    assert kind is what.kind
    assert text == str(what)
    assert type(str(what)) is str


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("persona_faild", "did you mean 'persona_failed'"),
        ("key", "key 1"),
        ("key 12", "not a key"),
        ("wait", "wait 301s"),
        ("wait long", "no length of time"),
        ("nobody_on please", "too long"),
    ],
)
def test_what_cannot_happen_is_said_with_what_could(text: str, hint: str) -> None:
    with pytest.raises(UnknownHappeningError, match=hint):
        happening(text)


def test_a_persona_with_a_language_changes_that_of_the_call() -> None:
    """From there on: also what is said at the end is said in it."""
    goodbye = "fallback: {say: {de: Auf Wiederhören, en: Goodbye}}"
    text = edited(COMPANY, "fallback: {voicemail: support}", f"language: de, {goodbye}")
    walked = go(plan(text), "persona_failed", to=US, at=NIGHT_THERE)

    assert walked.path[0] == "persona night"
    assert walked.state is not None
    assert walked.state.language == "de"
    assert walked.state.place.params["text"] == "Auf Wiederhören"


def test_the_language_of_a_persona_is_that_of_the_first_decision() -> None:
    text = edited(COMPANY, "fallback: {voicemail: support}", "language: de")
    company = plan(text)
    call = CallContext(US, SOMEBODY, "call-1")

    assert route(CompiledPlan(company), call, instant(company, "2026-11-24 20:00")).language == "en"
    assert route(CompiledPlan(company), call, instant(company, NIGHT_THERE)).language == "de"
