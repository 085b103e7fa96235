"""What we use of LiveKit Agents beyond its public interface is there, in the release we install."""

from __future__ import annotations

import dataclasses
import inspect
from importlib.metadata import version

import av
from livekit.agents import AgentServer, AgentSession
from livekit.agents.ipc.proc_pool import ProcPool
from livekit.agents.voice.recorder_io import RecorderIO, recorder_io
from livekit.agents.voice.recorder_io.recorder_io import _Captured, _EndRun, _Flush

from agents import livekit_private


def test_the_adapter_was_written_for_the_release_that_is_installed() -> None:
    """With another release, look at what follows and at `agents.livekit_private`, then change the
    number there."""
    assert version("livekit-agents") == livekit_private.FITS


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
