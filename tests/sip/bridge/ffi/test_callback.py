"""What of the native side's events reaches Python, without a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

PATIENCE_S = 60.0
FIRST_LINE = "initializing ffi server"
"""Said by the native library before anybody can tell it not to."""


def found_by(whose: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.sip.bridge.ffi.native_events", whose],
        env={**os.environ, "LIVEKIT_RTC_DEBUG": "1"},
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    """Six joins of a server that is not there, and 20 frames of sound."""
    return found_by("ours")


def test_the_native_librarys_log_is_not_carried_through_python(ours: dict[str, Any]) -> None:
    """The SDK by itself does that: a join's thousand lines cost as much as the join."""

    def lines(found: dict[str, Any]) -> list[str]:
        return [line for line in found["logged"] if FIRST_LINE not in line]

    assert lines(found_by("sdk")) != []
    assert lines(ours) == []
    assert "logs" not in ours["kinds"]


def test_whoever_waits_for_an_event_gets_it(ours: dict[str, Any]) -> None:
    assert ours["kinds"]["connect"] == 6


def test_frames_that_were_taken_are_told_to_nobody(ours: dict[str, Any]) -> None:
    assert "capture_audio_frame" not in ours["kinds"]


def test_pythons_record_of_a_native_thread_is_made_once(ours: dict[str, Any]) -> None:
    """Else every event would find a thread that has never called before."""
    assert ours["longest"] > 1
