"""The recording of a call, as its stages turn it on and off. `agents.job.recording` makes it."""

from __future__ import annotations

from typing import Protocol

from dialplans.model import Recording

GIVEN, REFUSED = "given", "refused"
"""A caller's consent to being recorded; before they were asked it is empty."""


class CallRecorder(Protocol):
    """Nothing exists before it is first started."""

    resumed: bool
    """A job before this one had the call and may have left files."""

    async def start(self, rule: Recording) -> None:
        """From now on."""

    def pause(self) -> None:
        """Until it is started again."""

    async def discard(self) -> None:
        """The caller does not want it: nothing of it is left."""

    async def close(self) -> None:
        """The call is over: finishes the file and reports it."""
