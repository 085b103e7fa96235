"""Ends of calls that several places tell of in the same words."""

from __future__ import annotations

from dialplans.contracts.causes import EndCause, EndedBy
from dialplans.contracts.events import Ended


def hung_up_by_person(call: str, source: str) -> Ended:
    """A supervisor, or whoever had the call at their desk, ended it."""
    return Ended(call=call, source=source, cause=EndCause.PERSON_HUNG_UP, by=EndedBy.PERSON)
