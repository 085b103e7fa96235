"""What a caller says while the announcement of a recording is still being played."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit.agents import UserInputTranscribedEvent
from livekit.agents.voice.speech_handle import SpeechHandle

from agents.personas.consent import objects_to_recording
from tests.agents.calling import RECEPTION, Call, call_to
from tests.agents.job.test_recording import Tapes, recorded
from tests.fakes.language_model import calls, says


@pytest.fixture(autouse=True)
def a_second_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a line to play it on, everything that is said is over at once."""
    played = SpeechHandle.wait_for_playout

    async def slowly(handle: SpeechHandle) -> None:
        await played(handle)
        await asyncio.sleep(1.0)

    monkeypatch.setattr(SpeechHandle, "wait_for_playout", slowly)


async def announced(call: Call, *words: str) -> None:
    """Put through to a persona that is recorded, the caller speaks into the announcement."""
    through = asyncio.create_task(call.says("billing, please"))
    async with asyncio.timeout(30):
        while not getattr(getattr(call.stage, "consent", None), "_announcing", False):
            await asyncio.sleep(0.01)
    for text in words:
        heard = UserInputTranscribedEvent(transcript=text, is_final=True)
        call.session.emit("user_input_transcribed", heard)
    await through
    await call.settled(1.5)


async def test_it_is_answered_when_the_announcement_is_over(tmp_path: Path) -> None:
    """The announcement is heard to its end; then the answer comes instead of a greeting."""
    tapes, text = Tapes(), recorded("announce")
    script = calls("transfer_to_billing"), says("Which invoice is it?")
    async with call_to(RECEPTION, *script, home=tmp_path, text=text, recorder=tapes) as call:
        await announced(call, "I have a question", "about my invoice")

        assert call.said[-2:] == [call.phrase("recording.announce"), "Which invoice is it?"]
        assert call.phrase("billing.greeting") not in call.said
        assert tapes.told[-1] == "start"
        assert call.state.conversation.heard[-1] == "I have a question about my invoice"


async def test_an_objection_counts_before_anything_is_recorded(tmp_path: Path) -> None:
    tapes, text = Tapes(), recorded("announce")
    script = (calls("transfer_to_billing"),)
    async with call_to(RECEPTION, *script, home=tmp_path, text=text, recorder=tapes) as call:
        await announced(call, "please don't record this")

        assert "start" not in tapes.told
        assert call.state.consent == "refused"
        assert call.said[-2:] == [call.phrase("recording.stopped"), call.phrase("billing.greeting")]


async def test_who_says_nothing_is_greeted(tmp_path: Path) -> None:
    """And the session hears as it did before."""
    tapes, text = Tapes(), recorded("announce")
    script = (calls("transfer_to_billing"),)
    async with call_to(RECEPTION, *script, home=tmp_path, text=text, recorder=tapes) as call:
        before = call.session.turn_detection
        await announced(call, "  ")

        assert call.said[-1] == call.phrase("billing.greeting")
        assert call.session.turn_detection == before
        assert call.session.options.interruption["discard_audio_if_uninterruptible"]


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("no", True),
        ("nein, das möchte ich nicht", True),
        ("I do not want to be recorded", True),
        ("bitte keine Aufnahme", True),
        ("stop the recording", True),
        ("ohne Aufzeichnung bitte", True),
        ("my internet is not working", False),
        ("I have lost a record", False),
        ("ich kann meine Rechnung nicht finden", False),
        ("yes that is fine", False),
        ("", False),
    ],
)
def test_another_no_means_something_else(text: str, objects: bool) -> None:
    announcement = "This call is recorded to improve our service. Press hash to stop that."

    assert objects_to_recording(text, announcement) is objects
