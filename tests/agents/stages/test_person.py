"""Whoever wants, or needs, a person gets one, or can leave a message."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agents.company.agent_presence import Availability, availability
from agents.stages import queue as queue_stage
from dialplans.contracts.jobs import Presence
from dialplans.model import Queue
from tests.agents.calling import BERLIN, PLAN, RECEPTION, TODAY, call_to
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls, says

NIGHT = "{when: {hours: office, is: closed}, do: {persona: night}}, "


async def test_a_person_is_wanted_and_somebody_is_there(tmp_path: Path) -> None:
    """The console is offered the call with a summary, and the caller hears that it rings."""
    async with call_to(RECEPTION, calls("person"), home=tmp_path, staff=Staff("support")) as call:
        await call.says("a person please")

        wanted = call.record.of("person_wanted")

        assert call.stage.place == "queue support"
        assert [event.queue for event in wanted] == ["support"]
        assert "The caller wants a person." in wanted[0].summary
        assert call.said[1:] == [call.phrase("person.connecting"), call.phrase("person.ringing")]


@pytest.mark.parametrize(
    ("called", "stands", "heard"),
    [
        (RECEPTION, "busy", ["person.waiting"]),
        (BERLIN, "busy", ["person.waiting"]),
        (RECEPTION, "ready", ["person.connecting", "person.in_line"]),
        (BERLIN, "ringing", ["person.connecting", "person.ringing"]),
    ],
)
async def test_a_caller_hears_how_it_stands(
    tmp_path: Path, called: str, stands: Availability, heard: list[str]
) -> None:
    """All are busy: nothing is promised. Somebody is ready but it does not ring there, because
    others are before this caller or the call was declined: they are in the line, and nobody is said
    to be busy."""
    staff = Staff("support", stands=stands)
    text = PLAN.replace("after: 2s", "after: 30s")
    async with call_to(called, calls("person"), home=tmp_path, staff=staff, text=text) as call:
        await call.says("a person please")
        await call.hears(heard[-1])

        assert call.said[1:] == [call.phrase(key) for key in heard]


async def test_what_changes_while_a_caller_waits_is_said(tmp_path: Path) -> None:
    """A desk begins to ring, nobody answers there, another one rings: each once, and a moment
    between two desks is no news. The plan's own words are for those who wait."""
    staff = Staff("support", stands="busy")
    text = PLAN.replace("after: 2s", "after: 30s").replace(
        "nobody_on: {voicemail: messages},",
        "nobody_on: {voicemail: messages}, announce: {say: {en: Our lines are full.}},",
        1,
    )
    async with call_to("+442079460400", home=tmp_path, staff=staff, text=text) as call:
        before = list(call.said)
        staff.stands = "ringing"
        await call.hears("person.ringing")
        staff.stands = "ready"
        await asyncio.sleep(queue_stage.LOOKS_S)
        staff.stands = "ringing"
        await asyncio.sleep(queue_stage.SETTLES_S)
        between = list(call.said)
        staff.stands = "busy"
        await call.hears("Our lines are full.", times=2)
        staff.stands = "ringing"
        await call.hears("person.ringing", times=2)

        assert before == ["Our lines are full."]
        assert between == [*before, call.phrase("person.ringing")]
        assert call.said == between * 2


async def test_what_is_said_again_and_again_follows_what_is_so(tmp_path: Path) -> None:
    """`every` repeats how it stands then, not how it stood at first."""
    staff = Staff("support", stands="busy")
    text = PLAN.replace("after: 2s", "after: 30s").replace(
        "nobody_on: {voicemail: messages},",
        "nobody_on: {voicemail: messages}, announce: {every: 5s},",
        1,
    )
    async with call_to("+442079460400", home=tmp_path, staff=staff, text=text) as call:
        staff.stands = "nobody"
        await call.hears("person.away")

        assert call.said[0] == call.phrase("person.waiting")
        assert call.stage.place == "queue support"


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Presence(who="ann", state="ringing", call="mine"), "ringing"),
        (Presence(who="ann", state="ringing", call="another"), "busy"),
        (Presence(who="ann", state="wrap_up"), "busy"),
        (Presence(who="ann", state="ready", languages=["de"]), "nobody"),
        (Presence(who="ann", state="ready", languages=["de", "en-GB"]), "ready"),
        (Presence(who="ann", state="ready", languages=["EN"]), "nobody"),
        (Presence(who="ann", state="away"), "nobody"),
    ],
)
def test_a_desk_that_rings_for_somebody_else_is_busy(person: Presence, expected: str) -> None:
    """Only the caller for whom it rings is told so."""
    queue = Queue.model_validate({"needs": {"language": "caller"}})

    assert availability([person], queue, "en", "mine") == expected


