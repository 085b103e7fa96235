"""Connections that go wrong in every way, over real sockets: others are served all the same."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import struct

import pytest

from tests.sip.bridge.hostile.answering import Answering, answering
from tests.sip.bridge.hostile.makers import OUTSIDE, addressed
from tests.sip.bridge.hostile.streams import KINDS, Ending, Stream, streams

pytestmark = pytest.mark.virtual_time(alone=True)

COUNT = 600
LINGER_NOT = struct.pack("ii", 1, 0)


async def spoken(leg: Answering, stream: Stream) -> None:
    """As the stream says, and a little later all of it is read."""
    line = socket.socket()
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    with contextlib.closing(line), contextlib.suppress(OSError):
        await loop.sock_connect(line, leg.address)
        for piece in stream.pieces:
            await loop.sock_sendall(line, piece)
            await asyncio.sleep(0)
        if stream.ending is Ending.RESET:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        elif stream.ending is not Ending.CLOSE:
            if stream.ending is Ending.HALF:
                line.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(120):
                while await loop.sock_recv(line, 65536):
                    pass


async def options(leg: Answering) -> bytes:
    reader, writer = await asyncio.open_connection(*leg.address)
    raw = addressed(OUTSIDE["scanner"], 1, 5070).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
    writer.write(raw)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


async def test_streams_of_all_kinds_leave_nothing_behind() -> None:
    """None raises, and none stays open after its time."""
    async with answering() as leg:
        for stream in streams(COUNT):
            await spoken(leg, stream)
        answer = await options(leg)
        await asyncio.sleep(1000)
        left = leg.endpoint.transport.connections
        gc.collect()

    assert answer.startswith(b"SIP/2.0 200 ")
    assert leg.problems == []
    assert left == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_twenty_of_a_kind_at_once_keep_nobody_from_being_served(kind: str) -> None:
    every = [stream for stream in streams(20 * len(KINDS), 7) if stream.kind == kind]
    async with answering() as leg:
        speaking = [asyncio.create_task(spoken(leg, stream)) for stream in every]
        await asyncio.sleep(0)
        answer = await options(leg)
        await asyncio.gather(*speaking)

    assert answer.startswith(b"SIP/2.0 200 ")
    assert leg.problems == []


async def test_a_message_split_anywhere_is_one_message() -> None:
    raw = addressed(OUTSIDE["scanner"], 1, 5070).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
    async with answering() as leg:
        for place in range(0, len(raw), 7):
            before = leg.endpoint.counters.received
            await spoken(leg, Stream("split", (raw[:place], raw[place:]), Ending.HALF))

            assert leg.endpoint.counters.received == before + 1
