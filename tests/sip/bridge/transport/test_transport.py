"""Connections and datagrams on real sockets: what a stranger may cost, and who is always heard."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from sip.bridge.transport.blocklist import STRANGER_TOO_MANY
from sip.bridge.transport.flow import Flow
from sip.bridge.transport.guard import Guard, Limits
from sip.bridge.transport.peers import Peers, TrunkAddresses
from sip.bridge.transport.tcp import UNREAD_BYTES, Patience
from sip.bridge.transport.transport import Transport

PEER, STRANGER, OTHER = "127.0.8.1", "127.0.9.1", "127.0.9.2"
NAMED = TrunkAddresses.of([["127.0.8.0/24"]])
OPEN = TrunkAddresses.of([["127.0.8.0/24"], []])
LIMITS = Limits.of(calls=20, messages=500, octets=1_000_000, stranger_octets=4000)
QUICK = Patience(first_message=0.2, message=0.2, reads=0.2, idle=30, idle_stranger=0.2)
OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"
PATIENCE_S = 10.0


@dataclass
class Heard:
    """A transport and what it delivered, from whom. `answer` is sent back for each."""

    peers: Peers
    trunks: TrunkAddresses = OPEN
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    answer: bytes = b""
    transport: Transport = field(init=False)
    stopped: float | None = None
    """Since when nobody may send more because time has passed."""

    def clock(self) -> float:
        return time.monotonic() if self.stopped is None else self.stopped

    def deliver(self, message: bytes, flow: Flow) -> bool:
        self.messages.append((flow.peer[0], message))
        self.flows.append(flow)
        if self.answer:
            flow.send(self.answer)
        return not message.startswith(b"nonsense")

    @property
    def hosts(self) -> list[str]:
        return [host for host, _ in self.messages]

    async def until(self, come: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not come():
                await asyncio.sleep(0.01)

    async def connected(self, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.transport.address, local_addr=(host, 0))

    async def closes(self, reader: asyncio.StreamReader) -> bytes:
        """What came until the other side closed or reset."""
        found = b""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                while more := await reader.read(65536):
                    found += more
        return found

    def send(self, host: str, data: bytes, times: int = 1) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((host, 0))
            for _ in range(times):
                sender.sendto(data, self.transport.address)


@contextlib.asynccontextmanager
async def transport(trunks: TrunkAddresses, patience: Patience) -> AsyncIterator[Heard]:
    heard = Heard(Peers(lambda: heard.trunks), trunks)
    guard = Guard(LIMITS, heard.peers)
    heard.transport = Transport(
        ("127.0.0.1", 0), heard.deliver, guard, patience=patience, clock=heard.clock
    )
    await heard.transport.start()
    try:
        yield heard
    finally:
        await heard.transport.aclose()
        await asyncio.sleep(0)


@pytest.fixture
async def open_to_strangers() -> AsyncIterator[Heard]:
    async with transport(OPEN, QUICK) as heard:
        yield heard


@pytest.fixture
async def named() -> AsyncIterator[Heard]:
    async with transport(NAMED, QUICK) as heard:
        yield heard


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


async def test_a_port_that_is_taken_is_named() -> None:
    async with transport(OPEN, QUICK) as heard:
        host, port = heard.transport.address
        second = Transport((host, port), heard.deliver, Guard(LIMITS))
        with pytest.raises(OSError, match=f"{host}:{port}"):
            await second.start()


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
