"""What a caller says or types that may be a secret is nowhere, asked for or not."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from livekit import rtc
from livekit.agents import UserInputTranscribedEvent, stt

from agents.call.audio_redaction import CALLER, LAG_S, OURS, WORDS_WITHIN_S, AudioRedaction
from agents.call.masking import TOGETHER_S, CallMasking
from agents.doctor import of_seal
from agents.job.recording import Recorder
from agents.job.seal import Seal
from agents.speech.models.text_normalisation import readable
from agents.stages.voicemail import VoicemailStage
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.jobs import SEALED
from dialplans.contracts.masking import MASKED
from dialplans.model import Recording
from tests.agents.calling import BILLING, PLAN, RECEPTION, Call, call_to
from tests.agents.job.test_recording import Ears, Mouth, levels
from tests.agents.personas.test_billing import traces
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls, says

MAILBOX = "+442079460900"
SECRETS = ("4711", "four seven one one", "seven", "siebenundvierzig")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def everything(call: Call) -> str:
    """The record, what the model read, the memory, and what a snapshot or a colleague gets."""
    talk = call.state.conversation
    return "\n".join([traces(call), *talk.heard, *talk.known, call.state.summary()])


@pytest.mark.parametrize(
    "said",
    ["my pin is four seven one one", "it's 47 11, that's my code", "four. seven. one. one.",
     "siebenundvierzig elf", "my number is 100 200 and the PIN is 4711"],
)  # fmt: skip
async def test_a_pin_said_before_anybody_asked_leaves_no_trace(tmp_path: Path, said: str) -> None:
    """Neither in the record nor in what the model reads, remembers, hands on or calls tools with.
    What is said beside it stays."""
    script = says("How can I help?"), calls("transfer_to_billing")
    async with call_to(RECEPTION, *script, home=tmp_path) as call:
        await call.says(f"Hello there, {said}")
        await call.says("I have a question about my bill")
        call.session_events.tell_held()
        await call.settled()

        left = everything(call)
        assert not [secret for secret in SECRETS if secret in left.lower()]
        assert "Hello there" in left
        assert any(MASKED in event.text for event in call.record.of("heard"))


async def test_a_number_in_two_breaths_is_masked_in_both(tmp_path: Path) -> None:
    """Also in what was written down after the first half."""
    async with call_to(RECEPTION, says("Yes?"), says("Sorry?"), home=tmp_path) as call:
        await call.says("well it is forty seven")
        await call.says("eleven, you know")
        call.session_events.tell_held()
        await call.settled()

        heard = [event.text for event in call.record.of("heard")]
        memory = str([call.session.history.to_dict(), call.stage.chat_ctx.to_dict()])
        assert heard == [f"well it is {MASKED}", f"{MASKED}, you know"]
        assert call.state.conversation.heard == heard
        assert "forty" not in memory
        assert "eleven" not in everything(call)


async def test_a_short_number_that_stays_alone_is_told(tmp_path: Path) -> None:
    """A moment later, since nothing followed."""
    async with call_to(RECEPTION, says("Yes?"), home=tmp_path) as call:
        await call.says("I live in number 42")
        waiting = call.record.of("heard")
        call.session_events.tell_held()
        await call.settled()

        assert waiting == []
        assert [event.text for event in call.record.of("heard")] == ["I live in number 42"]


async def test_words_that_are_not_said_to_the_end_tell_no_digit(tmp_path: Path) -> None:
    async with call_to(RECEPTION, home=tmp_path) as call:
        for part in ("my pin is four", "my pin is four seven"):
            heard = UserInputTranscribedEvent(transcript=part, is_final=False)
            call.session.emit("user_input_transcribed", heard)
        await call.settled()

        assert [e.text for e in call.record.of("heard")] == [f"my pin is {MASKED}"] * 2


async def test_a_number_to_call_back_belongs_into_a_message(tmp_path: Path) -> None:
    """It was asked for; a PIN in the same message was not, and after it nothing is."""
    message = "This is Tom, 07700 900123. And my PIN is 4711."
    script = calls("take_message"), calls("save_message", text="Tom, 07700 900123"), says("Yes?")
    async with call_to(RECEPTION, *script, home=tmp_path) as call:
        await call.says("I want to leave a message")
        await call.says("This is Tom, 07700 900123")
        saved = call.record.of("tool")[-1]
        await call.says("and the other one is 07700 900456")
        call.session_events.tell_held()
        await call.settled()
        heard = [event.text for event in call.record.of("heard")]

        assert saved.arguments == {"text": "Tom, 07700 900123"}
        assert heard[1] == "This is Tom, 07700 900123"
        assert "900456" not in heard[2]

    asked = CallMasking()
    asked.ask()
    assert "4711" not in asked.hear(message).masked


async def test_whoever_gives_their_number_unasked_is_identified_with_it(tmp_path: Path) -> None:
    """The step gets the digits; no model is asked what they mean."""
    async with call_to(BILLING, home=tmp_path) as call:
        await call.says("my customer number is one double oh two double oh")

        assert call.said[-1] == call.phrase("billing.ask_pin")
        assert call.script.asked == []

        await call.says("four seven one one")

        assert "Maya Okafor" in call.said[-1]
        assert "4711" not in everything(call)


async def test_our_own_voice_repeats_no_secret_in_the_record(tmp_path: Path) -> None:
    """A colleague who writes it down, or a model that guessed it; a price stays readable."""
    async with call_to(RECEPTION, says("Right."), says("So 4711 it is, or 77 pounds."),
                       home=tmp_path) as call:  # fmt: skip
        await call.says("my pin is four seven one one")
        await call.says("is that right?")
        call.session_events.tell_held()
        await call.settled()

        assert call.said[-1] == f"So {MASKED} it is, or 77 pounds."
        assert call.state.masking.said("die vier sieben elf") == f"die {MASKED}"
        assert call.state.masking.said("Ticket 4001, by 5 pm") == "Ticket 4001, by 5 pm"


async def test_a_recogniser_is_masked_before_the_session_hears_it(tmp_path: Path) -> None:
    """Guesses, which a model may answer ahead of the turn's end, as well as the last word; the
    step still gets the words as they were said."""

    def event(kind: stt.SpeechEventType, text: str) -> stt.SpeechEvent:
        said = stt.SpeechData(language="en", text=text)  # type: ignore[arg-type]
        return stt.SpeechEvent(type=kind, alternatives=[said, said])

    async with call_to(RECEPTION, home=tmp_path) as call:
        kinds = stt.SpeechEventType
        said = "my pin is four seven one one"
        masked = [
            call.stage._discreet(event(kind, said))
            for kind in (
                kinds.INTERIM_TRANSCRIPT,
                kinds.PREFLIGHT_TRANSCRIPT,
                kinds.FINAL_TRANSCRIPT,
            )
        ]
        (turn,) = call.state.masking.to_answer(masked[-1].alternatives[0].text)

        assert [e.alternatives[0].text for e in masked] == [f"my pin is {MASKED}"] * 3
        assert all(len(e.alternatives) == 1 for e in masked)
        assert turn.raw == said


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_sentences_far_from_each_other_are_no_number() -> None:
    clock = Clock()
    masking = CallMasking(clock)
    first = masking.hear("it was forty seven")
    clock.now += TOGETHER_S + 1
    second = masking.hear("eleven")

    assert not first.secret
    assert not second.secret


def test_while_sealed_a_sentence_with_digits_is_masked_as_a_whole() -> None:
    masking = CallMasking()
    masking.sealed = True

    assert masking.hear("it's one").masked == MASKED
    assert masking.preview("one double") == MASKED
    assert masking.hear("I don't have it").masked == "I don't have it"


# Sound.


def test_sound_is_kept_once_its_words_are_known() -> None:
    """A sentence waits for its words, ours for their end, a key for the next one; what holds a
    secret is not kept, and what has no words is not waited for for ever."""
    clock = Clock()
    redaction = AudioRedaction(clock)
    free = redaction.decided()
    redaction.begins(CALLER, clock.now)
    clock.now += 5
    speaking = redaction.decided()
    redaction.sentence("one", speaking=False)
    clock.now += 5
    waiting = redaction.decided()
    redaction.end("one", secret=True)
    after = redaction.decided()

    assert free == 100.0 - LAG_S
    assert speaking == waiting < 100.0
    assert after == 110.0 - LAG_S
    assert redaction.is_secret(CALLER, 101.0, 101.1)
    assert not redaction.is_secret(OURS, 101.0, 101.1)
    assert not redaction.is_secret(CALLER, 106.0, 107.0)

    redaction.begins(CALLER, clock.now)
    redaction.stops()
    clock.now += WORDS_WITHIN_S + 1

    assert redaction.decided() == clock.now - LAG_S


@pytest.mark.real_time
async def test_a_sentence_with_a_secret_is_silence_in_the_recording(tmp_path: Path) -> None:
    """From its first sound on, though its words are known only afterwards, and ours where we repeat
    it; what was said before and after is there."""
    async with call_to(RECEPTION, home=tmp_path) as call:
        call.session.input.audio = Ears()
        call.session.output.audio = Mouth()
        call.state.recorder = recorder = Recorder(call.session)
        await recorder.start(Recording.model_validate({"consent": "announce"}))
        await asyncio.sleep(2.0)
        call.state.audio_redaction.begins(CALLER, call.state.audio_redaction._clock())
        await asyncio.sleep(1.5)
        call.session.emit(
            "user_input_transcribed",
            UserInputTranscribedEvent(transcript="my pin is 4711", is_final=True),
        )
        await asyncio.sleep(2.5)
        await recorder.close()
        await call.settled()
        (event,) = call.record.of("recorded")

    loud = levels(tmp_path / event.file) > 500
    runs = [(sound, len(list(tenths))) for sound, tenths in itertools.groupby(loud)]
    runs = [run for run in runs if run[1] >= 3]
    assert [sound for sound, _ in runs][:3] == [True, False, True]
    assert 15 <= runs[1][1] <= 32


# Keys.


class Tells:
    """A room that notes what its agent says of itself; `gone` cannot be told anything."""

    def __init__(self, *, gone: bool = False) -> None:
        self.local_participant = self
        self.gone = gone
        self.told: list[str] = []

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        await asyncio.sleep(0)
        if self.gone:
            raise RuntimeError("not connected")
        self.told.append(attributes[SEALED])


async def test_the_leg_is_told_to_seal_and_to_open_again() -> None:
    """The last word counts, also of those that come while one is on its way."""
    room = Tells()
    seal, lost = Seal(room), Seal(Tells(gone=True))  # type: ignore[arg-type]
    for on in (True, False, True):
        seal.set(on)
        await asyncio.sleep(0.01)
    for on in (False, True, False):
        seal.set(on)
        lost.set(on)
    await asyncio.sleep(0.01)
    await seal.close()
    await lost.close()

    assert room.told == ["yes", "", "yes", ""]


async def test_what_could_not_be_told_while_the_room_was_away_is_told_when_it_is_back() -> None:
    room = Tells(gone=True)
    seal = Seal(room)  # type: ignore[arg-type]
    seal.set(True)
    await asyncio.sleep(0.01)
    room.gone = False
    seal.again()
    seal.again()
    await asyncio.sleep(0.01)
    await seal.close()

    assert room.told == ["yes"]


async def test_a_person_who_takes_a_sealed_call_hears_the_caller(tmp_path: Path) -> None:
    from agents.stages.takeover import fall_silent, speak_again

    told: list[bool] = []
    async with call_to(BILLING, calls("balance"), home=tmp_path) as call:
        call.state.guard = told.append
        await call.says("my balance")
        sealed = list(told)
        await fall_silent(call.session, Actor(ActorKind.AGENT, "Ann"))
        taken = told[-1]
        await speak_again(call.session)

        assert sealed[-1] is True
        assert taken is False
        assert told[-1] is True


async def test_what_is_typed_ahead_of_a_question_is_a_number_from_its_first_key(
    tmp_path: Path,
) -> None:
    """The first key may open the sealed step itself; whoever waits for the question has chosen."""
    from agents.job.dtmf import DtmfKeys

    async with call_to(BILLING, home=tmp_path) as call:
        keys = DtmfKeys(call.state)
        keys.pressed("1", choice=True)
        call.state.sealed = True
        for digit in "00200":
            keys.pressed(digit, choice=True)
        call.state.sealed = False
        keys.close()
        keys.pressed("1", choice=True)
        keys.answered(call.state.audio_redaction._clock())
        keys.pressed("9", choice=True)
        keys.pressed("4", choice=False)
        keys.close()
        for digit in "4711":
            keys.pressed(digit, choice=True)
        keys.close()
        await call.settled()

        shown = "".join(event.digit for event in call.record.of("dtmf"))
        assert shown == "••••••" + "1" + "••" + "••••"
        assert call.state.masking.repeats("4711")


async def test_one_key_alone_is_no_number(tmp_path: Path) -> None:
    """Though nobody offered it; a second one soon after it is more of the same, however slowly it
    is typed, and so is one too many after a secret."""
    from agents.job.dtmf import DtmfKeys

    async with call_to(BILLING, home=tmp_path) as call:
        for slowly in (True, False):
            keys = DtmfKeys(call.state)
            for digit in "68":
                keys.pressed(digit, choice=False)
                if slowly:
                    keys.close()
            keys.close()
        keys = DtmfKeys(call.state)
        call.state.sealed = True
        keys.pressed("4", choice=False)
        call.state.sealed = False
        keys.pressed("7", choice=False)
        keys.close()
        await call.settled()

        assert "".join(event.digit for event in call.record.of("dtmf")) == "6•" + "••" + "••"


async def test_keys_that_are_offered_are_choices(tmp_path: Path) -> None:
    """Those of the persona's intents, and of menus; not what a sealed step takes."""
    async with call_to(BILLING, calls("balance"), home=tmp_path, staff=Staff()) as call:
        offered = [digit for digit in "0123456789*#" if call.stage.offers(digit)]
        await call.says("my balance")
        sealed = [digit for digit in "0123456789*#" if call.stage.offers(digit)]

        assert "1" in offered
        assert "7" not in offered
        assert sealed == []


