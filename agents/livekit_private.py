"""What we use of LiveKit Agents that it does not promise to keep, all in one place.

It fits the release `FITS`. With another one look at each of these first; a test holds the number
against what is installed, and says what is missing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import av
from livekit.agents import AgentServer, AgentSession
from livekit.agents.voice.recorder_io import RecorderIO, recorder_io
from livekit.agents.voice.recorder_io.recorder_io import _Flush
from livekit.rtc import _ffi_client

FITS = "1.8.9"
FITS_RTC = "1.1.21"
"""The release of `livekit`, whose native library `without_native_log` speaks to."""

NO_PROGRAMS = "/nonexistent"


def started(session: AgentSession[Any]) -> bool:
    """Whether `start` has returned. Until then LiveKit takes another agent without ever beginning
    it, and has no event for the moment after."""
    return session._started


def warm_processes(server: AgentServer) -> int:
    """Job processes that have loaded everything: those that wait and those that have a call.
    LiveKit registers a worker without one when the first takes longer than it may."""
    return server._proc_pool._warmed_proc_queue.qsize() + len(server.active_jobs)


def without_native_log() -> None:
    """LiveKit's native library hands every line of its debug log to Python, a thousand in a join,
    where all but errors are dropped. Told not to, it writes errors to stderr itself, and a join
    costs half as much processor. Once in a process, before it joins a room."""
    _ffi_client.FfiClient.instance._ffi_lib.livekit_ffi_initialize(
        _ffi_client.ffi_event_callback, False, b"python", version("livekit").encode("ascii")
    )


@contextlib.contextmanager
def without_programs() -> Iterator[None]:
    """While a room is joined: the native library runs `lsb_release` and `getconf` in every join, 14
    programs by Debian's shell scripts, to tell the server which system this is. It reads
    /etc/os-release where it finds none."""
    path = os.environ.get("PATH")
    os.environ["PATH"] = NO_PROGRAMS
    try:
        yield
    finally:
        if path is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = path


class _Written:
    """PyAV as LiveKit's recorder sees it. By itself it keeps a whole call in memory until the file
    is closed, and a job that is killed would leave nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(av, name)

    @staticmethod
    def open(*what: Any, **how: Any) -> Any:
        opening: Any = av.open
        return opening(*what, options={"flush_packets": "1"}, **how)


class SelectiveRecorder(RecorderIO):
    """LiveKit's recorder, which puts both sides on one clock. What it has captured goes through
    `captured`, and only what is given to `write` gets into the file."""

    def _put(self, item: Any) -> None:
        self.captured(item)

    def captured(self, item: Any) -> None:
        """A frame, with `channel`, `started_at` and `frame`; a pause in it, without `frame`; or,
        with `until`, that everything before this moment was captured."""
        self.write(item)

    def write(self, item: Any) -> None:
        super()._put(item)

    def write_until(self, moment: float) -> None:
        """Everything before it that was not given is silence."""
        super()._put(_Flush(until=moment))


recorder_io.av = _Written()  # type: ignore[assignment, attr-defined]
