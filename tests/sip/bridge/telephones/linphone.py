"""linphonec, of Debian's `linphone-cli`. It plays a file and writes what it hears into another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.sip.bridge.telephones.program import Program, clearest, write_tone
from tests.stack.free_ports import free_ports

SETTINGS = """[sip]
guess_hostname=0
auto_net_state_mon=0
register_only_when_network_is_up=0
media_encryption={encryption}
ipv6_migration_done=1
use_ipv6=0
[net]
prefer_ipv6=0
[rtp]
audio_rtp_port={rtp}
[video]
capture=0
display=0
"""
CODECS = {"pcmu": 3, "pcma": 4, "g722": 6}
"""As its `codec list` numbers them, which has nineteen."""


class Linphone(Program):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port, self._rtp = free_ports(2)

    async def start(self, codec: str, encryption: str) -> None:
        await asyncio.to_thread(self._prepare, encryption)
        await self.run("linphonec", "-c", "rc")
        await self.says("Warning: video is disabled")
        wanted = CODECS[codec]
        for command in (
            *(f"codec {'enable' if n == wanted else 'disable'} {n}" for n in range(19)),
            f"ports sip {self.port}",
            "soundcard use files",
            f"play {self.folder / 'tone.wav'}",
            f"record {self.folder / 'heard.wav'}",
        ):
            await self.tell(f"{command}\n")

    async def heard(self, hz: float) -> float:
        return await asyncio.to_thread(clearest, self.folder / "heard.wav", hz)

    def _prepare(self, encryption: str) -> None:
        settings = SETTINGS.format(encryption=encryption, rtp=self._rtp & ~1)
        (self.folder / "rc").write_text(settings)
        (self.folder / ".local/share/linphone").mkdir(parents=True)  # it makes none itself
        write_tone(self.folder / "tone.wav", 16_000)


@contextlib.asynccontextmanager
async def linphone(
    folder: Path, *, codec: str = "pcmu", encryption: str = "none"
) -> AsyncIterator[Linphone]:
    made = Linphone(folder)
    try:
        await made.start(codec, encryption)
        yield made
    finally:
        await made.end("quit\n")
