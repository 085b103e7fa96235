"""Parts of a file, as browsers ask for them when somebody moves the knob of a player."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

_ONE = re.compile(r"bytes=(\d*)-(\d*)")
_AT_ONCE = 64 * 1024


class UnsatisfiableError(ValueError):
    """The part begins behind the end of the file."""


def part(header: str, size: int) -> range | None:
    """RFC 9110 §14.2, for one part; None where the whole file is the answer: without a header,
    with one that is not understood, and for several parts, which nobody has to be given."""
    found = _ONE.fullmatch(header.replace(" ", ""))
    if found is None:
        return None
    first, last = (int(digits[:18]) if digits else None for digits in found.groups())
    if first is None:
        if last is None:
            return None
        if last == 0 or size == 0:
            raise UnsatisfiableError
        return range(max(size - last, 0), size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise UnsatisfiableError
    return range(first, size if last is None else min(last + 1, size))


async def read(file: Path, wanted: range) -> AsyncIterator[bytes]:
    """In pieces, none of which keeps the loop waiting for the disk."""
    stream = await asyncio.to_thread(file.open, "rb")
    try:
        await asyncio.to_thread(stream.seek, wanted.start)
        left = len(wanted)
        while left > 0:
            piece = await asyncio.to_thread(stream.read, min(left, _AT_ONCE))
            if not piece:
                return
            left -= len(piece)
            yield piece
    finally:
        stream.close()
