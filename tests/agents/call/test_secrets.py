"""What a caller says that may be a secret is in no words, asked for or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit.agents import UserInputTranscribedEvent, stt

from agents.call.masking import TOGETHER_S, CallMasking
from agents.speech.models.text_normalisation import readable
from dialplans.contracts.masking import MASKED
from tests.agents.call.clock import Clock
from tests.agents.calling import BILLING, RECEPTION, Call, call_to
from tests.agents.traces import of_call
from tests.fakes.language_model import calls, says

SECRETS = ("4711", "four seven one one", "seven", "siebenundvierzig")


def everything(call: Call) -> str:
    """The record, what the model read, the memory, and what a snapshot or a colleague gets."""
    talk = call.state.conversation
    return "\n".join([of_call(call), *talk.heard, *talk.known, call.state.summary()])


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


def test_a_colleague_is_told_that_there_was_a_number() -> None:
    """Not how many dots stand for it."""
    assert readable("Last said: “my PIN is ••••”") == "Last said: “my PIN is a number”"
    assert readable("Zuletzt: “die PIN ist ••••”", "de") == "Zuletzt: “die PIN ist eine Zahl”"
