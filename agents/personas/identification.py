"""Who is calling: a customer number and a PIN, typed or spoken.

While it runs the call is sealed: what is typed or said reaches neither the model, nor the events,
nor the conversation that other stages and snapshots get.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dialplans.speech.numerals import digits_in

NUMBER_DIGITS = 6
PIN_DIGITS = 4
TRIES = 3


@dataclass
class Identification:
    """A small machine without a clock or a line: `typed` and `heard` feed it, `step` says what it
    wants next: number, pin, check or lost."""

    number: str = ""
    pin: str = field(default="", repr=False)
    tries: int = 0
    misses: int = 0
    again: bool = False
    """What came last was no number of the right length."""
    _typed: str = field(default="", repr=False)
    _spoken: bool = False

    @property
    def step(self) -> str:
        if self.tries >= TRIES or self.misses > TRIES:
            return "lost"
        if not self.number:
            return "number"
        return "check" if self.pin else "pin"

    @property
    def wanted(self) -> int:
        return PIN_DIGITS if self.number else NUMBER_DIGITS

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many digits a caller who speaks now may say: what is missing, or all at once."""
        missing = self.wanted - len(self._typed)
        return (missing,) if self.number or self._typed else (missing, missing + PIN_DIGITS)

    def typed(self, digit: str) -> bool:
        """A key. True once a whole number was typed, or too short a one ended with #."""
        if digit == "#":
            done, self._typed = self._typed, ""
            return self._take(done)
        if digit == "*":
            self._typed = ""
            return False
        if self._spoken:
            # Who begins to type begins anew: half a number that was spoken is no part of it.
            self._typed, self._spoken = "", False
        self._typed += digit
        if len(self._typed) < self.wanted:
            return False
        done, self._typed = self._typed, ""
        return self._take(done)

    def heard(self, text: str) -> bool:
        """Words. False if there are no digits among them: then they mean something else."""
        digits = digits_in(text)
        if not digits:
            return False
        pieces = self._typed + digits
        if len(pieces) < self.wanted:
            # People pause in the middle of a number; the rest may still come.
            self._typed, self._spoken = pieces, True
            self.again = False
            return True
        if not self.number and len(pieces) == NUMBER_DIGITS + PIN_DIGITS:
            self._typed = ""
            self.again = False
            self.number, self.pin = pieces[:NUMBER_DIGITS], pieces[NUMBER_DIGITS:]
            return True
        self._typed = ""
        self._take(pieces)
        return True

    @property
    def halfway(self) -> bool:
        """Some digits are there, but not enough yet."""
        return bool(self._typed)

    def _take(self, digits: str) -> bool:
        self.again = len(digits) != self.wanted
        if self.again:
            self.misses += 1
            return True
        if self.number:
            self.pin = digits
        else:
            self.number = digits
        return True

    def refused(self) -> None:
        """Number and PIN did not match: again, from the start."""
        self.tries += 1
        self.number = self.pin = self._typed = ""
