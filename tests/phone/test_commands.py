from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.phone import Phone, PhoneCall, commands
from sip.phone.commands import app, in_order, shown
from sip.phone.probe import anybody_there
from sip.phone.script import Conversation, ScriptStep, TranscriptLine, converse
from sip.phone.voice import PhoneVoice
from tests.phone.test_call import connected
from tests.phone.test_ear import tone
from tests.sip.bridge.caller import phones

NOBODY = "127.0.0.1:9"


def test_steps_are_taken_in_the_order_they_were_written() -> None:
    """The parser sorts by option; a call is a sequence."""
    argv = ["call", "--say", "one", "--dtmf", "1", "--say=two", "--wav", "x.wav"]

    steps = in_order(["one", "two"], ["1"], ["x.wav"], argv=argv)

    assert steps == [
        ScriptStep("say", "one"),
        ScriptStep("dtmf", "1"),
        ScriptStep("say", "two"),
        ScriptStep("wav", "x.wav"),
    ]


def test_a_system_that_is_down_is_said_in_one_line() -> None:
    """With the command that starts it, and exit status 1."""
    done = CliRunner().invoke(app, ["+441", "--server", NOBODY])

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"switchboard call: nothing answers SIP at {NOBODY}; start it with `switchboard up`"
    ]


def test_json_has_the_error_too() -> None:
    """A program that reads the output need not read two streams."""
    done = CliRunner().invoke(app, ["+441", "--server", NOBODY, "--json"])

    assert done.exit_code == 1
    assert "nothing answers SIP" in json.loads(done.stdout)["error"]


def test_a_sound_file_that_is_not_there_is_named() -> None:
    """Before anything is dialled."""
    done = CliRunner().invoke(app, ["--wav", "nowhere.wav", "--server", NOBODY])

    assert done.exit_code == 2
    assert "'nowhere.wav' cannot be played: there is no such file" in done.stderr


def test_without_a_number_and_without_a_plan_it_asks_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default is the first number of the plan, and there must be one."""
    monkeypatch.setenv("SWITCHBOARD_DIALPLAN", str(tmp_path / "none.yaml"))

    done = CliRunner().invoke(app, ["--server", NOBODY])

    assert done.exit_code == 1
    assert "say which number" in done.stderr


def test_a_line_shows_when_who_and_how_long_one_waited() -> None:
    """As the terminal shows a conversation."""
    assert (
        shown(TranscriptLine(3.2, "far end", "Hello.", 640)) == "   3.20  ◂ Hello.  (after 640 ms)"
    )
    assert shown(TranscriptLine(0.0, "phone", "keys 1")) == "   0.00  ▸ keys 1"


@pytest.mark.stack
async def test_a_phone_answers_the_question_whether_it_is_there() -> None:
    """OPTIONS is answered by a phone, and by nobody at a dead port."""
    async with Phone() as phone:
        await phone.be_reachable()
        host, _, port = phone.address.partition(":")

        assert await anybody_there(host, int(port))
    assert not await anybody_there("127.0.0.1", 9)


@pytest.mark.stack
@pytest.mark.parametrize(("patience", "tries"), [(0.0, 1), (60.0, 3)])
async def test_a_system_that_is_still_warming_up_is_tried_again(
    capsys: pytest.CaptureFixture[str],
    patience: float,
    tries: int,
) -> None:
    """503 and 480 may mean "not yet", and with patience that is said and tried again; 603 never
    does."""
    answers = [503, 480, 603, 200]
    invited: list[int] = []

    def refuse(transaction: ServerTransaction) -> None:
        invited.append(answers[len(invited)])
        transaction.respond(invited[-1])

    async with phones() as system:
        system.endpoint.on_invite = refuse
        host, port = system.endpoint.transport.address
        wanted = commands._Wanted(
            "+441", [], "+442", f"{host}:{port}", "", None, patience, again_s=0.05
        )
        with pytest.raises(commands._CallError, match=f"not put through: {answers[tries - 1]}"):
            await commands._call(wanted, quiet=False)

    assert len(invited) == tries
    assert capsys.readouterr().out.count("warming up, trying again") == tries - 1


class Deaf(PhoneVoice):
    """Speaks tones and understands lengths: no models in this test."""

    def __init__(self) -> None:
        super().__init__("/nonexistent")

    async def say(self, text: str):  # type: ignore[no-untyped-def]
        return tone(0.3), 8000

    async def understand(self, samples, rate):  # type: ignore[no-untyped-def]
        return f"{len(samples) / rate:.0f} s of sound"


@pytest.mark.stack
async def test_a_conversation_listens_speaks_and_listens_again() -> None:
    """Greeting, a step and its answer; then the far end hangs up, which is no error."""
    told: list[TranscriptLine] = []

    async def far_end(called: PhoneCall) -> None:
        await called.play(tone(0.8))
        await called.hears_reply(pause_s=0.5, timeout_s=20)
        await called.play(tone(0.8))
        await called.hears_reply(pause_s=0.5, timeout_s=20)
        await called.hang_up()

    async with Phone() as phone:
        calling, called = await connected(phone)
        playing = asyncio.create_task(far_end(called))
        conversation = await converse(
            calling,
            Deaf(),
            [ScriptStep("say", "My bill is wrong."), ScriptStep("say", "Goodbye.")],
            conversation=Conversation("+441", "+442"),
            tell=told.append,
        )
        await playing

    assert [(line.who, line.text) for line in conversation.lines] == [
        ("far end", "1 s of sound"),
        ("phone", "My bill is wrong."),
        ("far end", "1 s of sound"),
        ("phone", "Goodbye."),
    ]
    assert conversation.lines == told
    assert conversation.ended_by == "far end"
    assert conversation.greeting_ms is not None
    assert conversation.lines[2].gap_ms is not None
    assert json.dumps(conversation.as_json())


@pytest.mark.stack
async def test_a_greeting_that_began_before_the_answer_was_told_is_heard() -> None:
    """A busy machine learns late of the answer; one long sentence is under way then."""
    async with Phone() as phone:
        calling, called = await connected(phone)
        playing = asyncio.create_task(called.play(tone(1.5)))
        begun = await calling.hears_speech(after=0.0)
        calling.answered_at = begun.onset + 1.0
        conversation = await converse(
            calling, Deaf(), [], conversation=Conversation("+441", "+442"), tell=lambda _: None
        )
        await playing

    assert [line.text for line in conversation.lines] == ["2 s of sound"]
    assert conversation.greeting_ms == 0
    assert not conversation.silent
