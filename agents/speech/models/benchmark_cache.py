"""What this machine was measured to do, remembered for an hour: a process that died and was
started again must not spend seconds measuring while callers wait."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec

from agents.speech.models.timings import cpu_model

GOOD_FOR_S = 3600.0


class Benchmark(msgspec.Struct, frozen=True):
    """Milliseconds of a three-second sentence by model, on which processor, and when."""

    cpu: str
    at: float
    ms: dict[str, float]


def remembered(file: Path | None, now: float | None = None) -> dict[str, float]:
    """The last measurement of this processor, if it is young enough; else nothing."""
    try:
        last = msgspec.json.decode(file.read_bytes(), type=Benchmark) if file else None
    except (OSError, msgspec.MsgspecError):
        return {}
    age = (time.time() if now is None else now) - last.at if last else 0.0
    if last is None or last.cpu != cpu_model() or not 0 <= age < GOOD_FOR_S:
        return {}
    return last.ms


def remember(file: Path | None, ms: dict[str, float]) -> None:
    if file is None:
        return
    part = file.with_suffix(".part")
    try:
        part.write_bytes(msgspec.json.encode(Benchmark(cpu_model(), time.time(), ms)))
        part.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
