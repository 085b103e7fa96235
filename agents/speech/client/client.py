"""How a job talks to the speech process, also while that is being restarted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from agents.speech.intents.intent_training import lesson
from agents.speech.intents.intents import IntentSet
from agents.speech.prerender_cache import PrerenderCache
from dialplans.contracts.speech_wire import (
    BACKGROUND,
    URGENT,
    Audio,
    Describe,
    Description,
    Hurry,
    Recognise,
    Recognised,
    Reply,
    Request,
    SpeechFailedError,
    SpeechGoneError,
    SpeechLine,
    Synthesise,
    Understand,
    Understood,
)

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=Reply)

PATIENCE_S = 8.0
"""A restarted process loads its models in about four seconds."""
RETRY_S = 0.1


class SpeechClient:
    """One connection, shared by all that a call asks; it is made again when the process comes back.

    Every question may be asked twice when the process dies in between: none of them changes
    anything. After `patience_s` without a process they raise SpeechGoneError.
    """

    def __init__(
        self, path: Path | str, *, phrases: Path | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        self._path = Path(path)
        self._patience_s = patience_s
        self._phrases = PrerenderCache(
            phrases or self._path.parent / "phrases", memory_bytes=8 * 1024 * 1024
        )
        self._line: SpeechLine | None = None
        self._connecting = asyncio.Lock()
        self._taught: dict[str, IntentSet] = {}

    async def recognise(
        self,
        pcm: bytes,
        language: str = "en",
        *,
        digits: Collection[int] = (),
        priority: int = URGENT,
    ) -> Recognised:
        """`pcm` is 16-bit mono at 16 kHz. `digits`: the lengths of a number that the caller was
        asked for. Cancelling the task drops the question."""
        question = Recognise(pcm=pcm, language=language, digits=list(digits), priority=priority)
        return await self._ask(question, Recognised)

    async def start_recognising(self, request: Recognise) -> tuple[int, asyncio.Task[Recognised]]:
        """For a speculative decode: the question's number for `hurry`, and its answer."""
        line = await self._connected()
        numbered = msgspec.structs.replace(request, id=line.next_id())
        return numbered.id, asyncio.create_task(self._ask(numbered, Recognised))

    def hurry(self, number: int, priority: int = URGENT) -> None:
        """The caller did stop: what was a guess is now waited for."""
        if self._line is not None and not self._line.gone:
            self._line.tell(Hurry(of=number, priority=priority))

    async def synthesise(
        self,
        text: str,
        language: str = "en",
        *,
        voice: str = "",
        patience_s: float | None = None,
    ) -> AsyncIterator[bytes]:
        """24 kHz 16-bit mono, sentence by sentence; known phrases without asking anybody.

        If the process dies in the middle, the sentences already given are not given again. Raises
        SpeechGoneError after `patience_s`, SpeechFailedError("no_voice") for a language without.
        """
        if (known := self._phrases.get(text, language, voice)) is not None:
            yield known
            return
        request = Synthesise(text=text, language=language, voice=voice)
        deadline = self._deadline(patience_s)
        given = 0
        while True:
            line = await self._connected(deadline)
            try:
                async for skip, reply in _numbered(line.stream(request)):
                    if isinstance(reply, Audio) and reply.pcm and skip >= given:
                        given += 1
                        yield reply.pcm
                return
            except SpeechGoneError:
                if asyncio.get_running_loop().time() >= deadline:
                    raise

    async def prerender(self, texts: Iterable[str], language: str = "en") -> dict[str, bytes]:
        """Audio of stock sentences; rendered once a host, then read from disk."""
        found = {}
        for text in texts:
            if (pcm := self._phrases.get(text, language)) is None:
                pcm = await self._render(text, language)
                self._phrases.put(text, language, "", pcm)
            found[text] = pcm
        return found

    def known_phrase(self, text: str, language: str = "en") -> bytes | None:
        """Audio that needs no process, if this sentence was rendered ahead."""
        return self._phrases.get(text, language)

    async def understand(
        self, text: str, intents: IntentSet, language: str = "en", *, among: Collection[str] = ()
    ) -> Understood:
        """Teaches the set first where the process does not know it, for instance after it died."""
        question = Understand(
            text=text, digest=intents.digest, language=language, among=list(among)
        )
        try:
            return await self._ask(question, Understood)
        except SpeechFailedError as error:
            if error.code != "unknown_intents":
                raise
        await self.learn(intents)
        return await self._ask(question, Understood)

    async def learn(self, intents: IntentSet) -> None:
        await self._ask(lesson(intents), Reply)  # type: ignore[arg-type]

    async def ping(self, *, patience_s: float = 1.0) -> Description:
        """What runs there and what it can do; SpeechGoneError if nothing does."""
        return await self._ask(Describe(), Description, patience_s)

    async def aclose(self) -> None:
        if self._line is not None:
            await self._line.aclose()

    async def _render(self, text: str, language: str) -> bytes:
        request = Synthesise(text=text, language=language, priority=BACKGROUND, keep=True)
        line = await self._connected()
        return b"".join([r.pcm async for r in line.stream(request) if isinstance(r, Audio)])

    async def _ask(self, request: Request, kind: type[T], patience_s: float | None = None) -> T:
        deadline = self._deadline(patience_s)
        while True:
            line = await self._connected(deadline)
            try:
                reply = await line.ask(request)
            except SpeechGoneError:
                if asyncio.get_running_loop().time() >= deadline:
                    raise
                request = msgspec.structs.replace(request, id=0)  # numbers belong to a connection
                continue
            return reply  # type: ignore[return-value]  # the question decides the answer's kind

    async def _connected(self, deadline: float | None = None) -> SpeechLine:
        deadline = self._deadline(None) if deadline is None else deadline
        async with self._connecting:
            while self._line is None or self._line.gone:
                try:
                    self._line = await SpeechLine.open(self._path)
                except SpeechGoneError:
                    if asyncio.get_running_loop().time() >= deadline:
                        raise
                    await asyncio.sleep(RETRY_S)
            return self._line

    def _deadline(self, patience_s: float | None) -> float:
        patience = self._patience_s if patience_s is None else patience_s
        return asyncio.get_running_loop().time() + patience


async def _numbered(replies: AsyncIterator[Reply]) -> AsyncIterator[tuple[int, Reply]]:
    number = 0
    async for reply in replies:
        yield number, reply
        number += 1
