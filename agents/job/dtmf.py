"""Keys in the record of a call: a choice is shown, what may be a secret is not.

Whether a key was a choice or the first digit of a number shows only in what follows it, so a key
is told once it was answered, or nothing has followed for a moment. One key alone is no number: it
is shown, even where nobody offered it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agents.call.state import CallState
from dialplans.contracts.events import Dtmf
from dialplans.contracts.masking import MOST
from dialplans.contracts.words import Source
from dialplans.speech.numerals import HIDDEN

QUIET_S = 2.5
"""People who type a number pause for less."""
SLOW_S = 12.0
"""Within that, a second key that nobody offered is taken for more of the same number."""


@dataclass(frozen=True)
class Key:
    digit: str
    choice: bool
    """The stage offers this key just now; a key of a number that is asked for is none."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    stretch: object = field(default_factory=object)


class DtmfKeys:
    """One for each call. `close` tells what has not been told yet."""

    def __init__(self, call: CallState) -> None:
        self._call = call
        self._run: list[Key] = []
        self._timer: asyncio.TimerHandle | None = None
        self._unoffered = 0.0

    def pressed(self, digit: str, *, choice: bool) -> None:
        key = Key(digit, choice=choice and not self._call.sealed)
        self._run.append(key)
        self._call.audio_redaction.begin_key(key.stretch)
        if self._call.sealed:
            self.close()  # nothing that follows could make it a choice, or what came before it
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET_S, self.close)

    def answered(self, began: float) -> None:
        """We have said something to its end that began then: what is typed next is another matter.
        Whoever types on while we speak has not waited for it."""
        if self._run and began >= self._run[-1].at.timestamp():
            self.close()

    def close(self) -> None:
        """All that were typed without a pause are one number, or choices, together."""
        if self._timer is not None:
            self._timer.cancel()
        run, self._run, self._timer = self._run, [], None
        secret = len(run) >= MOST or self._are_of_a_number(run)
        if secret:
            self._call.masking.remember("".join(key.digit for key in run).strip("*#"))
        for key in run:
            self._call.audio_redaction.end(key.stretch, secret=secret)
            digit = HIDDEN if secret else key.digit
            self._call.tell(Dtmf(call=self._call.id, source=Source.AGENT, digit=digit, at=key.at))

    def _are_of_a_number(self, run: list[Key]) -> bool:
        unoffered = [key for key in run if not key.choice]
        if not unoffered:
            return False
        before, self._unoffered = self._unoffered, unoffered[-1].at.timestamp()
        alone = len(run) == 1 and unoffered[0].at.timestamp() - before > SLOW_S
        return self._call.sealed or not alone
