"""Nobody is recorded without knowing it, nor against their will, nor for longer than is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agents.job.recording import Recorder, folder_name, sweep
from agents.personas.consent import ANSWER_WITHIN_S, answer_in
from dialplans.model import Recording
from tests.agents.calling import BILLING, PLAN, call_to
from tests.agents.sounds import Ears, Mouth, levels, stretches
from tests.fakes.contact_centre import Staff
from tests.fakes.language_model import calls

NUMBER, PIN = "100200", "4711"


class Tapes:
    """In the place of `agents.job.recording.Recorder`: what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def start(self, rule: Recording) -> None:
        self.told.append("start")

    def pause(self) -> None:
        self.told.append("pause")

    async def discard(self) -> None:
        self.told.append("discard")


def recorded(consent: str) -> str:
    return PLAN.replace("billing: {prompt", f"billing: {{record: {consent}, prompt", 1)


async def test_it_is_said_before_anything_is_recorded(tmp_path: Path) -> None:
    """First the announcement to its end, then the recording, then the persona's greeting."""
    tapes = Tapes()
    async with call_to(BILLING, home=tmp_path, text=recorded("announce"), recorder=tapes) as call:
        assert call.said == [call.phrase("recording.announce"), call.phrase("billing.greeting")]
        assert tapes.told == ["start"]
        assert call.state.consent == "given"


async def test_a_persona_that_does_not_record_says_nothing_about_it(tmp_path: Path) -> None:
    tapes = Tapes()
    async with call_to(BILLING, home=tmp_path, recorder=tapes) as call:
        assert call.said == [call.phrase("billing.greeting")]
        assert tapes.told == []


@pytest.mark.parametrize("way", ["key", "words"])
async def test_whoever_objects_is_not_recorded_any_more(tmp_path: Path, way: str) -> None:
    """What there was is deleted, and no later persona begins again or asks again."""
    tapes = Tapes()
    script = calls("stop_recording"), calls("back_to_reception"), calls("transfer_to_billing")
    script = script if way == "words" else script[1:]
    text = recorded("announce")
    async with call_to(BILLING, *script, home=tmp_path, text=text, recorder=tapes) as call:
        if way == "words":
            await call.says("do not record me")
        else:
            await call.presses("#")

        assert call.said[-1] == call.phrase("recording.stopped")
        assert tapes.told == ["start", "pause", "discard"]

        await call.says("back to reception")
        await call.says("and to billing again")

        assert call.stage.place == "persona billing"
        assert "start" not in tapes.told[1:]
        assert call.said.count(call.phrase("recording.announce")) == 1


@pytest.mark.parametrize(
    ("answer", "agreed"),
    [("1", True), ("2", False), ("yes, that is fine", True), ("no", False), (None, False)],
)
async def test_asked_only_a_yes_is_a_yes(tmp_path: Path, answer: str | None, agreed: bool) -> None:
    """By key or word; whoever says nothing has not agreed."""
    tapes = Tapes()
    async with call_to(BILLING, home=tmp_path, text=recorded("ask"), recorder=tapes) as call:
        assert call.said == [call.phrase("recording.ask")]

        if answer and answer.isdigit():
            await call.presses(answer)
        elif answer:
            await call.says(answer)
        await call.hears("billing.greeting", within=ANSWER_WITHIN_S + 2)
        await call.settled()

        assert call.said[-1] == call.phrase("billing.greeting")
        assert ("start" in tapes.told) is agreed
        assert call.state.consent == ("given" if agreed else "refused")


async def test_only_the_part_of_the_persona_is_recorded(tmp_path: Path) -> None:
    """Leaving it is a pause; coming back goes on without a second announcement."""
    tapes = Tapes()
    script = calls("back_to_reception"), calls("transfer_to_billing")
    text = recorded("announce")
    async with call_to(BILLING, *script, home=tmp_path, text=text, recorder=tapes) as call:
        await call.says("reception please")

        assert tapes.told == ["start", "pause"]

        await call.says("billing again")

        assert tapes.told[-1] == "start"
        assert call.said.count(call.phrase("recording.announce")) == 1


@pytest.mark.parametrize(
    ("text", "agreed"),
    [("Yes.", True), ("ja, gerne", True), ("no thanks", False), ("I do not want that", False),
     ("nein", False), ("kein Problem, ja", False), ("who is speaking?", None),
     ("Of course.", True), ("na klar", True), ("I have no idea", False), ("not yet", False)],
)  # fmt: skip
def test_answers(text: str, agreed: bool | None) -> None:
    """Where both are heard it is a no: a wrong no costs nothing."""
    assert answer_in(text) is agreed


async def test_a_wish_beside_the_answer_is_not_lost(tmp_path: Path) -> None:
    """ "Yes, but a person, please" agrees, and reaches a person."""
    text, tapes = recorded("ask"), Tapes()
    staff = Staff("support")
    call = call_to(BILLING, calls("person"), home=tmp_path, text=text, recorder=tapes, staff=staff)
    async with call as found:
        await found.says("yes but can I speak to a person")
        await found.until("queue support")

        assert found.state.consent == "given"


