"""Folding events into the state of a call: pure, and blind to the order of arrival."""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.contracts import events as ev
from gateway.records import fold
from gateway.records.masking import mask_number, mask_text, masked, masked_event
from gateway.records.row import row

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALL = "call-442079460100-aa"


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def call_of(*events: ev.Event) -> fold.State:
    return fold.fold(events)


_STORY: list[ev.Event] = [
    ev.Started(call=CALL, source="bridge", at=at(0), called="+44", caller="+49170", id="a"),
    ev.Answered(call=CALL, source="bridge", at=at(1), id="b"),
    ev.Persona(call=CALL, source="agents", at=at(1.5), name="reception", id="c"),
    ev.Said(call=CALL, source="agents", at=at(2), speaker="reception", text="Hello", id="d"),
    ev.Heard(call=CALL, source="agents", at=at(4), text="A person please", id="e"),
    ev.PersonWanted(call=CALL, source="agents", at=at(5), skills=["billing"], id="f"),
    ev.Problem(call=CALL, source="agents", at=at(6), what="model_error", id="g"),
    ev.Turn(call=CALL, source="agents", at=at(7), gap_ms=900, id="h"),
    ev.HandedOver(call=CALL, source="gateway", at=at(9), frm="persona x", to="agent ann", id="i"),
    ev.Held(call=CALL, source="gateway", at=at(10), who="ann", on=True, id="j"),
    ev.Held(call=CALL, source="gateway", at=at(11), who="ann", on=False, id="k"),
    ev.Supervised(call=CALL, source="gateway", at=at(12), who="sue", mode="listen", id="l"),
    ev.Ended(call=CALL, source="bridge", at=at(20), cause="caller_hung_up", id="m"),
    ev.Ended(call=CALL, source="agents", at=at(20.5), cause="caller_hung_up", by="caller", id="n"),
    ev.Ended(call=CALL, source="gateway", at=at(21), cause="room_closed", id="o"),
    ev.Said(call=CALL, source="agents", at=at(22), speaker="reception", text="late", id="p"),
]


