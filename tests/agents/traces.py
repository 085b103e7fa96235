"""Everything that outlives a moment of a call and could carry what the caller said.

Clock readings, measurements and random ids are left out: any four digits turn up in them by chance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from dialplans.contracts.events import CallEvent

if TYPE_CHECKING:
    from tests.agents.calling import Call

CLOCKS = frozenset({"at", "created_at", "started_at", "metrics", "figures"})
"""Also keys that end with `_ms` or `_s`: none of them can hold a word."""
NAMES = frozenset({"id", "call_id", "sip_call_id", "call", "leg", "caller", "called", "source_ip"})
_RANDOM = re.compile(
    r"[a-z_]*[0-9a-f]{12,32}"  # LiveKit's and our own
    r"|call-\S+"
    r"|\+\d{8,15}"
    r"|[0-9a-f.:]{7,39}"  # addresses
    r"|[\w-]{16,}(?:@\S+)?"  # a telephone's Call-ID
)


def words(value: Any) -> Iterator[str]:
    """Each text and number in it, at any depth, keys included."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in CLOCKS or str(key).endswith(("_ms", "_s")):
                continue
            if key in NAMES and isinstance(inside, str) and _RANDOM.fullmatch(inside):
                continue
            yield str(key)
            yield from words(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from words(inside)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def of_events(events: Iterable[CallEvent]) -> str:
    return "\n".join(word for event in events for word in words(msgspec.to_builtins(event)))


def of_json(*documents: Any) -> str:
    return "\n".join(words(list(documents)))


def of_call(call: Call) -> str:
    """Everything that outlives the moment: the record, the model's reading, the memory."""
    memory = call.session.history.to_dict(), call.stage.chat_ctx.to_dict()
    read = [json.loads(asked) for asked in call.script.asked]
    return of_events(call.record.events) + of_json(*memory, *read)
