"""A telephone that is a program: told what to do by its own commands, as a person would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import wave
from pathlib import Path

import numpy as np

from sip.bridge.media.g711 import Pcm
from tests.sip.bridge.caller import purity

HOST = "127.0.0.1"
TONE_HZ = 1000
TONE_S = 60


class Program:
    """`said` is what it has printed since something was last waited for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def run(self, program: str, *arguments: str) -> None:
        found = shutil.which(program)
        assert found is not None, f"no {program}: make telephones"
        self._process = await asyncio.create_subprocess_exec(
            found,
            *arguments,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())

    async def tell(self, text: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        await self._process.stdin.drain()

    async def says(self, expression: str, within: float = 20) -> None:
        """Wait until it has printed this."""
        async with asyncio.timeout(within):
            while not (found := re.search(expression, self.said)):
                await asyncio.sleep(0.05)
        self.said = self.said[found.end() :]

    async def end(self, text: str) -> None:
        """By its own command, or else without it."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(TimeoutError, ConnectionError):
                await self.tell(text)
                async with asyncio.timeout(5):
                    await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(4096):
            self.said += chunk.decode(errors="replace")


def write_tone(file: Path, rate: int) -> None:
    """What it says for as long as a test may last."""
    curve = np.sin(2 * np.pi * TONE_HZ * np.arange(TONE_S * rate) / rate) * 12000
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(curve.astype("<i2").tobytes())


def clearest(file: Path, hz: float) -> float:
    """How pure a tone it has heard, in the clearest second of the file; from 0 to 1."""
    data = file.read_bytes()
    start = data.find(b"data") + 8
    rate = int.from_bytes(data[24:28], "little")
    pcm: Pcm = np.frombuffer(data[start : start + (len(data) - start) // 2 * 2], "<i2")
    seconds = [pcm[at : at + rate] for at in range(0, len(pcm) - rate, rate // 2)]
    return max((purity(second, hz, rate) for second in seconds), default=0.0)
