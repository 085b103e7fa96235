"""One media worker as a process, which its parent forks."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import uvloop

from sip.bridge.ffi.client import install
from sip.bridge.ffi.handles import keep_warm
from sip.bridge.processes.lifeline import until_the_end
from sip.bridge.runtime.settings import Settings
from sip.bridge.workers.worker import Worker

NO_PROGRAMS = "/nonexistent"
"""The SDK runs `lsb_release` and `getconf` in every join, 14 programs by Debian's shell scripts, to
tell the server which system this is: up to half of the time that a join takes. Where it finds none
it reads /etc/os-release instead. Media workers start no programs themselves."""


def run(settings: Settings, listening: socket.socket, lifeline: int) -> int:
    """Serves whoever connects to `listening`, until it is told to end or its parent is gone."""
    uvloop.run(_serve(settings, listening, lifeline))
    return 0


async def _serve(settings: Settings, listening: socket.socket, lifeline: int) -> None:
    listening.setblocking(False)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # a terminal's is for the parent
    os.environ["PATH"] = NO_PROGRAMS
    install()
    keep_warm()
    worker = Worker(settings)
    worker.start()

    async def accept() -> None:
        while True:
            connection, _ = await loop.sock_accept(listening)
            worker.serve(connection)

    accepting = asyncio.create_task(accept())
    await until_the_end(lifeline, over)
    accepting.cancel()
    await worker.aclose()
