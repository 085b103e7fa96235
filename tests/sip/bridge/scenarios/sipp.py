"""Plays scenarios with Debian's SIPp (package `sip-tester`)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.sip.bridge.scenarios.written import written
from tests.sip.bridge.world import RANDOM_ROOM
from tests.stack.free_ports import free_ports

HOST = "127.0.0.1"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Scenario:
    """One file. `given` are the attributes of its root: `called` is whom it calls, `ways` are the
    transports that it makes sense on, `told` what whoever asked for the call is told of it."""

    file: Path
    given: dict[str, str]

    @property
    def name(self) -> str:
        return self.file.stem


@dataclass(frozen=True)
class Played:
    """`told` is what SIPp said and which messages it did not expect."""

    right: bool
    told: str


def scenarios(folder: str) -> list[Scenario]:
    files = sorted((HERE / folder).glob("*.xml"))
    return [Scenario(file, dict(ElementTree.parse(file).getroot().attrib)) for file in files]


async def play(
    scenario: Scenario,
    folder: Path,
    *,
    to: tuple[str, int] | None = None,
    called: str = RANDOM_ROOM,
    port: int = 0,
    more: tuple[str, ...] = (),
) -> Played:
    """One run; `to` is the leg, or None for a telephone that is called at `port`."""
    ready = await asyncio.to_thread(_put, scenario, folder)
    what = ("-sf", ready.name, *more)
    return await run(what, folder, to=to, called=called, port=port)


async def run(
    what: Sequence[str],
    folder: Path,
    *,
    to: tuple[str, int] | None = None,
    called: str = RANDOM_ROOM,
    port: int = 0,
) -> Played:
    """One call. A scenario that is not done after half a minute has failed."""
    program = shutil.which("sipp")
    assert program is not None, "install Debian's sip-tester"
    arguments = [*what, "-s", called, "-i", HOST, "-p", str(port or free_ports(1)[0])]
    arguments += ["-m", "1", "-nostdin", "-trace_err", "-error_file", "errors.txt"]
    arguments += ["-timeout", "30s", "-timeout_error"]
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        *([f"{to[0]}:{to[1]}"] if to is not None else []),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told = await asyncio.to_thread(_errors, folder)
    return Played(process.returncode == 0, output.decode(errors="replace")[-3000:] + told)


def _put(scenario: Scenario, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / scenario.file.name
    ready.write_text(written(scenario.file.read_text()))
    return ready


def _errors(folder: Path) -> str:
    file = folder / "errors.txt"
    return file.read_text(errors="replace") if file.exists() else ""
