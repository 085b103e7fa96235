"""One call from beginning to end, as `switchboard call` makes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sip.phone.call import CLOCKS_S, HungUpError, PhoneCall
from sip.phone.ear import Segment
from sip.phone.voice import PhoneVoice

PAUSE_S = 1.1
"""So long it must be quiet before the far end counts as done; a hand-over is shorter."""
SILENT_S = 10.0


@dataclass(frozen=True)
class ScriptStep:
    """Something the phone does: say a text, press keys, or play a sound file."""

    do: Literal["say", "dtmf", "wav"]
    what: str


@dataclass(frozen=True)
class TranscriptLine:
    """One line of the conversation. `at` counts seconds from the answer; `gap_ms` is how long it
    was quiet before the far end replied."""

    at: float
    who: Literal["phone", "far end"]
    text: str
    gap_ms: int | None = None


@dataclass
class Conversation:
    """`answer_ms` is INVITE to 200 OK, `greeting_ms` 200 OK to the first sound."""

    number: str
    caller: str
    answer_ms: int = 0
    greeting_ms: int | None = None
    lines: list[TranscriptLine] = field(default_factory=list)
    ended_by: Literal["phone", "far end"] = "phone"
    seconds: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether nothing at all was heard of the far end."""
        return not any(line.who == "far end" for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def converse(
    call: PhoneCall,
    voice: PhoneVoice,
    steps: Sequence[ScriptStep],
    *,
    conversation: Conversation,
    tell: Callable[[TranscriptLine], None],
) -> Conversation:
    """Listens to the greeting, then takes the steps, listening after each; then hangs up.

    The far end may hang up at any moment: that ends the conversation, it is no error.
    """
    talk = _Talk(call, voice, conversation, tell)
    try:
        # A busy machine may tell of the answer when the greeting has begun already.
        await talk.listen(call.dialled_at)
        for step in steps:
            await talk.take(step)
    except HungUpError:
        pass
    await talk.close()
    return conversation


@dataclass
class _Talk:
    call: PhoneCall
    voice: PhoneVoice
    conversation: Conversation
    tell: Callable[[TranscriptLine], None]
    told_until: float = 0.0
    taken: int = 0

    async def listen(self, since: float) -> None:
        """Until the far end has said something and is quiet, or says nothing for a while."""
        try:
            first = await self.call.hears_speech(after=since - CLOCKS_S, timeout_s=SILENT_S)
            if self.conversation.greeting_ms is None:
                answered = self.call.answered_at or first.onset
                self.conversation.greeting_ms = max(0, round((first.onset - answered) * 1000))
            await self.call.hears_silence(PAUSE_S, timeout_s=90)
        except TimeoutError:
            pass
        finally:
            await self._tell_heard(since)

    async def take(self, step: ScriptStep) -> None:
        began = time.time()
        self.taken += 1
        if step.do == "dtmf":
            self._line(began, "phone", f"keys {step.what}")
            await self.call.dtmf(step.what)
            since = began  # the answer may begin before the last key is up again
        else:
            self._line(began, "phone", step.what)
            if step.do == "wav":
                await self.call.play(Path(step.what))
            else:
                await self.call.play(*await self.voice.say(step.what))
            since = self.call.spoke_until
        await self.listen(since)

    async def close(self) -> None:
        self.conversation.ended_by = "far end" if self.call.ended_by_far_end else "phone"
        await self._tell_heard(self.told_until)
        await self.call.hang_up()
        answered = self.call.answered_at or time.time()
        self.conversation.seconds = round((self.call.closed_at or time.time()) - answered, 1)

    async def _tell_heard(self, since: float) -> None:
        """What was heard after `since` and not told yet, recognised as a whole."""
        new = [
            one for one in self.call.heard if one.onset >= max(since - CLOCKS_S, self.told_until)
        ]
        if not new:
            return
        whole = Segment(new[0].onset, new[-1].offset)
        self.told_until = whole.offset
        text = await self.voice.understand(*self.call.far_audio(whole))
        gap = round((whole.onset - since) * 1000) if self.taken else None
        if gap is not None and gap < -CLOCKS_S * 1000:
            gap = None
        shown = "(speech process away: not recognised)" if text is None else text or "(no words)"
        self._line(whole.onset, "far end", shown, gap)

    def _line(
        self, at: float, who: Literal["phone", "far end"], text: str, gap_ms: int | None = None
    ) -> None:
        answered = self.call.answered_at or at
        line = TranscriptLine(round(at - answered, 2), who, text, gap_ms)
        self.conversation.lines.append(line)
        self.tell(line)