def test_recordings_are_deleted_when_their_time_is_over(tmp_path: Path) -> None:
    """A day late at the most; what is kept for good, and what is not ours, stays."""
    days = folder_name(date(2026, 11, 23)), folder_name(date(2026, 11, 24))
    for name in (*days, "kept", "until-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "call.ogg").write_bytes(b"x")

    assert sweep(tmp_path, date(2026, 11, 24)) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept", "until-2026-11-24", "until-x"]


@pytest.mark.real_time
async def test_a_sealed_step_is_silence_in_the_file(tmp_path: Path) -> None:
    """The caller is there before and after it. The record names the file and until when it is."""
    async with call_to(BILLING, home=tmp_path) as call:
        call.session.input.audio = ears = Ears()
        call.session.output.audio = Mouth()
        call.state.recorder = recorder = Recorder(call.session)
        await recorder.start(Recording.model_validate({"consent": "announce", "keep": "30d"}))
        await ears.hears(1.0)
        call.state.sealed = True
        await ears.hears(1.0)
        call.state.sealed = False
        await ears.hears(1.0)
        await recorder.close()
        await call.settled()
        (event,) = call.record.of("recorded")

    loud = levels(tmp_path / event.file)
    assert event.until == "2026-12-24"
    assert "/until-2026-12-24/" in event.file
    heard = stretches(loud > 500)
    assert [sound for sound, _ in heard][:3] == [True, False, True]
    assert 5 <= heard[1][1] <= 15
    assert np.median(loud[loud <= 500]) < 50


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a job that was killed while it recorded: no more of it than was written."""
    home = tmp_path_factory.mktemp("killed")

    async def record() -> Path:
        async with call_to(BILLING, home=home) as call:
            call.session.input.audio = Ears()
            call.session.output.audio = Mouth()
            recorder = Recorder(call.session)
            await recorder.start(Recording.model_validate({"consent": "announce", "keep": "30d"}))
            while playable(home / "recordings") < 3.5:
                await asyncio.sleep(0.5)
            (open_file,) = (home / "recordings").rglob("*.part")
            file = Path(shutil.copy(open_file, home / open_file.name))
            await recorder.close()
            return file

    return asyncio.run(record())


def playable(folder: Path) -> float:
    """Seconds of the file in it that is being written, as far as it can be read."""
    for file in folder.rglob("*.part"):
        with contextlib.suppress(EOFError, OSError, ValueError, IndexError):
            return len(levels(file)) / 10
    return 0.0


@pytest.fixture
def left(tmp_path: Path, cut_off: Path) -> Path:
    """What it left, where the next job of the call looks."""
    folder = tmp_path / "recordings" / "until-2026-12-24"
    folder.mkdir(parents=True)
    return Path(shutil.copy(cut_off, folder / cut_off.name))


@pytest.mark.real_time
async def test_what_a_job_that_died_had_recorded_is_reported_by_the_next(
    tmp_path: Path, left: Path
) -> None:
    """As long as it can be heard, with the day until which it is kept; its own part as well. What
    is of no use, or of another call, is left out."""
    (left.parent / left.name.replace("call-", "call-other-")).write_bytes(b"")
    (left.parent / f"20261124T000000Z-{left.name.partition('Z-')[2]}").write_bytes(b"OggS")
    async with call_to(BILLING, home=tmp_path) as call:
        call.session.input.audio = Ears()
        call.session.output.audio = Mouth()
        call.state.recorder = recorder = Recorder(call.session)
        recorder.resumed = True
        await recorder.start(Recording.model_validate({"consent": "announce"}))
        await asyncio.sleep(1.0)
        await recorder.close()
        await call.settled()
        first, own = call.record.of("recorded")

    assert (first.file, first.until) == (f"recordings/until-2026-12-24/{left.stem}", "2026-12-24")
    assert len(levels(tmp_path / first.file)) == pytest.approx(first.seconds * 10, abs=2)
    assert 3 < first.seconds < 9
    assert own.until is None
    assert "/kept/" in own.file
    assert [file.name for file in left.parent.rglob("*.part")] == [
        left.name.replace("call-", "call-other-")
    ]


@pytest.mark.real_time
async def test_who_is_not_to_be_recorded_loses_nothing_to_a_job_that_died(
    tmp_path: Path, left: Path
) -> None:
    """Objecting after a resume deletes what there was, also what was finished and reported."""
    reported = left.with_name("20261124T095900Z-" + left.stem.partition("Z-")[2])
    shutil.copy(left, reported)
    async with call_to(BILLING, home=tmp_path) as call:
        call.state.recorder = recorder = Recorder(call.session)
        recorder.resumed = True
        call.state.consent = "refused"
        await recorder.close()
        await call.settled()

        assert call.record.of("recorded") == []

    assert list(left.parent.iterdir()) == []


def test_a_file_that_nobody_finished_is_not_kept_for_ever(tmp_path: Path) -> None:
    """Its job died, and no other came: nobody could find it, nor delete it with its call."""
    old, new = tmp_path / "kept" / "old.ogg.part", tmp_path / "kept" / "new.ogg.part"
    old.parent.mkdir()
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (1_700_000_000, 1_700_000_000))

    sweep(tmp_path, date(2026, 11, 24))

    assert [file.name for file in old.parent.iterdir()] == ["new.ogg.part"]
