"""A stream of a telephone's own, on a port of its range."""

from __future__ import annotations

from sip.bridge.media.packet import Sender
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import RtpStream


async def open_stream(ports: Ports) -> RtpStream:
    """Raises NoPortError; `close_stream` gives the port back."""
    bound, _ = ports.open()
    stream = RtpStream(bound, Sender())
    await stream.start()
    return stream


def close_stream(ports: Ports, stream: RtpStream) -> None:
    port = stream.port
    stream.close()
    ports.release(port)
