"""Supervisors and colleagues take a call over and give it back; strangers cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.job.supervisor_commands import SupervisorCommands
from dialplans.contracts.control import Command, Operation, Reply, seal
from tests.agents.calling import CALLER, RECEPTION, Call, call_to
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls, says

SECRET = "a secret of forty letters, or nearly so!"


async def order(call: Call, control: SupervisorCommands, op: str, **more: str) -> Reply:
    """A command as the gateway sends it."""
    command = Command(op=op, call=call.state.id, who="ann", **more)
    reply = await control.answer(seal(command, SECRET))
    await call.settled()
    return reply


async def test_after_a_takeover_the_ai_does_nothing(tmp_path: Path) -> None:
    """No word, no tool, no question to the model: what the caller says is only kept."""
    async with call_to(RECEPTION, calls("transfer_to_billing"), home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        reply = await order(call, control, "takeover")
        said, asked = len(call.said), len(call.script.asked)
        await call.says("I have a question about my bill")

        assert reply.ok
        assert reply.state["who"] == "ann"
        assert (len(call.said), len(call.script.asked)) == (said, asked)
        assert call.stage.place == "persona reception"
        assert not call.session.output.audio_enabled
        assert [event.text for event in call.record.of("heard")] == [
            "I have a question about my bill"
        ]


async def test_a_desk_takes_a_call_as_the_person_it_is(tmp_path: Path) -> None:
    """The record names a colleague as a colleague, not as a supervisor."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        taken = Command(op="takeover", call=call.state.id, who="agent ann")
        reply = await control.answer(seal(taken, SECRET))
        await call.settled()

        assert reply.state["who"] == "ann"
        assert call.state.pause is not None
        assert call.state.pause.role == "agent"
        assert [event.to for event in call.record.of("handed_over")] == ["agent ann"]


@pytest.mark.parametrize(
    ("who", "recorded"),
    [
        ("agent ann", "agent ann"),
        ("supervisor sue", "supervisor sue"),
        ("sue", "supervisor sue"),
        ("Sue of Sales", "supervisor Sue of Sales"),
        ("agent", "agent agent"),
        ("agent ", "agent agent"),
        ("supervisor", "supervisor supervisor"),
        ("", "supervisor supervisor"),
    ],
)
async def test_whoever_commands_is_recorded_with_kind_and_name(
    tmp_path: Path, who: str, recorded: str
) -> None:
    """Also somebody who gives only one of them, or neither: taking, giving back and speaking."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        for op, text in (("takeover", ""), ("giveback", ""), ("say", "One moment.")):
            command = Command(op=op, call=call.state.id, who=who, text=text)
            await control.answer(seal(command, SECRET))
            await call.settled()
        taken, given = call.record.of("handed_over")
        said = call.record.of("said")[-1]

        assert (taken.to, given.frm, said.behalf) == (recorded, recorded, recorded)


async def test_after_the_giveback_it_knows_what_both_said(tmp_path: Path) -> None:
    """The caller's words, the supervisor's and the note are read by the model that answers next."""
    async with call_to(RECEPTION, says("Gladly."), home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        await order(call, control, "takeover")
        await call.says("my line is down since Monday")
        call.state.pause.heard.append(("Ann", "I will credit you ten pounds."))  # type: ignore[union-attr]
        await order(call, control, "giveback", text="promised ten pounds")

        assert call.said[-1] == call.phrase("call.back")
        assert call.session.output.audio_enabled

        await call.says("thank you")

        assert call.said[-1] == "Gladly."
        for known in ("down since Monday", "credit you ten pounds", "promised ten pounds"):
            assert known in call.script.asked[-1]


@pytest.mark.parametrize("coached", ["We can offer ten percent.", "Yes.", "Sag nichts vom Preis."])
async def test_what_a_coach_tells_the_intent_flow_changes_nothing_for_the_caller(
    tmp_path: Path, coached: str
) -> None:
    """It cannot follow words, and they were never meant for the caller: none is said, none is
    remembered as part of the conversation, and the coach is told why."""
    async with call_to(RECEPTION, says("Gladly."), home=tmp_path, led=False) as call:
        before = list(call.said), call.stage.place
        reply = await order(call, SupervisorCommands(call.session, SECRET), "coach", text=coached)
        after = list(call.said), call.stage.place
        await call.says("thank you")

        assert not reply.ok
        assert "takes no instructions" in reply.detail
        assert before == after
        assert coached not in call.script.asked[-1]
        assert [event.coachable for event in call.record.of("persona")] == [False]


@pytest.mark.parametrize("led", [True, False])
async def test_a_sentence_is_said_aloud_for_whoever_wants_it(tmp_path: Path, led: bool) -> None:
    """Word for word, by either kind of persona, once; the record says whose sentence it was, and
    the persona knows what it has said."""
    async with call_to(RECEPTION, says("Gladly."), home=tmp_path, led=led) as call:
        text = "We will  credit you ten pounds."
        control = SupervisorCommands(call.session, SECRET)
        said = Command(op="say", call=call.state.id, who="supervisor sue", text=text)
        reply = await control.answer(seal(said, SECRET))
        await call.settled()
        await call.says("thank you")
        behalf = {event.text: event.behalf for event in call.record.of("said")}

        assert reply.ok
        assert behalf["We will credit you ten pounds."] == "supervisor sue"
        assert behalf[call.phrase("reception.greeting")] == ""
        assert behalf["Gladly."] == ""
        assert "credit you ten pounds" in call.script.asked[-1]
        assert call.state.conversation.behalf == []


@pytest.mark.parametrize("op", ["coach", "say"])
async def test_nobody_puts_words_into_a_call_that_no_persona_has(tmp_path: Path, op: str) -> None:
    """Not while a person talks, not in a queue, and not without words."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)

        assert not (await order(call, control, op, text="  ")).ok

        await order(call, control, "takeover")

        assert not (await order(call, control, op, text="Hello.")).ok

    staff = Staff("support")
    async with call_to("+442079460400", home=tmp_path, staff=staff) as call:
        reply = await order(call, SupervisorCommands(call.session, SECRET), op, text="Hello.")

        assert "queue support has the call" in reply.detail
        assert "Hello." not in call.said


