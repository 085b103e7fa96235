"""A voice from elsewhere that fails or hangs gives way to our own, and our own to what it has."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit.agents import APIConnectOptions, tts

from agents.company.phrases import phrases
from agents.providers.models import choose
from agents.providers.session_factory import VOICE_LOST, SessionFactory
from agents.providers.tts_deadline import DeadlineTTS
from agents.settings import Settings
from agents.speech.client.client import SpeechClient
from agents.speech.prerender_cache import PrerenderCache

SENTENCE = "You owe nothing."
OURS = b"\x01\x02" * 4800
"""What our own voice is known to say in place of a rendered sentence."""
SOON = APIConnectOptions(max_retry=0, timeout=0.5)


@contextlib.asynccontextmanager
async def voice_server(trouble: str) -> AsyncIterator[str]:
    """Speaks HTTP as an OpenAI-compatible voice does, up to the point where it does not."""

    over = asyncio.Event()
    open_lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_lines.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if trouble == "hangs":
                await over.wait()
            writer.write(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()
        over.set()
        await asyncio.gather(*open_lines, return_exceptions=True)


def providers(home: Path, setting: str, environment: dict[str, str]) -> SessionFactory:
    """Without a speech process: what our voice can say lies on the disk."""
    settings = Settings(home=home, tts=setting)
    client = SpeechClient(home / "none.sock", patience_s=0.1)
    return SessionFactory(
        choose(settings, environment, turn_files=False),
        settings,
        client,
        "en",
        None,  # type: ignore[arg-type]
    )


async def spoken(voice: tts.TTS, text: str) -> bytes:  # type: ignore[type-arg]
    async with voice.synthesize(text, conn_options=SOON) as stream:
        return bytes((await stream.collect()).data)


@pytest.mark.parametrize("trouble", ["fails", "hangs"])
async def test_our_own_voice_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """The caller hears the same sentence in another voice, and soon."""
    PrerenderCache(tmp_path / "phrases").put(SENTENCE, "en", "", OURS, keep=True)
    async with voice_server(trouble) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", "unused")
        made = providers(tmp_path, "plugin:openai/tts-1:alloy", {"OPENAI_API_KEY": "unused"})
        voice = made.tts()

        said = await asyncio.wait_for(spoken(voice, SENTENCE), 10)

        assert said[: len(OURS)] == OURS

        await voice.aclose()
    await made.speech.aclose()


class Words(tts.SynthesizeStream):
    """Says a hundredth of a second for each piece of text, or nothing at all."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, Talker)
        output_emitter.initialize(
            request_id="r", sample_rate=24_000, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id="s")
        async for piece in self._input_ch:
            if isinstance(piece, str):
                if voice.hangs:
                    await asyncio.sleep(30)
                output_emitter.push(b"\x05\x06" * 240)
        output_emitter.flush()


class Talker(tts.TTS):  # type: ignore[type-arg]
    """A voice that speaks while the text is still coming, as the cloud's do."""

    def __init__(self, *, hangs: bool = False) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True), sample_rate=24_000, num_channels=1
        )
        self.hangs = hangs

    def synthesize(self, text: str, **_: object) -> tts.ChunkedStream:
        raise NotImplementedError

    def stream(self, *, conn_options: APIConnectOptions = SOON) -> tts.SynthesizeStream:
        return Words(tts=self, conn_options=conn_options)


@pytest.mark.parametrize("hangs", [True, False])
async def test_a_voice_that_speaks_along_has_its_time_from_the_last_word(
    tmp_path: Path, hangs: bool
) -> None:
    """A model that thinks longer than the voice may take is no fault of the voice."""
    PrerenderCache(tmp_path / "phrases").put(SENTENCE, "en", "", OURS, keep=True)
    made = providers(tmp_path, "embedded", {})
    voice = tts.FallbackAdapter(
        [DeadlineTTS(Talker(hangs=hangs), 0.3), made.tts()], max_retry_per_tts=0
    )
    async with voice.stream(conn_options=SOON) as stream:
        await asyncio.sleep(0.5)
        stream.push_text(SENTENCE)
        stream.end_input()
        said = b"".join([bytes(piece.frame.data) async for piece in stream])

    assert said.startswith(OURS[:480] if hangs else b"\x05\x06" * 240)

    await voice.aclose()
    await made.speech.aclose()


async def test_our_own_voice_says_that_it_is_lost(tmp_path: Path) -> None:
    """With no speech process there is still a sentence that was rendered ahead, and a way on."""
    lost = phrases("en").say(VOICE_LOST)
    PrerenderCache(tmp_path / "phrases").put(lost, "en", "", OURS, keep=True)
    made = providers(tmp_path, "embedded", {})
    voice = made.tts()
    voice.patience_s = 0.1  # type: ignore[attr-defined]

    assert (await spoken(voice, "Your ticket number is 7."))[: len(OURS)] == OURS
    assert "press 0" in lost

    await made.speech.aclose()


async def test_what_is_rendered_ahead_is_never_another_voice(tmp_path: Path) -> None:
    """Else a cloud that is down when the worker starts would be heard as our voice for good."""
    made = providers(tmp_path, "plugin:openai/tts-1:alloy", {"OPENAI_API_KEY": "k"})

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", "k")

        assert not isinstance(made.voice(), tts.FallbackAdapter)
        assert isinstance(made.tts(), tts.FallbackAdapter)

    await made.speech.aclose()
