"""A number that the caller was asked for: how many digits it has is known, and that helps.

Whisper hears which digits were said, and miscounts those that repeat: "one zero zero two zero zero"
comes as 10020 or 1002000. Among its next best readings there is nearly always one of the right
length.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from dialplans.speech.numerals import digits_in

READINGS = 6
"""How many of its readings the decoder is asked for."""
HINT = " 4 7 1 1, 0 0 2 9."
"""Said to the decoder as if it had been heard before: it then writes digits one by one."""
FARTHEST = 0.6
"""A reading whose mean log probability is so much lower is not what was said."""


def likeliest(readings: Sequence[tuple[str, float]], lengths: Collection[int]) -> int:
    """Which of them, best first and each with its mean log probability, is what was said if the
    number has one of these lengths; 0 where the first is as good as any.

    A first reading that is too short may be the first half of a number, so a longer one is only
    taken if it repeats a digit once more, and invents none.
    """
    said = [digits_in(text) for text, _ in readings]
    if not said[0] or len(said[0]) in lengths:
        return 0
    for at, digits in enumerate(said):
        if readings[0][1] - readings[at][1] > FARTHEST:
            return 0
        if len(digits) not in lengths:
            continue
        if len(digits) < len(said[0]) or _miscounted(said[0], digits):
            return at
    return 0


def _miscounted(short: str, longer: str) -> bool:
    return len(longer) <= len(short) + 2 and _once(short) == _once(longer)


def _once(digits: str) -> str:
    return "".join(digit for digit, _ in itertools.groupby(digits))
