from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr

from agents.speech.client.client import SpeechClient
from agents.speech.intents.intents import IntentSet
from dialplans.contracts.speech_wire import (
    BACKGROUND,
    SPECULATIVE,
    Recognise,
    SpeechFailedError,
    SpeechGoneError,
    SpeechLine,
)
from tests.bench.words import errors
from tests.speech.conftest import ROOT, SpeechProcess, Spoken, silence, tones

pytestmark = pytest.mark.speech


async def test_what_was_said_is_heard(client: SpeechClient, voice: Spoken) -> None:
    """Speech in, words out; the figures say how long it took and waited."""
    said = "I have a question about my last invoice."

    heard = await client.recognise(voice(said).tobytes())

    assert errors(said, heard.text)[0] == 0
    assert heard.confidence > 0.5
    assert heard.ms > 0
    await client.aclose()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_what_nobody_said_is_not_heard(client: SpeechClient, language: str) -> None:
    """Silence, mains hum, a busy tone, DTMF and noise give no text; Whisper alone invents some."""
    noise = np.random.default_rng(1).normal(0, 1500, 16_000).astype(np.int16)
    sounds = {
        "silence": silence(1.0),
        "hum": tones(2.0, 50, 100, 150, level=1500),
        "busy": tones(1.0, 440, 480),
        "a loud busy tone": tones(1.0, 400, level=8000),
        "dtmf": np.concatenate([tones(0.2, 697, 1209), silence(0.1), tones(0.2, 852, 1477)]),
        "noise": noise,
    }

    heard = {
        name: (await client.recognise(sound.tobytes(), language)).text
        for name, sound in sounds.items()
    }

    assert heard == dict.fromkeys(sounds, "")
    await client.aclose()


async def test_a_sentence_is_spoken_so_that_it_is_understood(client: SpeechClient) -> None:
    """Synthesised, narrowed to 8 kHz and recognised again: amounts and dates survive."""
    said = "Your balance is €42.50, due on the 3rd of December."

    pcm = b"".join([part async for part in client.synthesise(said)])
    wide = np.frombuffer(pcm, np.int16).astype(np.float32)
    narrow = soxr.resample(soxr.resample(wide, 24_000, 8_000), 8_000, 16_000).astype(np.int16)
    heard = await client.recognise(narrow.tobytes())

    assert (
        errors("your balance is 42 euros and 50 cents due on the 3rd of december", heard.text)[0]
        <= 3
    )
    await client.aclose()


async def test_the_first_sentence_comes_before_the_last_is_rendered(client: SpeechClient) -> None:
    """A long answer is given sentence by sentence."""
    parts = [part async for part in client.synthesise("That is one. That is two. That is three.")]

    assert len(parts) == 3
    assert all(parts)
    await client.aclose()


async def test_intents_are_taught_once_and_understood(
    client: SpeechClient, reception: IntentSet
) -> None:
    """The client teaches a set that the process does not know, and asks again."""
    own = reception.model_copy(update={"threshold": 0.45})

    understood = await client.understand("my bill looks odd to me", own)
    nonsense = await client.understand("the whale swims in the deep blue sea", own)

    assert understood.intent == "billing"
    assert nonsense.intent is None
    assert nonsense.best
    await client.aclose()


async def test_only_what_a_persona_can_do_is_understood(
    client: SpeechClient, reception: IntentSet
) -> None:
    """`among` names the intents whose tools are there."""
    understood = await client.understand("billing please", reception, among=["support", "hours"])

    assert understood.intent != "billing"
    await client.aclose()


async def test_the_process_says_how_it_is_and_what_it_can(client: SpeechClient) -> None:
    """Doctor and status read this: processor, models by language, voices and their quality."""
    described = await client.ping()

    assert described.models == {"*": "whisper-base", "en": "whisper-tiny.en"}
    assert ("en", "neural") in {(voice.language, voice.quality) for voice in described.voices}
    assert described.cpu
    assert described.figures["rss_mb"] > 100
    await client.aclose()


