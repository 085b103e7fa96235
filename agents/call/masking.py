"""What is kept of a caller's words in this call: numbers that may be secret are masked before
anything stores, shows or thinks about them, also when they come in two breaths or from our mouth.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from dialplans.contracts.events import Event, HandedOver, PersonWanted, Problem, Said, Tool
from dialplans.contracts.masking import (
    MASKED,
    hidden_in,
    in_strings,
    mask_all,
    mask_part,
    masked_event,
    may_go_on,
    runs,
)

TOGETHER_S = 12.0
"""Sentences that follow each other within this may hold one number."""
REMEMBERED = 6
"""Sentences that are looked at together, at the most."""
FEWEST = 3
"""So many digits of our own are compared with what the caller said."""
SECRETS = 100


@dataclass(eq=False)
class Sentence:
    """One that the caller said to its end. `raw` stays in memory, and only as long as the next
    ones may go on with its number."""

    raw: str
    masked: str
    at: float
    asked: bool
    changed: list[Callable[[str, str], None]] = field(default_factory=list)
    """Told the old and the new words when a later sentence shows that they hold a secret."""
    told: bool = False
    answered: bool = False

    @property
    def secret(self) -> bool:
        return self.masked != self.raw


class CallMasking:
    """One for each call. `asked` is true while the step has asked for digits that are no secret,
    such as a number to call back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sentences: deque[Sentence] = deque(maxlen=REMEMBERED)
        self._secrets: deque[str] = deque(maxlen=SECRETS)
        self._over = False
        self.asked = False
        self.sealed = False

    # What the step says.

    def ask(self) -> None:
        """The caller is asked for digits that are no secret, from here to their answer."""
        self.asked, self._over = True, False

    def answered(self) -> None:
        """What they say next is no answer to that any more."""
        self._over = True

    def forget_question(self) -> None:
        self.asked = self._over = False

    def remember(self, digits: str) -> None:
        """A secret that came by another way than words: keys."""
        if len(digits) >= FEWEST and digits not in self._secrets:
            self._secrets.append(digits)

    # What the caller says.

    def hear(self, raw: str) -> Sentence:
        """A sentence to its end. Those before it may turn out to be the beginning of a number."""
        if self._over:
            self.forget_question()
        before = self._recent()
        sentence = Sentence(raw, raw, self._clock(), self.asked)
        if self.sealed:
            digits = [run.digits for run in runs(raw)]
            sentence.masked = MASKED if digits else raw
            self._remember(digits)
        else:
            together = [*before, sentence]
            masked = mask_all([s.raw for s in together], asked=self.asked)
            for one, text in zip(together, masked, strict=True):
                _change(one, text)
            if sentence.secret:
                self._remember(hidden_in(" ".join(s.raw for s in together)))
        self._sentences.append(sentence)
        return sentence

    def part(self, text: str) -> str:
        """Of a sentence that is still being said."""
        masked = mask_part(text)
        return MASKED if self.sealed and masked != text else masked

    def preview(self, text: str) -> str:
        """What `hear` would make of it, if it is the whole sentence."""
        if self.sealed:
            return MASKED if runs(text) else text
        before = [s.raw for s in self._recent()]
        return mask_all([*before, text], asked=self.asked and not self._over)[-1]

    def to_tell(self, text: str) -> Sentence:
        """The sentence of a transcript, whether or not it was masked on its way."""
        for sentence in self._sentences:
            if not sentence.told and text in (sentence.masked, sentence.raw):
                break
        else:
            sentence = self.hear(text)
        sentence.told = True
        return sentence

    def to_answer(self, text: str) -> list[Sentence]:
        """The sentences of one turn, oldest first; their raw words are for the step that asked."""
        waiting = [s for s in self._sentences if not s.answered]
        for at in range(len(waiting) - 1, -1, -1):
            turn = waiting[at:]
            if text in (" ".join(s.masked for s in turn), " ".join(s.raw for s in turn)):
                break
        else:
            turn = [self.hear(text)]
        for sentence in (*waiting, *turn):
            sentence.answered = True
        return turn

    def _recent(self) -> list[Sentence]:
        """Those that this one may go on with: each within a short time of the next, and of those
        that answer a question for another number none."""
        found: list[Sentence] = []
        at = self._clock()
        for sentence in reversed(self._sentences):
            if at - sentence.at > TOGETHER_S or sentence.asked is not self.asked:
                break
            found.insert(0, sentence)
            at = sentence.at
        return found

    @staticmethod
    def may_go_on(sentence: Sentence) -> bool:
        """Whether what is said next may show that its last digits are a secret."""
        return not sentence.secret and may_go_on(sentence.raw)

    # What we say and store.

    def said(self, text: str) -> str:
        """Our own words, or a colleague's: only what repeats a secret of the caller is masked."""
        for run in reversed(runs(text)):
            if self._repeats(run.digits):
                text = text[: run.start] + MASKED + text[run.end :]
        return text

    def repeats(self, text: str) -> bool:
        return any(self._repeats(run.digits) for run in runs(text))

    def kept(self, event: Event) -> Event:
        """An event as it may leave the job."""
        replace = msgspec.structs.replace
        event = masked_event(event)
        match event:
            case Said():
                return replace(event, text=self.said(event.text))
            case Tool():
                return replace(
                    event,
                    arguments=in_strings(event.arguments, self.said),
                    result=self.said(event.result),
                )
            case HandedOver() | PersonWanted():
                summary, reason = self.said(event.summary), self.said(event.reason)
                return replace(event, summary=summary, reason=reason)
            case Problem():
                return replace(event, detail=self.said(event.detail))
            case _:
                return event

    def _remember(self, numbers: Iterable[str]) -> None:
        for digits in numbers:
            if digits.isdigit():
                self.remember(digits)

    def _repeats(self, digits: str) -> bool:
        if len(digits) < FEWEST:
            return False
        return any(
            digits == secret or (len(digits) > FEWEST and (digits in secret or secret in digits))
            for secret in self._secrets
        )


def _change(sentence: Sentence, masked: str) -> None:
    old, sentence.masked = sentence.masked, masked
    if old != masked:
        for tell in sentence.changed:
            tell(old, masked)
