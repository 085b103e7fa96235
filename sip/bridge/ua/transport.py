"""UDP and TCP on one address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from sip.bridge.tasks import Tasks

log = structlog.get_logger()

Address = tuple[str, int]

MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 32 * 1024
MAX_CONNECTIONS = 200
IDLE_SECONDS = 900.0
"""A TCP connection without a word for this long is closed; a call on it goes on over a new one."""

CONNECT_SECONDS = 4.0


class Flow:
    """Where a message came from, and the way back: a UDP address or a TCP connection."""

    def __init__(
        self, peer: Address, udp: asyncio.DatagramTransport | None, tcp: asyncio.StreamWriter | None
    ) -> None:
        self.peer = peer
        self._udp = udp
        self._tcp = tcp

    @property
    def reliable(self) -> bool:
        return self._tcp is not None

    @property
    def name(self) -> str:
        return "TCP" if self._tcp is not None else "UDP"

    def send(self, data: bytes, to: Address | None = None) -> None:
        """Never raises: what does not arrive is the timers' business."""
        if self._tcp is not None:
            if not self._tcp.is_closing():
                self._tcp.write(data)
        elif self._udp is not None and not self._udp.is_closing():
            try:
                self._udp.sendto(data, to or self.peer)
            except (OSError, ValueError) as error:
                log.info("sip.not_sent", error=str(error))


Deliver = Callable[[bytes, Flow], None]


class Transport(asyncio.DatagramProtocol):
    def __init__(self, address: Address, deliver: Deliver) -> None:
        self.address = address
        self._deliver = deliver
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._tasks = Tasks()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Port 0 takes a free one, the same for UDP and TCP; raises OSError when one is taken."""
        host, port = self.address
        loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_HEADER_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        try:
            self._udp, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(host, port)
            )
        except OSError:
            self._server.close()
            raise
        self.address = (host, port)

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._udp is not None:
            self._udp.close()
        for writer in tuple(self._writers):
            writer.close()
        await self._tasks.aclose()

    def udp_flow(self, peer: Address) -> Flow:
        return Flow(peer, self._udp, None)

    async def connect(self, peer: Address) -> Flow:
        """A new TCP connection; raises OSError or TimeoutError."""
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(*peer, limit=MAX_HEADER_BYTES)
        self._tasks.spawn(self._serve(reader, writer, peer))
        return Flow(peer, None, writer)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._deliver(data, Flow((addr[0], addr[1]), self._udp, None))

    def error_received(self, exc: Exception) -> None:
        """ICMP port unreachable from some peer; its transaction times out."""

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        if len(self._writers) >= MAX_CONNECTIONS or peer is None:
            writer.close()
            return
        await self._serve(reader, writer, (peer[0], peer[1]))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: Address
    ) -> None:
        self._writers.add(writer)
        flow = Flow(peer, None, writer)
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await _read_message(reader)
                if message is None:
                    flow.send(b"\r\n")  # a keep-alive is answered (RFC 5626 §3.5.1)
                else:
                    self._deliver(message, flow)
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            log.debug("sip.tcp_closed", error=str(error))
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _read_message(reader: asyncio.StreamReader) -> bytes | None:
    """One message by its Content-Length (RFC 3261 §18.3), None for a keep-alive.

    Raises ValueError for a peer that does not frame its messages: nothing after it can be read.
    """
    try:
        first = await reader.readuntil(b"\r\n")
        if first == b"\r\n":
            return None
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ValueError("headers too long") from error
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l"):
            length = int(value)
            break
    if not 0 <= length <= MAX_BODY_BYTES:
        raise ValueError("body too long")
    return head + await reader.readexactly(length)
