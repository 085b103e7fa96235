"""Calls as CSV (RFC 4180), streamed, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime

from gateway.records.call import Call, Quality

_COLUMNS = """
id started_at answered_at ended_at direction called caller state persona agent decision
turns turn_gap_p50_ms turn_gap_max_ms hand_overs tools problems cause code reason
disposition wait_s talk_s why
"""
_QUALITY = frozenset(Quality.__struct_fields__)
COLUMNS = (*_COLUMNS.split(), *Quality.__struct_fields__)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def rows(calls: AsyncIterator[Call]) -> AsyncIterator[bytes]:
    yield _line(list(COLUMNS))
    async for call in calls:
        yield _line([_cell(call, column) for column in COLUMNS])


def _cell(call: Call, column: str) -> str:
    if column == "decision":
        return f"{call.decision.kind} {call.decision.name or ''}".strip() if call.decision else ""
    value = getattr(call.quality if column in _QUALITY else call, column, None)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    if column in ("called", "caller") and text[1:].isdigit():
        return text  # +49… is a number, which no spreadsheet runs
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
