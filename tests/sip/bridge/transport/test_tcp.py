"""Connections on real sockets: how long a stranger has one, and what is kept for it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import pytest

from sip.bridge.transport.tcp_connection import UNREAD_BYTES
from tests.sip.bridge.transport.heard import LIMITS, OPTIONS, PATIENCE_S, PEER, STRANGER, Heard


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"OPTIONS sip:a@b SIP/2.0\r\nX:", id="half a message"),
        pytest.param(b"\r\n\r\n" * 20, id="keep-alives and no message"),
        pytest.param(OPTIONS + b"OPTIONS sip:a", id="one message and half of another"),
        pytest.param(OPTIONS, id="one message and then silence"),
        pytest.param(b"x" * 9000, id="more than a stranger may"),
        pytest.param(b"nonsense\r\n\r\n", id="no SIP"),
    ],
)
async def test_a_connection_that_leads_nowhere_is_closed(
    open_to_strangers: Heard, data: bytes
) -> None:
    """After ten seconds, of which a test has 0.2; an idle one of a stranger after thirty."""
    reader, writer = await open_to_strangers.connected(STRANGER)
    writer.write(data)
    await open_to_strangers.closes(reader)
    writer.close()
    await open_to_strangers.until(lambda: open_to_strangers.transport.connections == 0)

    assert open_to_strangers.transport.connections == 0


async def test_bytes_one_at_a_time_do_not_buy_time(open_to_strangers: Heard) -> None:
    """What counts is when the message began."""
    reader, writer = await open_to_strangers.connected(STRANGER)

    async def drip() -> None:
        for byte in OPTIONS.ljust(1000, b"x"):
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    dripping = asyncio.ensure_future(drip())
    await open_to_strangers.closes(reader)
    sent_whole = dripping.done()
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    writer.close()

    assert not sent_whole
    assert open_to_strangers.messages == []


async def test_a_trunks_connection_may_be_idle(open_to_strangers: Heard) -> None:
    """Once it has said something."""
    reader, writer = await open_to_strangers.connected(PEER)
    writer.write(OPTIONS)
    await open_to_strangers.until(lambda: bool(open_to_strangers.messages))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await reader.read(1)
    writer.close()


async def test_keep_alives_keep_a_trunks_connection(open_to_strangers: Heard) -> None:
    """Some carriers open one ahead of the first call."""
    reader, writer = await open_to_strangers.connected(PEER)
    writer.write(b"\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        answered = await reader.read(2)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await reader.read(1)
    writer.close()

    assert answered == b"\r\n"


async def test_two_hundred_connections_of_one_stranger_are_one(open_to_strangers: Heard) -> None:
    """The others are refused before anything is kept of them, and a trunk still gets in."""
    with contextlib.ExitStack() as opened:
        for _ in range(200):
            line = opened.enter_context(socket.socket())
            line.bind((STRANGER, 0))
            line.setblocking(False)
            line.connect_ex(open_to_strangers.transport.address)
        _, peer = await open_to_strangers.connected(PEER)
        peer.write(OPTIONS)
        await open_to_strangers.until(lambda: bool(open_to_strangers.messages))
        most = open_to_strangers.transport.connections
        peer.close()

    assert most <= 2
    assert open_to_strangers.hosts == [PEER]


async def test_a_stranger_is_read_no_faster_than_it_may_send(open_to_strangers: Heard) -> None:
    """What is too much waits at the sender: nothing is read to be thrown away."""
    open_to_strangers.stopped = time.monotonic()
    with socket.socket() as line:
        line.bind((STRANGER, 0))
        line.connect(open_to_strangers.transport.address)
        line.setblocking(False)
        sent = await _write_until_full(line, OPTIONS * 1000)

        read = sum(len(message) for message in open_to_strangers.messages)

    assert sent > 20_000
    assert read <= LIMITS.stranger.octets.burst + 8 * 1024


async def _write_until_full(line: socket.socket, data: bytes) -> int:
    """Until nothing more is taken for a while."""
    sent, tries = 0, 0
    while tries < 10 and sent < 10_000_000:
        try:
            sent += line.send(data)
            tries = 0
        except BlockingIOError:
            tries += 1
            await asyncio.sleep(0.01)
        except ConnectionError:
            break
    return sent


async def test_who_does_not_read_is_dropped_and_little_is_kept_for_it(
    open_to_strangers: Heard,
) -> None:
    """A trunk's peer that asks and asks: what waits for it is bounded, and so is the wait."""
    heard = open_to_strangers
    heard.answer = b"x" * 4000
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.bind((PEER, 0))
        line.connect(heard.transport.address)
        line.setblocking(False)
        await _write_until_full(line, OPTIONS * 100)
        await heard.until(lambda: heard.transport.connections == 0)

    assert len(heard.messages) * len(heard.answer) < UNREAD_BYTES + 4 * 1024 * 1024
    assert heard.messages


async def test_a_keep_alive_is_answered_once_for_all_that_came(open_to_strangers: Heard) -> None:
    """RFC 5626 §3.5.1: a line end for two; a thousand of them are no reason to write a thousand."""
    reader, writer = await open_to_strangers.connected(PEER)
    writer.write(b"\r\n\r\n" * 1000)
    async with asyncio.timeout(PATIENCE_S):
        answered = await reader.read(65536)
    writer.close()

    assert answered.strip() == b""
    assert 2 <= len(answered) < 100


async def test_messages_of_one_read_are_all_delivered_in_order(open_to_strangers: Heard) -> None:
    _, writer = await open_to_strangers.connected(PEER)
    numbered = [OPTIONS.replace(b"a@b", b"%d@b" % n) for n in range(100)]
    writer.write(b"".join(numbered))
    await open_to_strangers.until(lambda: len(open_to_strangers.messages) == 100)
    writer.close()

    assert [message for _, message in open_to_strangers.messages] == numbered
