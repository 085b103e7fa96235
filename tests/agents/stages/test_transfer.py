"""Calls that go on to a telephone outside: who takes them, and what is heard if nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.call.call_control import NotReached
from dialplans.engine.call_inputs import NOT_REACHED
from tests.agents.calling import BERLIN, PLAN, TODAY, Call, call_to
from tests.fakes.contact_centre import TestCallControl
from tests.fakes.language_model import calls


async def test_at_night_the_person_on_duty_is_called(tmp_path: Path) -> None:
    """The target is dialled, and once they answer the AI keeps quiet."""
    line = TestCallControl()
    late = TODAY.replace(hour=22)
    async with call_to(BERLIN, calls("urgent"), home=tmp_path, line=line, now=late) as call:
        assert call.said == [call.phrase("night.greeting")]

        await call.says("mein Anschluss ist tot")

        assert line.dialled == ["+442079469999"]
        assert call.state.pause is not None
        assert call.record.of("handed_over")[-1].to == "person duty"


async def test_a_telephone_of_the_company_is_rung_by_its_name(tmp_path: Path) -> None:
    """Without a trunk, and whatever numbers may be dialled."""
    line, late = TestCallControl(), TODAY.replace(hour=22)
    text = PLAN.replace('dial: "+442079469999", via: local', "telephone: desk")
    text += 'telephones: {desk: {password: "env:DESK"}}\n'
    call = call_to(BERLIN, calls("urgent"), home=tmp_path, line=line, now=late, text=text)
    async with call as found:
        await found.says("mein Anschluss ist tot")

        assert line.dialled == ["desk"]
        assert found.record.of("handed_over")[-1].to == "person duty"


@pytest.fixture
async def at_night(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Call]:
    """A call at night, on a plan whose target has these further keys."""
    text = PLAN.replace("ring: 20s", f"ring: 3s, {request.param}")
    late, line = TODAY.replace(hour=22), TestCallControl()
    call = call_to(BERLIN, calls("urgent"), home=tmp_path, line=line, now=late, text=text)
    async with call as found:
        yield found


@pytest.mark.parametrize("at_night", ['confirm: "1"'], indirect=True)
async def test_who_is_told_takes_the_call_with_a_key(at_night: Call) -> None:
    """Another key is none; before the right one nobody is connected."""
    call, line, before = at_night, at_night.line, []

    async def presses() -> None:
        await call.stage.on_key_from("person-1", "2")
        await call.stage.on_key_from("somebody else", "1")
        await asyncio.sleep(0.05)
        before.append((line.apart, call.state.pause))
        await call.stage.on_key_from("person-1", "1")

    call.tells_aside(presses)
    await call.says("mein Anschluss ist tot")

    assert before == [(True, None)]
    assert line.told_s == pytest.approx(1.0)
    assert not line.apart
    assert call.state.pause is not None
    assert call.record.of("handed_over")[-1].to == "person duty"


@pytest.mark.parametrize("at_night", ["warm: true"], indirect=True)
async def test_without_a_key_who_is_told_has_the_call(at_night: Call) -> None:
    at_night.tells_aside()
    await at_night.says("mein Anschluss ist tot")

    assert at_night.line.told_s == pytest.approx(1.0)
    assert at_night.record.of("handed_over")[-1].to == "person duty"


@pytest.mark.parametrize("at_night", ['confirm: "1"'], indirect=True)
async def test_who_hangs_up_when_told_has_declined(at_night: Call) -> None:
    """It is not the end of the call: the caller goes where the plan says."""
    at_night.tells_aside(lambda: at_night.stage.on_left("person-1"))
    await at_night.says("mein Anschluss ist tot")
    await at_night.until("voicemail messages")

    assert at_night.line.dropped == ["person-1"]
    assert "person_hung_up" not in at_night.line.hung_up
    assert at_night.phrase("person.busy") in at_night.said


@pytest.mark.parametrize("at_night", ['confirm: "1"'], indirect=True)
async def test_who_takes_the_call_and_hangs_up_at_once_leaves_nobody_in_silence(
    at_night: Call,
) -> None:
    async def takes_and_leaves() -> None:
        await at_night.stage.on_key_from("person-1", "1")
        await at_night.stage.on_left("person-1")

    at_night.tells_aside(takes_and_leaves)
    await at_night.says("mein Anschluss ist tot")
    await at_night.until("voicemail messages")

    assert at_night.state.pause is None


@pytest.mark.parametrize("at_night", ['confirm: "1"'], indirect=True)
async def test_a_mailbox_does_not_take_the_call(at_night: Call) -> None:
    """Which says nothing to the question, for as long as a telephone may ring."""
    at_night.tells_aside()
    await at_night.says("mein Anschluss ist tot")
    await at_night.until("voicemail messages", within=10)

    assert at_night.line.dropped == ["person-1"]


@pytest.mark.parametrize(
    ("outcome", "heard"),
    [
        ("busy", "person.line_busy"),
        ("no_answer", "person.no_answer"),
        ("declined", "person.busy"),
        ("unreachable", "person.busy"),
        ("wrong_number", "person.busy"),
        ("failed", "person.busy"),
    ],
)
async def test_a_telephone_that_is_not_answered_leads_on(
    tmp_path: Path, outcome: str, heard: str
) -> None:
    """The caller hears what happened, and gets what the plan has instead."""
    line = TestCallControl()
    line.answers = outcome
    async with call_to("+442079460500", home=tmp_path, line=line) as call:
        await call.until("voicemail messages")

        assert call.phrase("person.ringing") in call.said
        assert call.phrase(heard) in call.said
        assert call.phrase("person.instead_voicemail") in call.said


@pytest.mark.parametrize("at_night", ['confirm: "1"', "warm: true"], indirect=True)
async def test_whoever_is_told_first_is_not_heard_before_that(at_night: Call) -> None:
    """Nor is the network between: the caller would hear that somebody else rings."""
    at_night.tells_aside()
    await at_night.says("mein Anschluss ist tot")

    assert not at_night.line.may_be_heard_early


@pytest.mark.parametrize("at_night", ["warm: false"], indirect=True)
async def test_our_ringing_makes_way_for_what_the_network_says(at_night: Call) -> None:
    """A tone of another country, or an announcement: nobody hears two at once."""
    line, speaking = at_night.line, []

    async def network_heard() -> None:
        await asyncio.sleep(1)
        speaking.append(at_night.session.current_speech is not None)

    async def picks_up() -> None:
        while not speaking:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        speaking.append(at_night.session.current_speech is not None)
        line.picked_up.set()

    line.network_heard = network_heard
    picking_up = asyncio.create_task(picks_up())
    await at_night.says("mein Anschluss ist tot")
    await picking_up
    while at_night.state.pause is None:
        await asyncio.sleep(0.1)

    assert speaking == [True, False]


def test_the_plan_knows_every_reason_why_nobody_was_reached() -> None:
    """None more, none less: the stage tells the plan why, and the plan says what comes then."""
    assert {why.happening for why in NotReached} == NOT_REACHED


async def test_a_call_is_referred(tmp_path: Path) -> None:
    line = TestCallControl()
    async with call_to("+442079460600", home=tmp_path, line=line) as call:
        assert line.referred == ["sip:200@192.0.2.1"]
        assert call.state.ending == "transferred"


async def test_the_person_outside_hangs_up_and_so_does_the_call(tmp_path: Path) -> None:
    line = TestCallControl()
    async with call_to("+442079460500", home=tmp_path, line=line) as call:
        await call.stage.on_left("person-1")

        assert line.hung_up == ["person_hung_up"]
