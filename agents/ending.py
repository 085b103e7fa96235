"""The last stage of a call that the plan ends itself: a sentence and hanging up, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from agents.desk import SOURCE, Desk
from agents.stage import Stage
from dialplans.contracts.events import Refused


class Ending(Stage):
    """With `code`, the call is refused if it still rings; one that was answered hears goodbye."""

    kind = "say"

    def __init__(
        self, desk: Desk, *, text: str = "", code: int | None = None, opening: Sequence[str] = ()
    ) -> None:
        super().__init__(desk, "", opening=opening)
        self._text = text or desk.phrases.say("call.goodbye")
        self._code = code

    async def begin(self) -> None:
        if self._code is not None and len(self.desk.path) == 1:
            self.desk.tell(refusal(self.desk, self._code))
            await self.desk.line.refuse(self._code)
            return
        for text in self.opening:
            await self.speak(text).wait_for_playout()
        await self.farewell(self._text)


def refusal(desk: Desk, code: int) -> Refused:
    """The record of a call that the plan rejects. `reason` is a stable word."""
    return Refused(
        call=desk.call.call_id,
        source=SOURCE,
        code=code,
        reason="rejected_by_plan",
        called=desk.call.called,
        caller=desk.call.caller,
        source_ip=desk.call.source_ip,
        trunk=desk.call.trunk,
    )
