"""A transport on real sockets, and what it delivers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from sip.bridge.transport.flow import Flow
from sip.bridge.transport.guard import Guard, Limits
from sip.bridge.transport.patience import Patience
from sip.bridge.transport.peers import Peers, TrunkAddresses
from sip.bridge.transport.tls import Certificates
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
async def transport(
    trunks: TrunkAddresses, patience: Patience, certificates: Certificates | None = None
) -> AsyncIterator[Heard]:
    heard = Heard(Peers(lambda: heard.trunks), trunks)
    guard = Guard(LIMITS, heard.peers)
    heard.transport = Transport(
        ("127.0.0.1", 0),
        heard.deliver,
        guard,
        certificates=certificates,
        patience=patience,
        clock=heard.clock,
    )
    await heard.transport.start()
    try:
        yield heard
    finally:
        await heard.transport.aclose()
        await asyncio.sleep(0)