@given(st.permutations(_STORY), st.lists(st.sampled_from(_STORY), max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_order_and_any_repetition_give_the_same_call(
    order: list[ev.Event], again: list[ev.Event]
) -> None:
    """The stream promises neither order nor that an event comes once."""
    assert fold.fold([*order, *again]) == fold.fold(_STORY)


@given(st.integers(1, len(_STORY)))
def test_one_step_at_a_time_is_the_same_as_all_at_once(upto: int) -> None:
    """What is stored after each event is what a fold of all of them would give."""
    state = fold.begin(_STORY[0])
    for event in _STORY[:upto]:
        assert fold.in_order(state, event)
        state = fold.step(state, event)

    assert state == fold.fold(_STORY[:upto])


def test_a_step_leaves_the_state_before_it_as_it_was() -> None:
    """States are values: the one in the table is not changed by looking further."""
    before = fold.fold(_STORY[:11])
    kept = fold.fold(_STORY[:11])

    fold.step(before, _STORY[11])

    assert before == kept


def test_every_kind_of_event_can_be_folded() -> None:
    """One that could not would stop the stream for every call."""
    assert set(fold._TAKE) == set(typing.get_args(ev.Event))


def test_what_was_kept_of_the_sound_is_on_the_row() -> None:
    """Whoever looks through the history sees which calls can be heard again."""
    message = ev.VoiceMessage(
        call=CALL, source="agents", at=at(23), mailbox="night", file="voicemail/n/a.wav", seconds=4
    )
    kept = ev.Recorded(
        call=CALL, source="agents", at=at(24), file="recordings/kept/a.ogg", seconds=20
    )
    before, after = (row(call_of(*_STORY, *more), 1) for more in ((), (message, kept)))

    assert (before.recorded, before.message) == (False, False)
    assert (after.recorded, after.message) == (True, True)


def test_late_events_change_history_but_never_bring_an_ended_call_back() -> None:
    """Words that arrive after the end are in the transcript; the call stays ended."""
    state = call_of(*_STORY)

    assert state.state == "ended"
    assert "late" in state.words
    assert fold.needs(state) == []
    assert state.listeners == {}


def test_the_jobs_report_is_authoritative() -> None:
    """Whoever reports first: the job's word counts over the leg's, the leg's over the room's."""
    for story in (_STORY, list(reversed(_STORY))):
        ended = call_of(*story).ended

        assert ended is not None
        assert (ended.source, ended.by) == ("agents", "caller")


def test_how_the_line_sounded_is_the_legs_word_whoever_ends_the_call() -> None:
    """The job's report counts for the end and knows nothing of packets."""
    leg = ev.Ended(
        call=CALL,
        source="bridge",
        at=at(9),
        cause="caller_hung_up",
        codec="PCMA",
        figures={"mos": 4.3, "loss_pct": 0.1, "jitter_ms": 4.0, "rtp_strangers": 2.0},
    )
    job = ev.Ended(call=CALL, source="agents", at=at(8), cause="persona_hung_up")
    for story in ((leg, job), (job, leg)):
        quality = row(call_of(*story), 1).quality

        assert quality is not None
        assert (quality.codec, quality.mos, quality.loss_pct) == ("PCMA", 4.3, 0.1)
        assert (quality.mos_sent, quality.strangers) == (None, 2.0)


def test_why_a_call_went_wrong_is_in_its_row_whoever_reports_its_end() -> None:
    figures = {"talk_s": 12.0, "rtp_received": 0.0, "rtp_sent": 600.0, "longest_hole_ms": 12_000.0}
    leg = ev.Ended(
        call=CALL, source="bridge", at=at(9), cause="media_timeout", codec="PCMA", figures=figures
    )
    job = ev.Ended(call=CALL, source="agents", at=at(10), cause="caller_hung_up")
    refused = ev.Refused(call=CALL, source="bridge", at=at(1), code=403, reason="wrong_password")
    answered = ev.Answered(call=CALL, source="bridge", at=at(0))

    assert row(call_of(answered, leg, job), 1).why.startswith("One-way: nothing was heard")
    assert row(call_of(refused), 1).why.startswith("Refused with 403: the password")
    assert row(call_of(answered, job), 1).why == ""


def test_a_call_of_an_older_leg_has_no_quality() -> None:
    older = {"kind": "ended", "call": CALL, "source": "bridge", "at": at(9), "id": "1"}
    event = ev.decode(msgspec.json.encode({**older, "cause": "failed", "figures": {"rtp_lost": 3}}))

    assert row(call_of(event), 1).quality is None


def test_a_phone_dialled_into_a_call_neither_renames_nor_ends_it() -> None:
    """Whoever is rung for the caller has a number, an answer and an end of their own: the call goes
    on from and to the numbers it came by, and is live still."""
    arrived = ev.Started(
        call=CALL, source="bridge", at=at(0), called="+44", caller="+49170", trunk="main"
    )
    taken = ev.Answered(call=CALL, source="bridge", at=at(1))
    rung = ev.Started(
        call=CALL,
        source="bridge",
        at=at(2),
        called="+4471",
        caller="+44",
        direction="out",
        trunk="out",
        leg="sip_1",
    )
    away = ev.Ended(
        call=CALL, source="bridge", at=at(9), cause="no_answer", figures={"turns": 1}, leg="sip_1"
    )
    before, after = call_of(arrived, taken), call_of(arrived, taken, rung, away)

    shown = row(after, 4)
    assert (shown.called, shown.caller, shown.direction) == ("+44", "+49170", "in")
    assert (shown.trunk, shown.answered_at, shown.cause) == ("main", at(1), None)
    assert shown.live
    assert after.state == before.state


def test_a_refused_call_is_a_record_with_its_reason() -> None:
    """Somebody who was never let in is in the list too."""
    shown = row(
        call_of(
            ev.Refused(
                call=CALL,
                source="bridge",
                at=T0,
                code=404,
                reason="no_such_number",
                called="+4499",
                caller="+49170",
            )
        ),
        7,
    )

    assert (shown.state, shown.code, shown.reason) == ("refused", 404, "no_such_number")
    assert (shown.called, shown.caller, shown.seq) == ("+4499", "+49170", 7)
    assert not shown.live


def test_a_call_refused_on_entering_stays_refused_whatever_its_room_reports() -> None:
    """Somebody had dispatched a job for it already, and that job reports an end as well."""
    refused = ev.Refused(
        call=CALL, source="gateway", at=at(1), code=503, reason="limit_concurrent", detail="full"
    )
    job = ev.Persona(call=CALL, source="agents", at=at(1.2), name="reception")
    ended = ev.Ended(call=CALL, source="agents", at=at(2), cause="caller_hung_up")
    answered = ev.Answered(call=CALL, source="bridge", at=at(0.5))

    assert row(call_of(refused, job, ended), 1).state == "refused"
    assert row(call_of(answered, refused, ended), 1).state == "ended"


def test_states_follow_who_has_the_caller() -> None:
    """ringing → talking → waiting → human → held → human, and back to a persona."""
    seen = []
    state = fold.begin(_STORY[0])
    for event in _STORY[:13]:
        state = fold.step(state, event)
        seen.append(state.state)

    assert list(dict.fromkeys(seen)) == ["ringing", "talking", "waiting", "human", "held", "ended"]


def test_waiting_ends_when_a_person_comes_and_is_counted() -> None:
    """The wait runs from the wish to the person; who hangs up first leaves the wish standing."""
    served = row(call_of(*_STORY), 1)
    gone = row(call_of(*_STORY[:6], _STORY[12]), 1)

    assert (served.wait_s, served.wanted) == (4.0, None)
    assert gone.wait_s == 15.0
    assert gone.wanted is not None


def test_words_for_the_persona_move_nobody_and_are_no_words_of_the_call() -> None:
    """Whoever has taken the call keeps it, and what a coach tells the persona is not the last thing
    that was said; whether it could be followed is known of the persona that has the call."""
    taken = ev.Supervised(call=CALL, source="gateway", at=at(5), who="sue", mode="takeover")
    words = [
        ev.Supervised(call=CALL, source="gateway", at=at(6), who="sue", mode=mode, note="Hush.")
        for mode in ("coach", "say")
    ]
    led = ev.Persona(call=CALL, source="agents", at=at(4), name="billing", coachable=True)
    flow = ev.Persona(call=CALL, source="agents", at=at(9), name="support")

    assert row(call_of(*_STORY[:4], taken, *words), 1).holder.name == "sue"
    assert "Hush." not in call_of(*_STORY[:4], taken, *words).words
    assert row(call_of(*_STORY[:4], led), 1).coachable
    assert not row(call_of(*_STORY[:4], led, flow), 1).coachable


def test_takeover_and_give_back_move_the_holder() -> None:
    """The supervisor has the call until it is given back; then the persona has it again."""
    base = _STORY[:4]
    taken = [
        *base,
        ev.Supervised(call=CALL, source="gateway", at=at(5), who="sue", mode="takeover"),
        ev.HandedOver(
            call=CALL,
            source="agents",
            at=at(5.1),
            frm="persona reception",
            to="supervisor supervisor sue",
        ),
    ]
    back = [
        *taken,
        ev.HandedOver(
            call=CALL, source="agents", at=at(8), frm="supervisor sue", to="persona reception"
        ),
        ev.Supervised(call=CALL, source="gateway", at=at(8.1), who="sue", mode="listen"),
    ]

    assert row(call_of(*taken), 1).holder.name == "sue"
    assert row(call_of(*taken), 1).state == "human"
    assert row(call_of(*back), 1).holder.kind == "persona"
    assert [x.mode for x in row(call_of(*back), 1).listeners] == ["listen"]


@given(st.text(alphabet="+0123456789", min_size=5, max_size=20))
def test_a_masked_number_cannot_be_rung(number: str) -> None:
    """At least three places of anything like a number are gone, and its length stays."""
    shown = mask_number(number)

    assert len(shown) == len(number)
    if sum(c.isdigit() for c in number) >= 5:
        assert shown.count("•") >= 3


@pytest.mark.parametrize("kind", [ev.Started, ev.Refused])
def test_masking_reaches_whoever_forwarded_the_call(
    kind: type[ev.Started] | type[ev.Refused],
) -> None:
    """Their numbers are somebody's, too."""
    past = {"forwarded_from": ["+442079460501", "anonymous"], "dialled": ["+442079460502"]}
    more = {"code": 486, "reason": "busy"} if kind is ev.Refused else {}
    event = kind(
        call=CALL, source="bridge", called="+442079460100", caller="+447700900123", **past, **more
    )

    shown = str(masked_event(event))

    assert "4605" not in shown
    assert "anonymous" in shown
    assert "+442079460100" in shown


def test_masking_reaches_what_was_said() -> None:
    """Numbers are spoken too."""
    state = call_of(
        _STORY[0], ev.Heard(call=CALL, source="agents", at=at(3), text="ring 0170 123 4567 today")
    )

    shown = masked(row(state, 1))

    assert shown.last is not None
    assert shown.last.text == "ring ••• today"
    assert mask_text("room 101") == "room 101"
    assert mask_number("anonymous") == "anonymous"
