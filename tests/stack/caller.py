"""A person with a telephone, as the stories use one: dials, speaks, presses keys, listens."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

from dialplans.contracts.events import Said
from sip.phone.audio import resample
from sip.phone.call import HungUpError, PhoneCall
from sip.phone.device import Phone
from sip.phone.ear import Segment
from sip.phone.voice import PhoneVoice
from tests.stack.likeness import SAME, likeness
from tests.stack.records import Records
from tests.stack.running import Stack

RECEPTION, BILLING, BERLIN = "+442079460100", "+442079460200", "+493023125100"
PATIENCE_S = 45.0
QUIET_S = 0.9
"""So long a far end is silent that has said its sentence; a hand-over is shorter."""

NEWS_S = 1.0
"""Who waits for a word listens to so much more each time."""

OVERLAP_S = 1.5
"""And to what came before it, in which a word may have begun."""

PAUSE_S = 0.5
"""After so much of it what was said is probably whole, and is recognised until it is certain."""

NEWEST = 4
"""Of what the far end said last, so many sentences are looked for by their sound."""

AT_ONCE_S = 0.3
"""What began so shortly before the caller did something may be its answer."""

EAR_RATE = 8000
"""Samples a second of what a telephone can hear."""

CUT_S = 1.5
"""A far end that is interrupted is silent before."""

_numbers = itertools.count(os.getpid() * 100 % 1_000_000)


def new_number() -> str:
    """A caller's number that no other call of this run has, so that records are told apart."""
    return f"+4477{next(_numbers) % 100_000_000:08d}"