async def test_a_secret_in_a_message_is_neither_in_its_words_nor_in_its_sound(
    tmp_path: Path,
) -> None:
    """A number to call back is what messages are for, and stays."""
    text = PLAN.replace("messages: {max: 1s}", "messages: {max: 30s}")
    second = rtc.AudioFrame(np.full(16_000, 9000, np.int16).tobytes(), 16_000, 1, 16_000)
    async with call_to(MAILBOX, home=tmp_path, text=text) as call:
        box = call.stage
        assert isinstance(box, VoicemailStage)
        await until(lambda: box._writer is not None)
        for said in ("call me back on 07700 900123", "my PIN is four seven one one", "thank you"):
            box._record(second)
            await call.says(said)
        await call.presses("#")
        await until(lambda: call.record.of("voice_message"))
        (message,) = call.record.of("voice_message")

    sound, _ = soundfile.read(tmp_path / message.file)
    loud = [bool(np.abs(sound[at : at + 16_000]).max()) for at in (0, 16_000, 32_000)]
    assert loud == [True, False, True]
    assert message.text == f"call me back on 07700 900123 my PIN is {MASKED} thank you"


def test_a_colleague_is_told_that_there_was_a_number() -> None:
    """Not how many dots stand for it."""
    assert readable("Last said: “my PIN is ••••”") == "Last said: “my PIN is a number”"
    assert readable("Zuletzt: “die PIN ist ••••”", "de") == "Zuletzt: “die PIN ist eine Zahl”"


def test_the_doctor_says_what_another_leg_cannot_do() -> None:
    (found,) = of_seal("livekit-sip")

    assert "PIN" in found.why
    assert of_seal("bridge") == of_seal("") == []
