from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from livekit.agents import APIConnectionError
from livekit.agents.types import APIConnectOptions

from agents.speech.client.client import SpeechClient
from agents.speech.client.tts import EmbeddedTTS
from agents.speech.intents.intents import IntentSet
from dialplans.contracts.speech_wire import SpeechGoneError
from tests.bench.words import errors
from tests.speech.conftest import SpeechProcess, Spoken

pytestmark = pytest.mark.speech

GREETING = "Thank you for calling. How can I help you?"


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeechProcess]:
    """A process of this module's own, to be killed."""
    process = SpeechProcess(tmp_path_factory.mktemp("mortal"))
    process.start()
    process.wait_ready()
    yield process
    if process.process and process.process.poll() is None:
        process.terminate()


@contextlib.asynccontextmanager
async def connected(process: SpeechProcess, patience_s: float) -> AsyncIterator[SpeechClient]:
    client = SpeechClient(process.socket, patience_s=patience_s)
    yield client
    await client.aclose()


async def test_calls_go_on_after_the_process_was_killed(
    mortal: SpeechProcess, voice: Spoken, reception: IntentSet
) -> None:
    """kill -9 in the middle of a decode: started again, the same question is answered, the intents
    are taught again, and nobody had to do anything."""
    said = "I have a question about my bill."
    async with connected(mortal, 60) as client:
        await client.ping()
        question = asyncio.create_task(client.recognise(voice(said).tobytes()))
        await asyncio.sleep(0.05)
        mortal.kill()
        mortal.start()
        heard = await question
        understood = await client.understand(heard.text, reception)

    assert errors(said, heard.text)[0] == 0
    assert understood.intent == "billing"


async def test_stock_sentences_are_said_while_the_process_is_away(mortal: SpeechProcess) -> None:
    """What was rendered ahead lies on disk: another client greets at once, with nobody there."""
    async with connected(mortal, 60) as client:
        rendered = await client.prerender([GREETING])
    await asyncio.to_thread(mortal.wait_ready)
    mortal.kill()

    async with connected(mortal, 0.2) as away:
        said = [part async for part in away.synthesise(GREETING)]
        with pytest.raises(SpeechGoneError):
            [part async for part in away.synthesise("Something new.", patience_s=0.2)]
    mortal.start()

    assert said == [rendered[GREETING]]


async def test_an_unrendered_sentence_falls_back_to_a_rendered_one(
    tmp_path: Path, mortal: SpeechProcess
) -> None:
    """While nobody can speak, the caller hears the stock apology instead of nothing."""
    async with connected(mortal, 60) as client:
        apology = (await client.prerender(["One moment please."]))["One moment please."]
    nobody = SpeechClient(tmp_path / "none", phrases=mortal.home / "phrases", patience_s=0.1)
    adapter = EmbeddedTTS(nobody, fallback="One moment please.", patience_s=0.1)

    async with adapter.synthesize("Your ticket number is 4711.") as stream:
        frame = await stream.collect()

    assert bytes(frame.data)[: len(apology)] == apology


async def test_without_a_fallback_the_session_learns_that_there_is_no_voice(
    tmp_path: Path,
) -> None:
    """An error that the session can act on, not silence."""
    adapter = EmbeddedTTS(SpeechClient(tmp_path / "none"), patience_s=0.05)
    errors_told: list[object] = []
    adapter.on("error", errors_told.append)

    stream = adapter.synthesize("Hello.", conn_options=APIConnectOptions(max_retry=0))
    with pytest.raises(APIConnectionError):
        async for _ in stream:
            pass
    await stream.aclose()

    assert errors_told


async def test_the_process_ends_cleanly_and_leaves_no_socket(mortal: SpeechProcess) -> None:
    """SIGTERM: exit status 0, the socket is gone, and whoever waited is told at once."""
    await asyncio.to_thread(mortal.wait_ready)
    async with connected(mortal, 30) as client:
        await client.ping()
        status = await asyncio.to_thread(mortal.terminate)

    assert status == 0
    assert not mortal.socket.exists()
