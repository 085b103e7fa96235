"""A menu of keys: typed, or spoken as a number or in the menu's own words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from agents.call.state import CallState
from agents.stages.stage import Stage
from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.model import Action, Menu, PlaceKind
from dialplans.model.menus import DEFAULT_TIMEOUT
from dialplans.speech.numerals import digits_in

_WORD = re.compile(r"\w{4,}")
_COMMON = set(
    """press taste tasten drücken drück bitte please with your ihre ihren ihrem eine einen einem
    otherwise sonst speak then dann""".split()  # noqa: SIM905 words, not a list
)


class MenuStage(Stage):
    """Said, then waited for; a wrong key or none is a failed try, and the last one leads on."""

    kind = PlaceKind.MENU

    def __init__(self, call: CallState, name: str, **rest: Any) -> None:
        super().__init__(call, name, model=None, **rest)
        self.menu: Menu = call.plan.menus[name]
        self._text = self.menu.say.said_in(call.language)
        self._words = words_of(self._text, self.menu.keys)
        self._chosen: asyncio.Queue[str] = asyncio.Queue()

    async def begin(self) -> None:
        self.speak_opening()
        while True:
            key = await self._ask()
            pressed = HappeningKind.TIMEOUT if key is None else Happening(HappeningKind.KEY, key)
            if self.happen(pressed):
                return
            if key is not None:
                self.speak(self.phrase("menu.wrong"))

    async def _ask(self) -> str | None:
        """The key, or None in time. It may come while the menu is still being read out."""
        pressed = asyncio.create_task(self._chosen.get())
        try:
            reading = self.speak(self._text)
            await asyncio.wait(
                {pressed, asyncio.ensure_future(reading.wait_for_playout())},
                return_when=asyncio.FIRST_COMPLETED,
            )
            timeout = (self.menu.timeout or DEFAULT_TIMEOUT).total_seconds()
            await asyncio.wait({pressed}, timeout=timeout)
            return pressed.result() if pressed.done() else None
        finally:
            pressed.cancel()

    async def on_key(self, digit: str) -> None:
        self._chosen.put_nowait(digit)

    def offers(self, digit: str) -> bool:
        return True

    async def on_words(self, text: str) -> bool:
        key = heard_key(text, self._words)
        if key is not None:
            self._chosen.put_nowait(key)
        return True


def words_of(text: str, keys: Mapping[str, Action]) -> dict[str, set[str]]:
    """The words with which a menu speaks of each key, so that they can be said instead of it.

    A sentence belongs to the key that it names. A word that two keys share says nothing.
    """
    found: dict[str, set[str]] = {key: set(action.name.split("_")) for key, action in keys.items()}
    for sentence in re.split(r"[.!?;]|(?<=\d),", text):
        named = [key for key in keys if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", sentence)]
        if len(named) == 1:
            found[named[0]] |= {w.lower() for w in _WORD.findall(sentence)} - _COMMON
    shared = {
        word
        for key, words in found.items()
        for word in words
        if any(word in other for name, other in found.items() if name != key)
    }
    return {key: {w for w in words - shared if w} for key, words in found.items()}


def heard_key(text: str, words: Mapping[str, set[str]]) -> str | None:
    """The key a caller means who says "two", "press two" or "my invoice"."""
    digits = digits_in(text)
    if len(digits) == 1 and digits in words:
        return digits
    said = {w.lower() for w in re.findall(r"\w+", text)}
    scores = {key: len(said & known) for key, known in words.items()}
    best = max(scores, key=lambda key: scores[key], default=None)
    if best is None or scores[best] == 0:
        return None
    return best if list(scores.values()).count(scores[best]) == 1 else None