async def test_a_coach_is_followed_at_once(tmp_path: Path) -> None:
    """By a language model, which answers in words of its own."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        reply = await order(
            call,
            SupervisorCommands(call.session, SECRET),
            "coach",
            text="We can offer ten percent.",
        )

        assert reply.ok
        assert call.said[-1] == "We can offer ten percent."


async def test_a_call_is_sent_to_another_part_of_the_plan(tmp_path: Path) -> None:
    """Also while a person has it: the AI speaks again."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        await order(call, control, "takeover")
        reply = await order(call, control, "transfer", to="persona billing")

        assert reply.ok
        assert call.stage.place == "persona billing"
        assert call.state.pause is None
        assert call.said[-1] == call.phrase("billing.greeting")


async def test_what_makes_no_sense_is_answered_with_a_reason(tmp_path: Path) -> None:
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)

        assert (
            "no 'persona bililng'"
            in (await order(call, control, "transfer", to="persona bililng")).detail
        )
        assert not (await order(call, control, "giveback")).ok
        assert not (await order(call, control, "unhold")).ok
        assert not (await order(call, control, "juggle")).ok


async def test_every_operation_is_known(tmp_path: Path) -> None:
    """One of another release is named in the answer, and nothing comes of it."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        strange = await order(call, control, "juggle")
        replies = {op: await order(call, control, op) for op in Operation}

        assert strange.detail == "unknown operation juggle"
        assert [op for op in replies if "unknown" in replies[op].detail] == []


async def test_hold_is_music_and_ends_in_silence(tmp_path: Path) -> None:
    """Only a person can hold; the AI's voice stays off when the music stops."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)

        assert not (await order(call, control, "hold")).ok

        await order(call, control, "takeover")
        held = await control.answer(seal(Command(op="hold", call=call.state.id, who="ann"), SECRET))

        assert held.state["held"] == "yes"

        await control.answer(seal(Command(op="unhold", call=call.state.id, who="ann"), SECRET))

        assert not call.session.output.audio_enabled


async def test_a_supervisor_hangs_up(tmp_path: Path) -> None:
    async with call_to(RECEPTION, home=tmp_path) as call:
        await order(call, SupervisorCommands(call.session, SECRET), "hangup")

        assert call.line.hung_up == ["person_hung_up"]


async def test_unsigned_replayed_and_misdirected_commands_do_nothing(tmp_path: Path) -> None:
    """And nobody learns what was wrong with them."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        control = SupervisorCommands(call.session, SECRET)
        mine = Command(op="takeover", call=call.state.id, who="eve", nonce="once")
        other = Command(op="takeover", call="call-of-somebody-else", who="eve")
        old = Command(op="takeover", call=call.state.id, who="eve", at=1.0)

        for payload in ("{}", "", seal(mine, "wrong"), seal(other, SECRET), seal(old, SECRET)):
            reply = await control.answer(payload)

            assert reply == Reply(ok=False, detail="refused")

        assert call.state.pause is None

        played_back = seal(mine, SECRET)
        first = await control.answer(played_back)
        second = await control.answer(played_back)

        assert (first.ok, second.ok) == (True, False)
        assert CALLER not in first.detail
