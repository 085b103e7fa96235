"""The one wildcard of the language: `*` stands for any characters, also for none.

Everything that compares by `*` asks here, so that a check never contradicts a call. Time grows
with the length of the text and no faster, whatever a stranger sends: the pieces between the stars
are looked for from left to right, each as early as it is there, and nothing is tried twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

LONGEST = 1024
"""So many characters of a SIP header are looked at; a pattern that needs more could never match."""


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text is like the pattern, letter by letter; capitals matter."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern.__eq__
    *middle, last = rest
    pieces = [piece for piece in middle if piece]
    fewest = len(first) + len(last)

    def matches(text: str) -> bool:
        if len(text) < fewest or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in pieces:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return matches


def matches(pattern: str, text: str) -> bool:
    return matcher(pattern)(text)


def covers(general: str, special: str) -> bool:
    """Whether all that is like one pattern is like the other too: a star of `special` is read as
    a letter that only a star of `general` stands for."""
    return matcher(general)(special)
