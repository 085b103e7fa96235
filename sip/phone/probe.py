"""Is there anybody at a SIP address? One OPTIONS tells, before a call rings into nothing."""

from __future__ import annotations

import asyncio
import secrets

TRIES = 10
WAIT_S = 0.6
"""Six seconds of silence are nobody; a busy machine may take some of them to answer."""
REFUSALS = 3
"""So many times the machine itself said that nothing listens there: no need to wait on."""


class _Listener(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answered = asyncio.Event()
        self.refusals = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.answered.set()

    def error_received(self, exc: Exception) -> None:
        self.refusals += 1


async def anybody_there(host: str, port: int) -> bool:
    """Whether something answers OPTIONS there over UDP (RFC 3261 §11)."""
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(_Listener, remote_addr=(host, port))
    try:
        here = "{}:{}".format(*transport.get_extra_info("sockname"))
        for number in range(1, TRIES + 1):
            transport.sendto(_options(f"{host}:{port}", here, number))
            try:
                await asyncio.wait_for(listener.answered.wait(), WAIT_S)
            except TimeoutError:
                if listener.refusals >= REFUSALS:
                    return False
            else:
                return True
        return False
    finally:
        transport.close()


def _options(there: str, here: str, number: int) -> bytes:
    lines = (
        f"OPTIONS sip:{there} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:probe@{here}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{there}>",
        f"Call-ID: {secrets.token_hex(8)}@{here}",
        f"CSeq: {number} OPTIONS",
        f"Contact: <sip:probe@{here}>",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
