"""Datagrams and connections on real sockets: who is heard, whoever else sends."""

from __future__ import annotations

import asyncio
import errno
import socket
import time

import pytest

from sip.bridge.transport import sockets as module
from sip.bridge.transport.blocklist import STRANGER_TOO_MANY
from sip.bridge.transport.guard import Guard
from sip.bridge.transport.peers import TrunkAddresses
from sip.bridge.transport.transport import Transport
from tests.sip.bridge.transport.heard import (
    LIMITS,
    OPEN,
    OPTIONS,
    OTHER,
    PEER,
    QUICK,
    STRANGER,
    Heard,
    transport,
)


async def test_who_is_on_no_trunk_is_not_heard_where_all_trunks_name_addresses(
    named: Heard,
) -> None:
    """Counted, by UDP and by TCP; the trunk is heard by both."""
    named.send(STRANGER, OPTIONS)
    named.send(PEER, OPTIONS)
    with pytest.raises(ConnectionError):
        await named.connected(STRANGER)
    _, peer = await named.connected(PEER)
    peer.write(OPTIONS)
    await named.until(lambda: len(named.messages) == 2)
    peer.close()

    assert named.hosts == [PEER, PEER]
    assert named.transport.counters.shut_out == 2


async def test_a_trunk_that_is_added_is_heard_and_one_that_is_removed_is_closed(
    named: Heard,
) -> None:
    """The plan of the moment counts, also for a connection that was there before it."""
    peer, writer = await named.connected(PEER)
    named.trunks = TrunkAddresses.of([["127.0.9.0/24"]])
    writer.write(OPTIONS)
    await named.closes(peer)
    named.send(STRANGER, OPTIONS)
    await named.until(lambda: bool(named.messages))
    writer.close()

    assert named.hosts == [STRANGER]


async def test_whoever_a_call_is_with_is_heard_through_the_filter(named: Heard) -> None:
    """A carrier that we dial by name, while strangers of many addresses are shut out together."""
    for n in range(1, 250):
        named.send(f"127.0.10.{n}", OPTIONS)
    await named.until(lambda: named.transport.counters.shut_out >= 200)
    await named.until(lambda: named.transport._filtered)
    named.peers.hold(OTHER)
    named.send(STRANGER, OPTIONS, 50)
    named.send(OTHER, OPTIONS)
    named.send(PEER, OPTIONS)
    await named.until(lambda: len(named.messages) == 2)

    assert named.hosts == [OTHER, PEER]
    assert named.transport.dropped >= 50


async def test_one_who_floods_does_not_shut_out_other_strangers(open_to_strangers: Heard) -> None:
    heard = open_to_strangers
    heard.stopped = time.monotonic()
    heard.send(STRANGER, OPTIONS, 200)
    await heard.until(lambda: heard.transport.counters.flooded >= STRANGER_TOO_MANY)
    heard.send(OTHER, OPTIONS)
    await heard.until(lambda: OTHER in heard.hosts)

    assert heard.hosts.count(STRANGER) <= LIMITS.stranger.messages.burst + 1


async def test_a_port_that_is_taken_is_named() -> None:
    async with transport(OPEN, QUICK) as heard:
        host, port = heard.transport.address
        second = Transport((host, port), heard.deliver, Guard(LIMITS))
        with pytest.raises(OSError, match=f"{host}:{port}"):
            await second.start()


async def test_a_port_that_is_taken_for_datagrams_alone_is_named_too() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        second = Transport(("127.0.0.1", port), lambda message, flow: True, Guard(LIMITS))
        with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
            await second.start()


@pytest.mark.parametrize("taken", [1, 5])
async def test_a_free_port_is_looked_for_until_it_is_free_for_both(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel gives a port that is free for TCP; for UDP it may be somebody's."""
    left = taken
    bind = module._bound

    def sometimes(info: module.AddressInfo) -> tuple[socket.socket, socket.socket]:
        nonlocal left
        if left:
            left -= 1
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return bind(info)

    monkeypatch.setattr(module, "_bound", sometimes)
    async with transport(OPEN, QUICK) as heard:
        heard.send(PEER, OPTIONS)
        await heard.until(lambda: bool(heard.messages))

    assert not left


async def test_a_connection_of_ours_is_read_whoever_it_is_with(named: Heard) -> None:
    """We dialled a carrier by TCP that no trunk's addresses name."""

    async def carrier(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OPTIONS)
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(carrier, OTHER, 0)
    flow = await named.transport.connect((OTHER, server.sockets[0].getsockname()[1]))
    await named.until(lambda: bool(named.messages))
    await named.transport.aclose()
    server.close()

    assert flow.reliable
    assert named.hosts == [OTHER]
