"""What a leg makes of a connection that ends, without any server."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc

from sip.bridge.room.leg import RoomLeg
from sip.bridge.room.listener import Listener
from sip.bridge.room.reach import listens
from tests.stack.free_ports import free_ports

Reason = rtc.DisconnectReason


@pytest.mark.parametrize(
    ("reason", "rejoined", "final"),
    [
        pytest.param(Reason.PARTICIPANT_REMOVED, False, True, id="the agent hangs up"),
        pytest.param(Reason.ROOM_DELETED, False, True, id="the room is closed"),
        pytest.param(Reason.DUPLICATE_IDENTITY, False, True, id="somebody takes its place"),
        pytest.param(Reason.DUPLICATE_IDENTITY, True, False, id="its own lost connection does"),
        pytest.param(Reason.ROOM_DELETED, True, True, id="closed after a rejoin"),
        pytest.param(Reason.SIGNAL_CLOSE, False, False, id="the server goes away"),
        pytest.param(Reason.SERVER_SHUTDOWN, False, False, id="the server is stopped"),
    ],
)
async def test_only_some_ends_of_a_connection_are_the_end_of_the_call(
    reason: Reason.ValueType, rejoined: bool, final: bool
) -> None:
    """All others are a room to be joined again, with the phone still on the line."""
    told: list[bool] = []
    leg = RoomLeg(Listener(lost=told.append))
    if rejoined:
        leg.expect_twin()

    leg._disconnected(reason)

    assert told == [final]
    assert leg.removed == (reason == Reason.PARTICIPANT_REMOVED)


async def test_a_server_that_is_gone_is_told_from_one_that_is_there() -> None:
    """A killed server need not be given time to mend the connection."""
    (port,) = free_ports(1)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
    async with server:
        there = await listens(f"ws://127.0.0.1:{port}/rtc")
    gone = await listens(f"ws://127.0.0.1:{port}")

    assert there
    assert not gone
