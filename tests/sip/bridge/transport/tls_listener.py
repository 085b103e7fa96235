"""A transport that listens for TLS, and whoever connects to it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

from dialplans.process.tls_files import TlsFiles
from sip.bridge.transport.patience import PATIENCE, Patience
from sip.bridge.transport.peers import TrunkAddresses
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.transport.heard import (
    OPEN,
    PATIENCE_S,
    PEER,
    Heard,
    transport,
)

HERE = "127.0.0.1"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def listening(
    authority: Authority,
    trunks: TrunkAddresses = OPEN,
    patience: Patience = PATIENCE,
    client_ca: str = "",
) -> AsyncIterator[Heard]:
    certificate, key = authority.issue("leg", HERE, "leg.example")
    files = TlsFiles(f"{HERE}:0", certificate, key, client_ca, authority.file)
    async with transport(trunks, patience, Certificates(files)) as heard:
        yield heard


def at(heard: Heard) -> tuple[str, int]:
    assert heard.transport.tls_address is not None
    return heard.transport.tls_address


async def opened(heard: Heard, client: ssl.SSLContext, host: str = PEER) -> Stream:
    async with asyncio.timeout(PATIENCE_S):
        return await asyncio.open_connection(
            *at(heard), ssl=client, local_addr=(host, 0), server_hostname=HERE
        )


async def refusal(reader: asyncio.StreamReader) -> str:
    """What the other side says as it closes."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            said = await reader.read()
    except (ssl.SSLError, ConnectionError) as error:
        return str(error)
    return "closed" if not said else ""


def shown(writer: asyncio.StreamWriter) -> bytes:
    """The certificate that the leg showed."""
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return found


async def ended(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
