"""What we use of LiveKit Agents beyond its public interface is there, in the release we install."""

from __future__ import annotations

import dataclasses
import inspect
import os
import shutil
import subprocess
import sys
from importlib.metadata import version

import av
import pytest
from livekit.agents import AgentServer, AgentSession
from livekit.agents.ipc.proc_pool import ProcPool
from livekit.agents.voice.recorder_io import RecorderIO, recorder_io
from livekit.agents.voice.recorder_io.recorder_io import _Captured, _EndRun, _Flush

from agents import livekit_private


def test_the_adapter_was_written_for_the_release_that_is_installed() -> None:
    """With another release, look at what follows and at `agents.livekit_private`, then change the
    number there."""
    assert version("livekit-agents") == livekit_private.FITS
    assert version("livekit") == livekit_private.FITS_RTC


async def test_a_session_says_whether_it_has_started() -> None:
    session: AgentSession[None] = AgentSession()

    assert livekit_private.started(session) is False


def test_a_server_has_a_pool_whose_warm_processes_can_be_counted() -> None:
    made = inspect.getsource(AgentServer)

    assert "self._proc_pool = " in made
    assert "self._warmed_proc_queue = " in inspect.getsource(ProcPool)


def test_the_recorder_passes_everything_it_has_captured_through_one_method() -> None:
    """And what passes has the fields that the recording is cut by."""
    fields = {kind: [f.name for f in dataclasses.fields(kind)] for kind in (_Captured, _Flush)}

    assert list(inspect.signature(RecorderIO._put).parameters) == ["self", "item"]
    assert fields == {_Captured: ["channel", "started_at", "frame"], _Flush: ["until"]}
    assert [field.name for field in dataclasses.fields(_EndRun)] == ["channel"]


def test_the_recorder_writes_through_our_view_of_pyav() -> None:
    """So that a file on the disk grows while the call goes on."""
    assert recorder_io.av is not av
    assert recorder_io.av.time_base == av.time_base  # type: ignore[attr-defined]


def test_no_program_is_found_while_a_room_is_joined() -> None:
    """LiveKit's native library would run 14 of them in every join; afterwards all is as before,
    also when the join has failed."""
    before = os.environ["PATH"]
    found: list[str | None] = []

    def fails() -> None:
        with livekit_private.without_programs():
            found.append(shutil.which("sh"))
            raise OSError("no server")

    with pytest.raises(OSError, match="no server"):
        fails()

    assert found == [None]
    assert os.environ["PATH"] == before


def test_nothing_is_left_in_the_environment_where_there_was_no_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PATH")

    with livekit_private.without_programs():
        pass

    assert "PATH" not in os.environ


SOUND_MADE = """
import asyncio, logging, os, sys
from livekit import rtc
from agents.livekit_private import without_native_log

class Lines(logging.Handler):
    count = 0
    def emit(self, record):
        self.count += 1

async def lines_while_a_source_is_made():
    lines.count = 0
    made = rtc.AudioSource(8000, 1)
    await asyncio.sleep(0.3)
    return lines.count

async def main():
    first = await lines_while_a_source_is_made()
    without_native_log()
    await asyncio.sleep(0.3)
    print(first, await lines_while_a_source_is_made(), flush=True)
    os._exit(0)

lines = Lines()
logging.getLogger("livekit").addHandler(lines)
logging.getLogger("livekit").setLevel(logging.DEBUG)
asyncio.run(main())
"""


def test_the_native_librarys_log_can_be_kept_out_of_python() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SOUND_MADE],
        env={**os.environ, "LIVEKIT_RTC_DEBUG": "1"},
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    before, after = map(int, ran.stdout.split())

    assert before > 0
    assert after == 0