async def test_urgent_work_overtakes_background_work(client: SpeechClient, voice: Spoken) -> None:
    """A caller who waits comes before prerendering and the test phone, whatever was asked first."""
    pcm = voice("One moment please, I have to look for the letter.").tobytes()
    done: list[str] = []

    async def ask(name: str, priority: int) -> None:
        await client.recognise(pcm, priority=priority)
        done.append(name)

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(ask(f"background {number}", BACKGROUND))
        await asyncio.sleep(0.02)
        group.create_task(ask("urgent", 0))

    assert done.index("urgent") < 5
    await client.aclose()


async def test_a_guess_nobody_wants_is_never_begun(client: SpeechClient, voice: Spoken) -> None:
    """Cancelled while it waits: no processor time is spent on it."""
    pcm = voice("One moment please, I have to look for the letter.").tobytes()
    before = (await client.ping()).figures.get("cancelled_n", 0)

    asked = [asyncio.create_task(client.recognise(pcm, priority=SPECULATIVE)) for _ in range(8)]
    await asyncio.sleep(0.05)
    for task in asked[4:]:
        task.cancel()
    heard = await asyncio.gather(*asked, return_exceptions=True)

    assert [isinstance(one, asyncio.CancelledError) for one in heard] == [False] * 4 + [True] * 4
    assert (await client.ping()).figures["cancelled_n"] == before + 4
    await client.aclose()


async def test_a_language_without_a_voice_is_refused_by_name(client: SpeechClient) -> None:
    """Nothing on the machine speaks Finnish: the caller of the client learns exactly that."""
    with pytest.raises(SpeechFailedError) as refused:
        [part async for part in client.synthesise("Hyvää päivää.", "fi")]

    assert refused.value.code == "no_voice"
    await client.aclose()


async def test_nonsense_on_the_socket_ends_that_connection_only(
    speech_process: SpeechProcess, client: SpeechClient
) -> None:
    """A frame that is not ours closes its own connection; the others' calls go on."""
    await client.ping()
    reader, writer = await asyncio.open_unix_connection(str(speech_process.socket))
    writer.write(struct.pack("<I", 5) + b"hello")
    await reader.read()
    writer.write(struct.pack("<I", 2**31))
    writer.close()

    assert (await client.ping()).pid
    await client.aclose()


async def test_a_second_process_is_refused(speech_process: SpeechProcess) -> None:
    """Two on one socket would halve the machine: the second says so and ends."""
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agents.speech", cwd=ROOT, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, env=_environment(speech_process.home),
    )  # fmt: skip
    _, said = await asyncio.wait_for(second.communicate(), 60)

    assert second.returncode == 1
    assert "another speech process" in said.decode()


async def test_a_wrong_setting_is_said_in_one_line() -> None:
    """A model that does not exist is refused with the ones that do."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agents.speech", cwd=ROOT, stderr=subprocess.PIPE,
        env=_environment(Path("/nonexistent")) | {"SWITCHBOARD_SPEECH_MODEL": "huge"},
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 60)

    assert process.returncode == 2
    assert "auto, base or tiny.en" in said.decode()


async def test_a_question_to_a_line_that_died_is_told_so(tmp_path: Path) -> None:
    """A server that hangs up in the middle is SpeechGoneError, not a hang."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.close()

    server = await asyncio.start_unix_server(hang_up, str(tmp_path / "s"))
    line = await SpeechLine.open(tmp_path / "s")
    with pytest.raises(SpeechGoneError):
        await line.ask(Recognise(pcm=b"\0\0"))
    await line.aclose()
    server.close()


def _environment(home: Path) -> dict[str, str]:
    import os

    return dict(os.environ) | {
        "SWITCHBOARD_HOME": str(home),
        "SWITCHBOARD_SPEECH_SOCKET": str(home / "speech.sock"),
        "SWITCHBOARD_SPEECH_MODEL": "base",
    }