@pytest.mark.parametrize(
    "instead", [{"voicemail": "messages"}, {"menu": "main"}, {"persona": "support"}]
)
async def test_nobody_is_promised_where_the_plan_has_no_people(
    tmp_path: Path, instead: dict[str, str]
) -> None:
    """A caller who asks for a person and gets a mailbox, a menu or a persona is told so."""
    ((kind, name),) = instead.items()
    text = PLAN.replace("to_human: {queue: support}", f"to_human: {{{kind}: {name}}}", 1)
    async with call_to(RECEPTION, calls("person"), home=tmp_path, text=text) as call:
        await call.says("a person please")
        await call.until(f"{kind} {name}")

        assert call.phrase("person.connecting") not in call.said
        assert call.said[1] == call.phrase("person.nobody")


async def test_nobody_is_there_and_the_caller_leaves_a_message(tmp_path: Path) -> None:
    """Nobody promises a connection that cannot be made."""
    async with call_to(RECEPTION, calls("person"), home=tmp_path) as call:
        await call.says("a person please")
        await call.until("voicemail messages")

        assert call.said[1:3] == [
            call.phrase("person.nobody"),
            call.phrase("person.instead_voicemail"),
        ]
        assert call.phrase("person.connecting") not in call.said


@pytest.mark.parametrize(
    ("called", "opens"),
    [(RECEPTION, "It opens again today at 8 am."), (BERLIN, "Es öffnet wieder heute um 8 Uhr.")],
)
async def test_nobody_is_there_because_the_office_is_closed(
    tmp_path: Path, called: str, opens: str
) -> None:
    """The caller hears that, and until when, in their language."""
    late = TODAY.replace(hour=6)
    text = PLAN.replace(NIGHT, "")
    async with call_to(called, calls("person"), home=tmp_path, now=late, text=text) as call:
        await call.says("a person please")
        await call.until("voicemail messages")

        assert call.said[1] == call.phrase("person.nobody")
        assert opens in call.said[2]
        assert call.said[3] == call.phrase("person.instead_voicemail")


async def test_a_queue_that_nobody_answers_leads_to_another(tmp_path: Path) -> None:
    """And the caller hears that somebody else is asked now."""
    text = PLAN.replace("nobody_on: {voicemail: messages},", "nobody_on: {queue: second},", 1)
    leads = "{voicemail: messages}"
    second = f"{{nobody_on: {leads}, overflow: [{{after: 2s, do: {leads}}}]}}"
    text = text.replace("queues:", f"queues:\n  second: {second}")
    async with call_to("+442079460400", home=tmp_path, text=text) as call:
        await call.until("voicemail messages")

        assert call.said[:2] == [
            call.phrase("person.nobody"),
            call.phrase("person.instead_queue"),
        ]


async def test_a_long_wait_follows_the_plan(tmp_path: Path) -> None:
    """The overflow step comes at its time."""
    async with call_to(RECEPTION, calls("person"), home=tmp_path, staff=Staff("support")) as call:
        await call.says("a person please")
        await call.until("voicemail messages", within=10)

        assert call.phrase("person.waited") in call.said
        assert call.phrase("person.instead_voicemail") in call.said


async def test_the_key_for_a_person_works_everywhere(tmp_path: Path) -> None:
    async with call_to(RECEPTION, home=tmp_path, staff=Staff("support")) as call:
        await call.presses("0")

        assert call.stage.place == "queue support"


async def test_silence_is_met_with_a_question_then_keys_then_a_person(tmp_path: Path) -> None:
    """Three times in a row; any word in between starts again."""
    async with call_to(RECEPTION, says("Hello."), home=tmp_path, staff=Staff("support")) as call:
        await call.keeps_silent()

        assert call.said[-1] == call.phrase("silence.first")

        await call.says("hello?")
        await call.keeps_silent()

        assert call.said[-1] == call.phrase("silence.first")

        await call.keeps_silent()

        assert call.said[-2:] == [call.phrase("silence.keys"), call.phrase("reception.keys")]

        await call.keeps_silent()

        assert call.stage.place == "queue support"


async def test_what_is_not_understood_thrice_goes_to_a_person(tmp_path: Path) -> None:
    """Asks again, offers keys, then a person."""
    script = [calls("not_understood", heard="gibberish")] * 3
    async with call_to(RECEPTION, *script, home=tmp_path, staff=Staff("support")) as call:
        await call.says("gibberish")

        assert call.said[-1] == call.phrase("misheard.first")

        await call.says("gibberish")

        assert call.said[-1].endswith(call.phrase("reception.keys"))

        await call.says("gibberish")

        assert call.stage.place == "queue support"
