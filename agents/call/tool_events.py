"""Tools in the record of a call, whether words, a key or an earlier question asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.call.state import CallState
from dialplans.contracts.events import Tool
from dialplans.contracts.words import Source

SEALED_TOOLS = frozenset({"enter_digits"})
"""What goes into these is in no record."""


def tell_tool(
    call: CallState, name: str, arguments: Mapping[str, Any], *, result: str = "", ok: bool = True
) -> None:
    call.tell(
        Tool(
            call=call.id,
            source=Source.AGENT,
            name=name,
            arguments={} if name in SEALED_TOOLS else dict(arguments),
            result=result,
            ok=ok,
            asked=call.masking.asked,
        )
    )
