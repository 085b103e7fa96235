"""Callers who ask and wait, and what they hear, to the ten milliseconds of the phone's ear."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from sip.phone.audio import Samples
from sip.phone.call import CLOCKS_S, HungUpError, PhoneCall, RefusedError
from sip.phone.ear import FRAME_S, LOUD, Segment
from sip.phone.voice import PhoneVoice
from tests.stack.running import Stack

PATIENCE_S = 15.0
QUIET_S = 1.0
"""So long the far end is silent that has said all it wanted."""

QUESTIONS = (
    "When are you open?",
    "Who are you?",
    "What are your opening hours?",
    "Where are you located?",
    "Are you open on Saturday?",
    "What is your address?",
    "What days are you open?",
    "Tell me about your company.",
)
"""Each is answered with a sentence of its own at once, by us and by stock alike."""


@dataclass(frozen=True)
class Utterance:
    """What a caller says, rendered before anything is measured."""

    text: str
    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@asynccontextmanager
async def speaking(stack: Stack) -> AsyncIterator[PhoneVoice]:
    voice = PhoneVoice(stack.layout.speech_socket)
    try:
        yield voice
    finally:
        await voice.aclose()


async def rendered(stack: Stack, texts: Sequence[str]) -> list[Utterance]:
    async with speaking(stack) as voice:
        return [Utterance(text, *await voice.say(text)) for text in texts]


def in_turn(said: Sequence[Utterance], first: int = 0) -> itertools.cycle[Utterance]:
    """Round and round, from the `first`th on: two callers need not ask the same."""
    at = first % len(said)
    return itertools.cycle([*said[at:], *said[:at]])


async def ask(call: PhoneCall, said: Utterance) -> float | None:
    """Milliseconds from the last sound that left the phone to the first loud one of the reply.
    None if there was no reply."""
    await call.play(said.samples, said.rate)
    stopped = call.spoke_until
    try:
        reply = await call.hears_speech(after=stopped - CLOCKS_S, timeout_s=PATIENCE_S)
    except (TimeoutError, HungUpError):
        return None
    return (reply.onset - stopped) * 1000


async def lets_finish(call: PhoneCall, quiet_s: float = QUIET_S) -> None:
    """Until the far end has said something and is done with it."""
    await call.hears_silence(quiet_s, timeout_s=60)


async def greeted(call: PhoneCall) -> Segment:
    """Waits for the answer and the whole greeting; the segment in which it began."""
    await call.answered(30)
    first = await call.hears_speech(after=call.answered_at, timeout_s=PATIENCE_S)
    await lets_finish(call)
    return first


def loud_frames(samples: Samples, rate: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each ten milliseconds whether they are loud, as `sip.phone.ear` judges it."""
    size = int(rate * FRAME_S)
    whole = samples[: len(samples) // size * size].astype(np.float32).reshape(-1, size)
    return np.asarray(np.sqrt(np.mean(whole * whole, axis=1)) > LOUD)


async def without_refusal(dial: object, tries: int = 20) -> PhoneCall:
    """Dials until somebody answers: a worker is registered a little before its first job is
    warm. Not for calls whose setup is measured."""
    assert callable(dial)
    for _ in range(tries):
        call: PhoneCall = await dial()
        try:
            await greeted(call)
        except RefusedError:
            await asyncio.sleep(1)
            continue
        return call
    raise RuntimeError("nobody answers")
