"""A supervisor at the console, by its keys and buttons, and the diary of what was done when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.async_api import Page

from dialplans.contracts.events import Persona
from tests.console.browser import connected
from tests.stack.caller import Caller

KEYS = {"listen": "l", "whisper": "w", "barge": "b", "takeover": "t"}
SPOKEN = ("barge", "takeover")
"""In these everybody in the call hears a supervisor."""

SENTENCES = {
    "idle": "Nobody can hear you",
    "listen": "Nobody can hear you",
    "whisper": "Only ann can hear you. The caller cannot",
    "barge": "Everybody in the call can hear you",
    "takeover": "You have the call",
}

_HOW_IT_IS = """() => {
  const sentence = document.querySelector('[data-testid=sentence]')?.innerText ?? '';
  const pressed = document.querySelector('button.mode[aria-pressed=true]');
  if (!pressed) return [document.querySelector('button.mode') ? 'idle' : 'nowhere', sentence];
  if (pressed.classList.contains('opening')) return ['changing', sentence];
  const modes = ['listen', 'whisper', 'barge', 'takeover'];
  return [modes.find((each) => pressed.classList.contains(each)), sentence];
}"""


async def call_id(caller: Caller) -> str:
    """The call's name, once somebody has answered it."""
    await caller.records.wait(Persona)
    return caller.records.call


@dataclass(frozen=True)
class Stay:
    """`mode` was wished for at `wished`, true from `settled` (None: never), and the console knew
    of the next wish at `left`."""

    mode: str
    wished: float
    settled: float | None
    left: float
    sentence: str


@dataclass
class Supervisor:
    page: Page
    call: str
    stays: list[Stay] = field(default_factory=list)
    _mode: str = "idle"
    _wished: float = 0.0
    _settled: float | None = None
    _sentence: str = ""

    async def open(self) -> None:
        self._wished = time.time()
        await self.page.goto(f"/live/{self.call}")
        await self._back()
        await self.settle()

    async def press(self, mode: str) -> None:
        """By its key; `idle` is Escape."""
        wished = time.time()
        await self.page.keyboard.press(KEYS.get(mode, "Escape"))
        self._next(mode, wished)

    async def give_back(self) -> None:
        wished = time.time()
        await self.page.keyboard.press("g")
        self._next("listen", wished)

    async def reload(self) -> None:
        wished = time.time()
        await self.page.reload(wait_until="commit")
        self._next("idle", wished)
        await self._back()

    async def lose_network(self) -> None:
        wished = time.time()
        await self.page.context.set_offline(True)
        await self.page.evaluate("1")
        self._next("idle", wished)
        await self.page.wait_for_timeout(200)
        await self.page.context.set_offline(False)
        await self._back()

    async def settle(self, timeout_s: float = 30.0) -> str:
        """Waits until the wish is true or was given up; what is true then."""
        deadline = time.monotonic() + timeout_s
        while True:
            found, sentence = await self.page.evaluate(_HOW_IT_IS)
            if found not in ("changing", "nowhere"):
                break
            assert time.monotonic() < deadline, f"still {found}: {sentence}"
            await self.page.wait_for_timeout(30)
        if found != self._mode:
            self._next(str(found), time.time())
        self._settled, self._sentence = time.time(), str(sentence)
        return str(found)

    def end(self) -> None:
        """Closes the diary."""
        self._next("idle", time.time())

    def _next(self, mode: str, wished: float) -> None:
        now = time.time()
        self.stays.append(Stay(self._mode, self._wished, self._settled, now, self._sentence))
        self._mode, self._wished, self._settled, self._sentence = mode, wished, None, ""

    async def _back(self) -> None:
        await connected(self.page)
        await self.page.wait_for_selector("button.mode.listen")
