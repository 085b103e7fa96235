"""What is spoken on the speech process's Unix socket, and one connection to it.

Frames are a length (u32, little endian) and a msgpack document. Requests carry an id of the
asker's choice; replies repeat it, so one connection serves many questions at once. It lives here
because personas and the test phone, which know nothing of each other, both speak it.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

MAX_FRAME: Final = 32 * 1024 * 1024
"""Longer frames are refused: five minutes of 16 kHz audio is 10 MB."""

URGENT, SPECULATIVE, BACKGROUND, HUNCH = 0, 1, 2, 3
"""Priorities: a caller waits; a caller seems to have stopped speaking; nobody waits; a caller may
be about to stop, which is worth a try while it keeps nobody else waiting."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", omit_defaults=True):
    id: int = 0


class Recognise(Message, frozen=True, kw_only=True, tag="recognise"):
    """`pcm` is 16-bit mono at 16 kHz. `digits`: the caller was asked for a number, and it has one
    of these lengths."""

    pcm: bytes
    language: str = "en"
    priority: int = URGENT
    digits: list[int] = []


class Synthesise(Message, frozen=True, kw_only=True, tag="synthesise"):
    """Answered by Audio, one a sentence. `keep` also writes it to disk: only for stock sentences,
    never for what was said to one caller."""

    text: str
    language: str = "en"
    voice: str = ""
    priority: int = URGENT
    keep: bool = False


class Example(msgspec.Struct, frozen=True):
    intent: str
    language: str
    text: str
    word: bool = False
    """A word or phrase that speaks for the intent, rather than a whole sentence."""
    needed: bool = False
    """The beginning of a word or phrase; a sentence must have one of these to be meant so."""

    @property
    def sentence(self) -> bool:
        """A whole sentence, whose likeness counts."""
        return not self.word and not self.needed


class Learn(Message, frozen=True, kw_only=True, tag="learn"):
    """Teaches a set of intents under its digest; once a connection is enough, again is cheap."""

    digest: str
    examples: list[Example]
    threshold: float
    margin: float


class Understand(Message, frozen=True, kw_only=True, tag="understand"):
    """`among` names the intents that may be answered; all of the set if empty."""

    text: str
    digest: str
    language: str = "en"
    among: list[str] = []


class Cancel(Message, frozen=True, kw_only=True, tag="cancel"):
    """Question `of` is no longer wanted. It is answered by Failed("cancelled") if it had not
    begun; there is no other answer to a Cancel."""

    of: int


class Hurry(Message, frozen=True, kw_only=True, tag="hurry"):
    """A speculative question became urgent, or a hunch likely."""

    of: int
    priority: int = URGENT


class Describe(Message, frozen=True, kw_only=True, tag="describe"):
    """Asks how the process is and what it can do."""


class Recognised(Message, frozen=True, kw_only=True, tag="recognised"):
    """`text` is empty where nobody spoke. Times in milliseconds."""

    text: str
    language: str = "en"
    confidence: float = 0.0
    ms: float = 0.0
    waited_ms: float = 0.0


class Audio(Message, frozen=True, kw_only=True, tag="audio"):
    """16-bit mono PCM; the last of an answer has `last`, and may be empty."""

    pcm: bytes
    rate: int = 24000
    last: bool = False


class Done(Message, frozen=True, kw_only=True, tag="done"):
    pass


class Understood(Message, frozen=True, kw_only=True, tag="understood"):
    """`intent` is None where nothing fits; `best` is the nearest all the same, for the log."""

    intent: str | None
    score: float
    best: str = ""
    second: str = ""
    ms: float = 0.0


class Failed(Message, frozen=True, kw_only=True, tag="failed"):
    """`code`: cancelled, unknown_intents, no_voice, no_model, bad_request, broken."""

    code: str
    detail: str = ""


class Voice(msgspec.Struct, frozen=True):
    name: str
    language: str
    quality: str
    """neural, or robotic."""


class Description(Message, frozen=True, kw_only=True, tag="description"):
    pid: int
    cpu: str
    started_at: float
    models: dict[str, str]
    """Language → recogniser; "*" is every other language."""
    voices: list[Voice]
    figures: dict[str, float]


Request = Recognise | Synthesise | Learn | Understand | Cancel | Hurry | Describe
Reply = Recognised | Audio | Done | Understood | Failed | Description

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


NO_VOICE: Final = "no_voice"
"""The code of `Failed` where nobody on the machine speaks the language."""


class SpeechGoneError(ConnectionError):
    """The speech process is not there, or went away before it answered."""


class SpeechFailedError(RuntimeError):
    """The process answered that it could not; `code` as in Failed."""

    def __init__(self, failed: Failed) -> None:
        self.code = failed.code
        super().__init__(f"{failed.code}: {failed.detail}" if failed.detail else failed.code)


def frame(message: Message) -> bytes:
    body = _encoder.encode(message)
    return struct.pack("<I", len(body)) + body


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Raises IncompleteReadError at the end, ValueError for a frame that is not ours."""
    return _requests.decode(await _read_frame(reader))


async def _read_frame(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack("<I", await reader.readexactly(4))
    if length > MAX_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return await reader.readexactly(length)


class SpeechLine:
    """One connection. When the process goes away, everything asked raises SpeechGoneError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[Reply | None]] = {}
        self._gone = False
        self._listener = asyncio.create_task(self._listen(), name="speech.line")

    @classmethod
    async def open(cls, path: Path | str) -> SpeechLine:
        try:
            return cls(*await asyncio.open_unix_connection(str(path), limit=1 << 20))
        except OSError as error:
            raise SpeechGoneError(f"no speech process at {path}: {error.strerror}") from error

    @property
    def gone(self) -> bool:
        return self._gone

    def next_id(self) -> int:
        return next(self._ids)

    async def ask(self, request: Request) -> Reply:
        """The one reply to a question. Cancelling the task tells the process to forget it."""
        async for reply in self.stream(request):
            return reply
        raise SpeechGoneError("the speech process went away")

    async def stream(self, request: Request) -> AsyncIterator[Reply]:
        """Every reply until the last; a request without an id gets one."""
        if self._gone:
            raise SpeechGoneError("the speech process went away")
        if not request.id:
            request = msgspec.structs.replace(request, id=self.next_id())
        queue: asyncio.Queue[Reply | None] = asyncio.Queue()
        self._waiting[request.id] = queue
        answered = False
        try:
            self.tell(request)
            while not answered:
                reply = await queue.get()
                if reply is None:
                    raise SpeechGoneError("the speech process went away")
                answered = not isinstance(reply, Audio) or reply.last
                if isinstance(reply, Failed):
                    raise SpeechFailedError(reply)
                yield reply
        finally:
            self._waiting.pop(request.id, None)
            if not answered and not self._gone:
                self.tell(Cancel(of=request.id))

    def tell(self, request: Request) -> None:
        """Sends without waiting for anything; Cancel and Hurry have no answer."""
        self._writer.write(frame(request))

    async def _listen(self) -> None:
        try:
            while True:
                reply = _replies.decode(await _read_frame(self._reader))
                if queue := self._waiting.get(reply.id):
                    queue.put_nowait(reply)
        except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError, ValueError):
            pass
        finally:
            self._gone = True
            for queue in self._waiting.values():
                queue.put_nowait(None)
            self._writer.close()

    async def aclose(self) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
