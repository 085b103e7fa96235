"""SIP over TLS on real sockets: who gets a handshake, and who is heard."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import time
import warnings

import pytest

from dialplans.process.tls_files import TlsFiles
from sip.bridge.transport.tls import Session, TlsError
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.transport.heard import (
    LIMITS,
    NAMED,
    OPEN,
    OPTIONS,
    PATIENCE_S,
    PEER,
    QUICK,
    STRANGER,
)
from tests.sip.bridge.transport.tls_listener import (
    HERE,
    at,
    ended,
    listening,
    opened,
)


async def test_a_message_is_heard_and_answered(authority: Authority) -> None:
    async with listening(authority) as heard:
        heard.answer = b"SIP/2.0 200 OK\r\n\r\n"
        reader, writer = await opened(heard, authority.client())
        writer.write(OPTIONS)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.readexactly(len(heard.answer))
        await ended(writer)

    assert answer == heard.answer
    assert heard.messages == [(PEER, OPTIONS)]
    assert [(flow.name, flow.reliable) for flow in heard.flows] == [("TLS", True)]


async def test_a_hundred_messages_arrive_in_order_however_the_records_are_cut(
    authority: Authority,
) -> None:
    """And a keep-alive before them is answered."""
    numbered = [OPTIONS.replace(b"a@b", b"%d@b" % n) for n in range(100)]
    whole = b"".join(numbered)
    async with listening(authority) as heard:
        reader, writer = await opened(heard, authority.client())
        writer.write(b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            pong = await reader.readexactly(2)
        for start in range(0, len(whole), 333):
            writer.write(whole[start : start + 333])
            await asyncio.sleep(0)
        await heard.until(lambda: len(heard.messages) == 100)
        await ended(writer)

    assert pong == b"\r\n"
    assert [message for _, message in heard.messages] == numbered


async def test_what_was_said_before_a_goodbye_counts(authority: Authority) -> None:
    """A BYE, and at once the end of the connection."""
    async with listening(authority) as heard:
        _, writer = await opened(heard, authority.client())
        writer.write(OPTIONS * 3)
        await ended(writer)
        await heard.until(lambda: heard.transport.connections == 0)

    assert heard.hosts == [PEER] * 3


async def test_who_is_on_no_trunk_gets_no_handshake(authority: Authority) -> None:
    """The connection is reset before anything of TLS is read; the trunk gets through."""
    async with listening(authority, NAMED) as heard:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await opened(heard, authority.client(), STRANGER)
        _, writer = await opened(heard, authority.client())
        writer.write(OPTIONS)
        await heard.until(lambda: bool(heard.messages))
        await ended(writer)

    assert heard.hosts == [PEER]
    assert heard.transport.counters.shut_out == 1


async def test_a_stranger_has_few_handshakes_and_a_trunk_still_has_its_own(
    authority: Authority,
) -> None:
    """Where a password alone lets in: as many as it may make calls, one connection at a time."""
    async with listening(authority) as heard:
        heard.stopped = time.monotonic()
        done = 0
        for _ in range(20):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                _, writer = await opened(heard, authority.client(), STRANGER)
                done += 1
                await ended(writer)
                await heard.until(lambda: heard.transport.connections == 0)
        _, writer = await opened(heard, authority.client())
        await ended(writer)

    assert done == int(LIMITS.stranger.calls.burst)
    assert heard.transport.counters.flooded >= 10


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x16\x03\x01\x02\x00", id="the head of a record"),
        pytest.param(
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 40, id="half a hello"
        ),
        pytest.param(OPTIONS, id="SIP that is not encrypted"),
        pytest.param(b"\x00" * 5000, id="nonsense"),
        pytest.param(b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", id="a hello of SSL 2"),
    ],
)
async def test_a_handshake_that_leads_nowhere_is_closed(authority: Authority, sent: bytes) -> None:
    """Within the time of a first message, also for an address of a trunk."""
    async with listening(authority, OPEN, QUICK) as heard:
        reader, writer = await asyncio.open_connection(*at(heard), local_addr=(PEER, 0))
        writer.write(sent)
        await heard.closes(reader)
        await ended(writer)
        await heard.until(lambda: heard.transport.connections == 0)

    assert heard.messages == []


async def test_a_handshake_byte_by_byte_does_not_buy_time(authority: Authority) -> None:
    """A whole and true hello, but never fast enough."""
    hello, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = authority.client().wrap_bio(hello, out, server_hostname="leg.example")
    with pytest.raises(ssl.SSLWantReadError):
        asking.do_handshake()
    said = out.read()
    async with listening(authority, OPEN, QUICK) as heard:
        reader, writer = await asyncio.open_connection(*at(heard), local_addr=(PEER, 0))

        async def drip() -> None:
            for byte in said:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.ensure_future(drip())
        answer = await heard.closes(reader)
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        await ended(writer)

    assert answer == b""


async def test_a_handshake_and_then_silence_is_closed(authority: Authority) -> None:
    async with listening(authority, OPEN, QUICK) as heard:
        reader, writer = await opened(heard, authority.client())
        said = await heard.closes(reader)
        await ended(writer)

    assert said == b""


async def test_old_versions_are_not_spoken(authority: Authority) -> None:
    old = authority.client()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with listening(authority) as heard:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await opened(heard, old)


def test_a_thousand_broken_streams_are_refused_or_wait(authority: Authority) -> None:
    """Before the handshake, in it and after it: never another error."""
    certificate, key = authority.issue("leg", HERE)
    files = TlsFiles(f"{HERE}:0", certificate, key, ca=authority.file)
    chance = random.Random(5061)
    for round_ in range(1000):
        server, client = Session(files.server()), Session(files.client(), HERE)
        client.begin()
        said = [client.pending()]
        if round_ % 2:
            server.receive(said[0])
            client.receive(server.pending())
            said = [client.pending()]
        if round_ % 4 == 3:
            server.receive(said[0])
            client.send(OPTIONS)
            said = [client.pending()]
        broken = bytearray(said[0])
        for _ in range(chance.randrange(1, 4)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(TlsError):
            for at in range(0, len(broken), 100):
                assert server.receive(bytes(broken[at : at + 100])) in (b"", OPTIONS)
            server.receive(chance.randbytes(200))
        server.send(OPTIONS)
        server.close()
        server.pending()
