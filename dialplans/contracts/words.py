"""Words of the domain as types: wherever they are written down, the text that they stand for."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """Logs show what is equal alike: a word of ours, and one that came as text from elsewhere."""

    def __repr__(self) -> str:
        return repr(self.value)