class Caller:
    """One call. `lines` is what was said by both, in order, for the message of a failed test."""

    def __init__(self, call: PhoneCall, voice: PhoneVoice, records: Records) -> None:
        self.call = call
        self.records = records
        self.lines: list[str] = []
        self._voice = voice
        self._mark = self._since = self._compared = 0.0
        self._since_words = ""

    async def answered(self, timeout_s: float = PATIENCE_S) -> None:
        """200 OK. Raises RefusedError with the code that came instead."""
        await self.call.answered(timeout_s)
        self._mark = self._since = self.call.answered_at or time.time()

    async def say(self, text: str) -> None:
        await self.play(*await self._voice.say(text), text=text)

    async def play(self, *what: object, text: str) -> None:
        """A sound file, or samples and their rate."""
        self.lines.append(f"caller: {text}")
        began = time.time()
        await self.call.play(*what)  # type: ignore[arg-type]
        self._listen_from(began)

    async def keys(self, digits: str) -> None:
        self.lines.append(f"caller presses {digits}")
        began = time.time()
        await self.call.dtmf(digits)
        self._listen_from(began)

    def does(self, what: str) -> None:
        """Something happens, and what is heard counts from here."""
        self.lines.append(what)
        self._listen_from(time.time())

    async def hears(self, *words: str, timeout_s: float = PATIENCE_S) -> str:
        """Listens until all `words` (patterns, any case) were heard since the caller last did
        something, and it is quiet then; the whole text. A failure tells the whole conversation.

        Everyday words: the phone's ear writes "Harvard Street" for Harbour Street now and then, and
        which name was meant is in the records."""
        deadline = time.monotonic() + timeout_s
        while not self._found(words):
            try:
                segment, heard = await self._understood(deadline)
            except (TimeoutError, HungUpError) as error:
                await self.records.refresh()
                raise AssertionError(f"not heard: {words} ({error})\n{self.story}") from error
            self._mark = segment.offset
            self._since_words = f"{self._since_words} {heard}".strip()
            self.lines.append(f"{segment.onset - (self.call.answered_at or 0):6.1f} heard: {heard}")
            if not self._found(words):
                await self._by_voice(words, segment.offset)
        return self._since_words

    async def catches(self, *words: str, timeout_s: float = PATIENCE_S) -> None:
        """Listens until `words` were heard, and not to the end: what the caller does next cuts the
        far end short, as callers do who know what they want."""
        deadline = time.monotonic() + timeout_s
        tried = 0.0
        while not self._found(words):
            new = self._since_mark()
            tried = max(tried, new[0].onset if new else 0.0)
            speaks = bool(new) and time.time() - new[-1].offset < PAUSE_S
            if (
                new
                and not speaks
                and new[-1].offset == tried
                and await self._by_voice(words, tried)
            ):
                break
            if new and new[-1].offset - tried > (NEWS_S if speaks else 0.0):
                since = max(new[0].onset, tried - OVERLAP_S) if speaks else new[0].onset
                tried = new[-1].offset
                sound = self.call.far_audio(Segment(since, tried))
                part = await self._voice.understand(*sound) or ""
                self._since_words = f"{self._since_words} {part}".strip()
            elif not self.call.open or time.monotonic() > deadline:
                await self.records.refresh()
                raise AssertionError(f"not caught: {words} in {self._since_words}\n{self.story}")
            else:
                await asyncio.sleep(0.05)
        at = tried - (self.call.answered_at or 0)
        self.lines.append(f"{at:6.1f} caught: {self._since_words}")
        self._mark = tried

    async def _by_voice(self, words: tuple[str, ...], until: float) -> bool:
        """Whether a sentence with the words that the ear missed was heard as the machine's voice
        says it. The small recogniser takes "customer number" for "comment" now and then."""
        if until == self._compared:
            return False
        self._compared = until
        await self.records.refresh()
        heard = resample(*self.call.far_audio(Segment(self._since, until)), EAR_RATE)
        for said in self.records.of(Said)[-NEWEST:]:
            begun = said.at.timestamp() > self._since - AT_ONCE_S
            if begun and any(re.search(word, said.text, re.IGNORECASE) for word in words):
                voice = resample(*await self._voice.say(said.text), EAR_RATE)
                if likeness(heard, voice, EAR_RATE) > SAME:
                    self._since_words = f"{self._since_words} {said.text}"
        return self._found(words)

    async def hears_voice(self, text: str, timeout_s: float = PATIENCE_S) -> None:
        """Listens until it hears this sentence as the machine's own voice says it, since it was
        answered: for a voice whose words no recogniser can tell."""
        said = resample(*await self._voice.say(text), EAR_RATE)
        deadline = time.monotonic() + timeout_s
        likest = 0.0
        while likest < SAME:
            if not self.call.open or time.monotonic() > deadline:
                await self.records.refresh()
                raise AssertionError(f"not heard, {likest:.2f} at most: {text}\n{self.story}")
            await asyncio.sleep(0.2)
            heard = self.call.far_audio(Segment(self.call.answered_at or 0.0, time.time()))
            likest = likeness(resample(*heard, EAR_RATE), said, EAR_RATE)
        self.lines.append(f"heard the voice say: {text}")

    async def lets_finish(self) -> None:
        """Listens without understanding, for when a caller has to be quick, as after a tone."""
        try:
            await self._next_sentence(time.monotonic() + PATIENCE_S, quiet_s=1.2)
        except (TimeoutError, HungUpError) as error:
            await self.records.refresh()
            raise AssertionError(f"it did not finish ({error})\n{self.story}") from error

    async def hangs_up(self) -> None:
        await self.call.hang_up()

    async def is_hung_up_on(self, timeout_s: float = PATIENCE_S) -> None:
        try:
            await self.call.until_closed(timeout_s)
        except TimeoutError as error:
            await self.records.refresh()
            raise AssertionError(f"nobody hung up\n{self.story}") from error
        assert self.call.ended_by_far_end, self.story

    @property
    def story(self) -> str:
        return "\n".join([*self.lines, "---", *self.records.short()])

    def _listen_from(self, at: float) -> None:
        self._mark = self._since = at
        self._since_words = ""

    def _found(self, words: tuple[str, ...]) -> bool:
        if not self._since_words:
            return False
        return all(re.search(word, self._since_words, re.IGNORECASE) for word in words)

    def _since_mark(self) -> list[Segment]:
        """An answer may follow so soon on a sentence which was cut that both are one sound."""
        return [
            Segment(max(one.onset, self._mark), one.offset)
            for one in self.call.heard
            if one.onset > self._mark + 0.01 or one.offset > self._mark + CUT_S
        ]

    async def _understood(self, deadline: float) -> tuple[Segment, str]:
        """The next sentence and its text."""
        while True:
            early = await self._next_sentence(deadline, quiet_s=PAUSE_S)
            text = await self._voice.understand(*self.call.far_audio(early)) or ""
            if await self._next_sentence(deadline) == early:
                return early, text

    async def _next_sentence(self, deadline: float, *, quiet_s: float = QUIET_S) -> Segment:
        """What the far end says next after the mark, up to a pause."""
        while True:
            new = self._since_mark()
            if new and time.time() - new[-1].offset > quiet_s:
                return Segment(new[0].onset, new[-1].offset)
            if new and not self.call.open:
                return Segment(new[0].onset, new[-1].offset)
            if not self.call.open:
                raise HungUpError("the far end hung up")
            if time.monotonic() > deadline:
                raise TimeoutError("too late")
            await asyncio.sleep(0.02)


class Telephone:
    """Makes the calls of one test."""

    def __init__(self, phone: Phone, stack: Stack) -> None:
        self._phone = phone
        self._stack = stack
        self._voices: dict[str, PhoneVoice] = {}

    async def dial(
        self, number: str = RECEPTION, *, caller: str = "", tongue: str = "en"
    ) -> Caller:
        """Sends the INVITE and no more."""
        caller = caller or new_number()
        records = Records(self._stack.redis_url, caller)
        await records.begin()
        call = await self._phone.dial(number, caller=caller)
        return Caller(call, self._voice(tongue), records)

    async def reach(self, number: str = RECEPTION, *, tongue: str = "en") -> Caller:
        """Dials and is answered."""
        caller = await self.dial(number, tongue=tongue)
        await caller.answered()
        return caller

    def _voice(self, tongue: str) -> PhoneVoice:
        if tongue not in self._voices:
            self._voices[tongue] = PhoneVoice(Path(self._stack.layout.speech_socket), tongue)
        return self._voices[tongue]

    async def aclose(self) -> None:
        for voice in self._voices.values():
            await voice.aclose()


@contextlib.asynccontextmanager
async def telephone(stack: Stack) -> AsyncIterator[Telephone]:
    """Whatever is still open is hung up at the end."""
    async with Phone(stack.sip) as phone:
        found = Telephone(phone, stack)
        try:
            yield found
        finally:
            await found.aclose()
