"""What a persona says about recording before it begins, and what a caller can say to that."""

from __future__ import annotations

import asyncio
import contextlib
import re

from agents.call.recorder import GIVEN, REFUSED
from agents.speech.intents.polarity import beside, reply_to
from agents.stages.stage import Stage
from dialplans.model import Recording

YES_KEY, NO_KEY, STOP_KEY = "1", "2", "#"
ANSWER_WITHIN_S = 6.0
_YES = re.compile(r"\b(yes|yeah|yep|sure|ok|okay|fine|ja|gerne?|einverstanden)\b", re.IGNORECASE)
_WISH = re.compile(
    r"\b(?:(?:can|could|may) (?:i|you)|i want (?!that|it)|i'd like|i would like|i need"
    r"|(?:kann|könnte) ich|können sie|ich (?:möchte|will|brauche|hätte)) (?!nicht|das nicht)\w+",
    re.IGNORECASE,
)
_NO = re.compile(r"\b(no|nope|not|don't|nein|nicht|kein\w*)\b", re.IGNORECASE)


def answer_in(text: str, asked: str = "") -> bool | None:
    """Yes, no, or neither; whoever says both has not agreed. `asked`: the question."""
    reply = reply_to(text, asked)
    if reply == "no" or _NO.search(text):
        return False
    return True if _YES.search(text) or reply == "yes" else None


class Consent:
    """Asked for once a call. Whoever was told and does not object has agreed to `announce`; to
    `ask` only a yes agrees, and silence is a no."""

    def __init__(self, stage: Stage, rule: Recording | None) -> None:
        self._stage = stage
        self.rule = rule or Recording(consent="never")
        self._answer: asyncio.Future[bool] | None = None
        self._announcing = False

    @property
    def asking(self) -> bool:
        return self._answer is not None and not self._answer.done()

    @property
    def stoppable(self) -> bool:
        """Whether the caller has a recording to stop, or hears right now that there will be one."""
        return self._announcing or self._stage.call.consent == GIVEN

    async def settle(self) -> None:
        """Says what has to be said, and records if it may. Before the persona's own words."""
        call = self._stage.call
        recorder = call.recorder
        if recorder is None or self.rule.consent == "never" or call.consent == REFUSED:
            return
        if not call.consent:
            handle = self._stage.speak(self._words(), interruptible=self.rule.consent == "ask")
            if self.rule.consent == "ask":
                self._answer = asyncio.get_running_loop().create_future()
            self._announcing = True
            try:
                await handle.wait_for_playout()
            finally:
                self._announcing = False
            if self._answer is not None and not await self._agreed(self._answer):
                self.refuse()
                return
            if call.consent == REFUSED:  # while it was being said
                return
            call.consent = GIVEN
            call.changed()
        await recorder.start(self.rule)

    def _words(self) -> str:
        said = self.rule.say
        if said is not None:
            return said.said_in(self._stage.call.language)
        return self._stage.phrase(f"recording.{self.rule.consent}")

    async def _agreed(self, answer: asyncio.Future[bool]) -> bool:
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        return False

    def hears(self, text: str) -> bool:
        """Words while the question is open. False if they are no answer, then it is no consent, or
        not only one: then they mean something else as well."""
        said = answer_in(text, self._words())
        self._settle(said is True)
        return said is not None and not _WISH.search(beside(text))

    def key(self, digit: str) -> bool:
        if not self.asking or digit not in (YES_KEY, NO_KEY):
            return False
        self._settle(digit == YES_KEY)
        return True

    def _settle(self, agreed: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(agreed)

    def refuse(self) -> None:
        """From here to the end of the call, and for what was recorded already."""
        call = self._stage.call
        call.consent = REFUSED
        call.changed()
        if call.recorder is not None:
            call.recorder.pause()
            self._stage.spawn(call.recorder.discard())
