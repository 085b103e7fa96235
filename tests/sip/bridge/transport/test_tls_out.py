"""Connections that we make by TLS: whom we speak to, and how often."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialplans.process.tls_files import TlsFiles
from sip.bridge.transport.patience import PATIENCE
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.transport.heard import (
    OPEN,
    OPTIONS,
    transport,
)
from tests.sip.bridge.transport.tls_listener import (
    HERE,
    listening,
)


@contextlib.asynccontextmanager
async def carrier(context: ssl.SSLContext, heard: list[bytes]) -> AsyncIterator[tuple[str, int]]:
    """Who is called: it keeps what it hears, and says nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                heard.append(data)
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()


def serving(files: tuple[str, str], ca: str = "") -> ssl.SSLContext:
    return TlsFiles("any:1", *files, client_ca=ca).server()


async def test_a_connection_of_ours_is_used_again_until_it_is_gone(authority: Authority) -> None:
    """By the same name only: what one carrier proved, another has not."""
    heard: list[bytes] = []
    names = authority.issue("carrier", "carrier.example", "other.example")
    async with listening(authority) as leg, carrier(serving(names), heard) as peer:
        connect = leg.transport.connect_tls
        flow = await connect(peer, "carrier.example")
        again = await connect(peer, "carrier.example")
        other = await connect(peer, "other.example")
        flow.send(OPTIONS)
        await leg.until(lambda: b"".join(heard) == OPTIONS)
        await leg.transport.aclose()

    assert flow is again
    assert flow is not other
    assert (flow.name, flow.peer) == ("TLS", peer)
    assert flow.port not in (None, leg.transport.address[1])


@pytest.mark.parametrize(
    ("hosts", "name", "why"),
    [
        (["carrier.example"], "other.example", "Hostname mismatch"),
        (["*.example"], "a.b.example", "Hostname mismatch"),
        ([HERE], "127.0.0.2", "IP address mismatch"),
        (["carrier.example"], "carrier.example", "unable to get local issuer"),
    ],
    ids=["another name", "one label too many", "another address", "an unknown authority"],
)
async def test_who_is_not_whom_we_called_is_not_spoken_to(
    authority: Authority, tmp_path: Path, hosts: list[str], name: str, why: str
) -> None:
    believed = authority if "mismatch" in why else Authority(tmp_path, "unknown")
    heard: list[bytes] = []
    files = believed.issue("carrier", *hosts)
    async with listening(authority) as leg, carrier(serving(files), heard) as peer:
        with pytest.raises(OSError, match=why):
            await leg.transport.connect_tls(peer, name)
        await leg.until(lambda: leg.transport.connections == 0)

    assert heard == []


async def test_an_address_may_be_the_name(authority: Authority) -> None:
    files = authority.issue("carrier", HERE)
    async with listening(authority) as leg, carrier(serving(files), []) as peer:
        flow = await leg.transport.connect_tls(peer, HERE)
        await leg.transport.aclose()

    assert flow.secure


async def test_who_asks_us_for_a_certificate_is_shown_ours(authority: Authority) -> None:
    heard: list[bytes] = []
    files = authority.issue("carrier", "carrier.example")
    context = serving(files, authority.file)
    async with listening(authority) as leg, carrier(context, heard) as peer:
        flow = await leg.transport.connect_tls(peer, "carrier.example")
        flow.send(OPTIONS)
        await leg.until(lambda: b"".join(heard) == OPTIONS)
        await leg.transport.aclose()


async def test_nobody_there_and_nobody_who_speaks_tls_are_errors(authority: Authority) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SIP/2.0 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(plain, HERE, 0)
    peer = server.sockets[0].getsockname()
    async with listening(authority) as leg, server:
        with pytest.raises(OSError):
            await leg.transport.connect_tls(peer, HERE)
        server.close()
        with pytest.raises(OSError):
            await leg.transport.connect_tls(peer, HERE)


async def test_calls_out_go_by_tls_without_a_listener(authority: Authority) -> None:
    files = authority.issue("carrier", "carrier.example")
    ours = Certificates(TlsFiles(ca=authority.file))
    async with transport(OPEN, PATIENCE, ours) as leg, carrier(serving(files), []) as peer:
        flow = await leg.transport.connect_tls(peer, "carrier.example")
        listens = leg.transport.tls_address
        await leg.transport.aclose()

    assert flow.secure
    assert listens is None
