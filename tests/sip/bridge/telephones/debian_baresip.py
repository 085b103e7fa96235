"""baresip as Debian has it (`baresip-core`), which is older than the one that other tests are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.sip.bridge.telephones.program import HOST, Program, clearest, write_tone
from tests.stack.free_ports import free_ports

SETTINGS = """module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module g722.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module account.so
module menu.so
sip_listen {host}:{port}
net_interface {host}
audio_source aufile,{folder}/tone.wav
audio_player aubridge,nowhere
snd_path {folder}
"""


class Baresip(Program):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.port,) = free_ports(1)

    async def start(self, account: str, codec: str, authority: str) -> None:
        await asyncio.to_thread(self._prepare, account, codec, authority)
        await self.run("baresip", "-f", str(self.folder))
        await self.says("baresip is ready")

    async def heard(self, hz: float) -> float:
        """Of all its calls."""
        return await asyncio.to_thread(self._heard, hz)

    def _heard(self, hz: float) -> float:
        return max(clearest(file, hz) for file in self.folder.glob("dump-*-dec.wav"))

    def _prepare(self, account: str, codec: str, authority: str) -> None:
        settings = SETTINGS.format(host=HOST, port=self.port, folder=self.folder)
        if authority:
            settings += f"sip_cafile {authority}\n"
        (self.folder / "config").write_text(settings)
        (self.folder / "accounts").write_text(f"{account};audio_codecs={codec}\n")
        (self.folder / "contacts").write_text("")
        write_tone(self.folder / "tone.wav", 16_000 if codec.startswith("G722") else 8000)


@contextlib.asynccontextmanager
async def baresip(
    folder: Path, account: str, *, codec: str = "PCMU", authority: str = ""
) -> AsyncIterator[Baresip]:
    """`account` is a line of its accounts, without codecs."""
    made = Baresip(folder)
    try:
        await made.start(account, codec, authority)
        yield made
    finally:
        await made.end("/quit\n")
