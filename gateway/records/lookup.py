"""The call that a request names, or the Problem that says why there is none to act on."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.errors import Problem
from gateway.records.call import Call
from gateway.records.store import Records

CallId = Annotated[str, msgspec.Meta(max_length=160)]


async def known_call(records: Records, name: str) -> Call:
    found = await records.call(name.replace("\0", ""))
    if found is None:
        raise Problem("not_found", "There is no such call.")
    return found


async def live_call(records: Records, name: str) -> Call:
    """For actions: the call must still be going on."""
    found = await known_call(records, name)
    if not found.live:
        raise Problem("call_over")
    return found
