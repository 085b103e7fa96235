"""The last stage of a call that the plan ends itself: a sentence and hanging up, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from agents.call.state import CallState
from agents.stages.stage import Stage
from dialplans.contracts.causes import RefusalReason
from dialplans.contracts.events import Refused
from dialplans.contracts.words import Source
from dialplans.model import PlaceKind


class HangupStage(Stage):
    """With `code`, the call is refused if it still rings; one that was answered hears goodbye."""

    kind = PlaceKind.SAY

    def __init__(
        self,
        call: CallState,
        *,
        text: str = "",
        code: int | None = None,
        opening: Sequence[str] = (),
    ) -> None:
        super().__init__(call, "", opening=opening)
        self._text = text or call.phrases.say("call.goodbye")
        self._code = code

    async def begin(self) -> None:
        if self._code is not None and len(self.call.conversation.path) == 1:
            self.call.tell(refusal(self.call, self._code))
            await self.call.services.control.refuse(self._code)
            return
        for text in self.opening:
            await self.speak(text).wait_for_playout()
        await self.farewell(self._text)


def refusal(call: CallState, code: int) -> Refused:
    """The record of a call that the plan rejects."""
    context = call.facts.context
    return Refused(
        call=call.id,
        source=Source.AGENT,
        code=code,
        reason=RefusalReason.REJECTED_BY_PLAN,
        called=context.called,
        caller=context.caller,
        source_ip=context.source_ip,
        trunk=context.trunk,
    )
