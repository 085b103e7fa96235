"""Mutants against a leg, from a process of its own.

`python -m tests.bench._hostile KIND HOST:PORT COUNT RATE SEED`, where KIND is `datagrams`,
`streams` or `media`. Prints how many were sent. Only addresses of 127.0.0.0/8 are used.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable

from tests.sip.bridge.hostile import media
from tests.sip.bridge.hostile.mutation import mutants
from tests.sip.bridge.hostile.streams import Ending, Stream, streams
from tests.sip.bridge.world import UNKNOWN, number

Address = tuple[str, int]

AT_ONCE = 24
REAL_CALLS = 200
"""One of so many datagrams is sent to a number that a room waits behind."""

BYTE_SECONDS = 0.01
STAYS_SECONDS = 12.0
AT_ONCE_RESET = struct.pack("ii", 1, 0)


def _datagrams(count: int, seed: int, port: int) -> Iterable[bytes]:
    for index, raw in enumerate(mutants(count, seed, port=port)):
        if index % REAL_CALLS == 0:
            yield raw.replace(UNKNOWN.encode(), number(30 + index // REAL_CALLS % 60).encode())
        else:
            yield raw


def _paced(
    to: Address, rate: float, hosts: Iterable[str], make: Callable[[int], Iterable[bytes]]
) -> int:
    sockets = []
    for host in hosts:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host, 0))
        made.setblocking(False)
        sockets.append(made)
    began, sent = time.monotonic(), 0
    turn = itertools.cycle(sockets)
    for raw in make(sockets[0].getsockname()[1]):
        through = next(turn)
        with contextlib.suppress(OSError):
            through.sendto(raw, to)
        sent += 1
        if sent % 20 == 0:
            for one in sockets:
                with contextlib.suppress(BlockingIOError):
                    while one.recv(65535):
                        pass
            time.sleep(max(0.0, began + sent / rate - time.monotonic()))
    for one in sockets:
        one.close()
    return sent


async def _spoken(to: Address, stream: Stream) -> None:
    line = socket.socket()
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    with contextlib.closing(line), contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(STAYS_SECONDS):
            await loop.sock_connect(line, to)
            for piece in stream.pieces:
                await loop.sock_sendall(line, piece)
                await asyncio.sleep(BYTE_SECONDS if stream.kind == "slowly" else 0)
            if stream.ending is Ending.RESET:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
            elif stream.ending is Ending.HALF:
                line.shutdown(socket.SHUT_WR)
            if stream.ending in (Ending.HALF, Ending.STAY):
                while await loop.sock_recv(line, 65536):
                    pass


async def _streams(to: Address, count: int, rate: float, seed: int) -> int:
    began, gate = time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def one(stream: Stream) -> None:
        try:
            await _spoken(to, stream)
        finally:
            gate.release()

    sent, running = 0, set[asyncio.Task[None]]()
    for stream in streams(count, seed):
        await gate.acquire()
        task = asyncio.create_task(one(stream))
        running.add(task)
        task.add_done_callback(running.discard)
        sent += 1
        await asyncio.sleep(max(0.0, began + sent / rate - time.monotonic()))
    await asyncio.gather(*running)
    return sent


def main(kind: str, address: str, count: str, rate: str, seed: str) -> int:
    host, _, port = address.rpartition(":")
    to, many, fast, first = (host, int(port)), int(count), float(rate), int(seed)
    if kind == "streams":
        print(asyncio.run(_streams(to, many, fast, first)))
    elif kind == "media":
        print(_paced(to, fast, ("127.0.0.1", "127.0.0.66"), lambda _: media.mutants(many, first)))
    else:
        print(_paced(to, fast, ("127.0.0.1",), lambda own: _datagrams(many, first, own)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
