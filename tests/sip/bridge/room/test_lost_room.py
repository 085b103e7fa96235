"""What a leg makes of a connection that ends, without any server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from livekit import rtc

from sip.bridge.room.connection import RoomConnection
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.room.listener import Listener
from sip.bridge.room.reachability import listens
from sip.bridge.workers.participant import Reports, SipParticipant
from tests.sip.bridge.person import until
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
    leg = RoomConnection(Listener(lost=told.append))
    if rejoined:
        leg.expect_twin()

    leg._disconnected(reason)

    assert told == [final]
    assert leg.removed == (reason == Reason.PARTICIPANT_REMOVED)


class Mended(RoomConnection):
    """A connection that the SDK makes good by itself, perhaps with a server that was restarted."""

    def __init__(self) -> None:
        super().__init__(Listener())
        self.told: list[dict[str, str]] = []

    @property
    def connected(self) -> bool:
        return True

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        self.told.append(dict(attributes))


@pytest.mark.parametrize("after", [0.0, 0.1], ids=["at once", "a little later"])
async def test_a_connection_that_the_sdk_mends_is_in_the_record_as_well(after: float) -> None:
    """The caller heard nothing meanwhile, and a new room knows nothing of the call: so it is told
    how the call is, whoever has closed the gap. `at once`: before the leg has looked."""
    gaps: list[float] = []
    async with await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0
    ) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        participant = _participant(url, gaps)
        leg = Mended()
        participant._connection = leg
        leg.listener.lost = lambda final: participant._lost(leg, final)
        participant.set_attributes({"sip.callStatus": "active"})
        leg._reconnecting()
        asyncio.get_running_loop().call_later(after, leg._recovered.set)
        await until(lambda: bool(gaps))

    assert len(gaps) == 1
    assert participant.connection is leg
    assert leg.told[-1] == {"switchboard.called": "+49", "sip.callStatus": "active"}


def _participant(url: str, gaps: list[float]) -> SipParticipant:
    settings = SimpleNamespace(livekit_url=url, sip_echo_canceller=False)
    shared = SimpleNamespace(settings=settings)
    stream = SimpleNamespace(press=lambda digit: None, on_key=None, rate=8000)
    spec = ParticipantSpec("call-1", "sip_1", "", attributes={"switchboard.called": "+49"})
    return SipParticipant(shared, stream, spec, Reports(rejoined=gaps.append))  # type: ignore[arg-type]


async def test_a_server_that_is_gone_is_told_from_one_that_is_there() -> None:
    """A killed server need not be given time to mend the connection."""
    (port,) = free_ports(1)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
    async with server:
        there = await listens(f"ws://127.0.0.1:{port}/rtc")
    gone = await listens(f"ws://127.0.0.1:{port}")

    assert there
    assert not gone
