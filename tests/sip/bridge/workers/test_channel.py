"""Messages and sockets between two processes of the leg."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest

from sip.bridge.workers.channel import LONGEST, Channel
from tests.sip.bridge.person import until


class End:
    def __init__(self, end: socket.socket) -> None:
        self.heard: list[bytes] = []
        self.sockets: list[int] = []
        self.closings = 0
        self.channel = Channel(end, self._received, self._closed)

    def _received(self, message: bytes, sockets: list[int]) -> None:
        self.heard.append(message)
        self.sockets += sockets

    def _closed(self) -> None:
        self.closings += 1


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    one, two = (End(end) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    yield one, two
    for end in (one, two):
        end.channel.close()
        for number in end.sockets:
            os.close(number)


async def test_messages_come_in_order_and_whole(ends: tuple[End, End]) -> None:
    """More than the kernel holds at once, of every length that there is."""
    one, two = ends
    sent = [bytes([index % 256]) * (1 + index * 997 % LONGEST) for index in range(300)]
    for message in sent:
        one.channel.send(message)
    await until(lambda: len(two.heard) == len(sent))

    assert two.heard == sent


async def test_a_socket_that_is_handed_over_goes_on_when_its_first_owner_has_closed_it(
    ends: tuple[End, End],
) -> None:
    """What has come to it meanwhile is there."""
    one, two = ends
    phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with phone, bound:
        bound.bind(("127.0.0.1", 0))
        phone.connect(bound.getsockname())
        phone.send(b"before")
        one.channel.send(b"take it", [bound.fileno()])
        bound.close()
        phone.send(b"after")
        await until(lambda: bool(two.sockets))
        with socket.socket(fileno=two.sockets.pop()) as taken:
            assert [taken.recv(100), taken.recv(100)] == [b"before", b"after"]


async def test_sockets_wait_with_their_message(ends: tuple[End, End]) -> None:
    """Though the kernel takes no more for now, and the sender closes its own at once."""
    one, two = ends
    for _ in range(40):
        one.channel.send(bytes(LONGEST))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        name = bound.getsockname()
        one.channel.send(b"last", [bound.fileno()])
    await until(lambda: bool(two.sockets))

    with socket.socket(fileno=two.sockets.pop()) as taken:
        assert taken.getsockname() == name
    assert two.heard[-1] == b"last"


async def test_the_end_of_the_other_side_is_told_once(ends: tuple[End, End]) -> None:
    one, two = ends
    one.channel.close()
    await until(lambda: bool(two.closings))
    two.channel.send(b"nobody hears this")
    await asyncio.sleep(0.05)

    assert (one.closings, two.closings) == (0, 1)
    assert not two.channel.open


async def test_what_is_too_long_is_said_to_be(ends: tuple[End, End]) -> None:
    one, two = ends
    with pytest.raises(ValueError, match=str(LONGEST + 1)):
        one.channel.send(bytes(LONGEST + 1))
    one.channel.send(b"next")
    await until(lambda: bool(two.heard))

    assert two.heard == [b"next"]
