"""Recording: only with the caller's knowledge, only the part that the dialplan says.

What sealed steps hear, and what people say after a take-over, is silence in the file, and so is
a sentence of the caller in which a number may be a secret. Files lie
under `$SWITCHBOARD_HOME/recordings`, in a folder that says until when they are kept. While it is
written a file ends in `.part`: one that still does so afterwards was left by a job that died, and
the next job of the call reports it, or deletes it if the caller does not want it.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import math
import shutil
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import structlog
from livekit.agents import AgentSession

from agents.call.recorder import REFUSED
from agents.call.state import CallState
from agents.livekit_private import SelectiveRecorder
from dialplans.contracts.events import Recorded
from dialplans.contracts.words import Source
from dialplans.model import Recording

log = structlog.get_logger(__name__)

RATE = 16_000
SHORTEST_S = 0.5
SWEEP_S = 3600.0
UNTIL = "until-"
KEPT = "kept"
PART = ".part"
STRAY_S = 2 * 86_400.0
"""No call is as long. A file that nobody finished or reported by then is deleted: it could be
neither found nor deleted with its call."""


class Tape(SelectiveRecorder):
    """What is not to be kept never enters the recorder, and is silence in the file. What was just
    said waits until its words are known."""

    def __init__(self, session: AgentSession[CallState]) -> None:
        super().__init__(agent_session=session, sample_rate=RATE)
        self.on = False
        self._call = session.userdata
        self._held: list[Any] = []
        self._closing = False

    def captured(self, item: Any) -> None:
        if self._closing:
            self.write(item)
        elif hasattr(item, "until"):
            decided = min(item.until, self._call.audio_redaction.decided())
            self.write_until(self._let_go(decided))
        elif not hasattr(item, "frame") or self._kept:
            self._held.append(item)

    @property
    def _kept(self) -> bool:
        return self.on and not self._call.sealed and self._call.pause is None

    def _let_go(self, until: float) -> float:
        """Hands on what was captured before, and says how far it reaches."""
        held, self._held = self._held, []
        for item in held:
            waits = any(other.channel == item.channel for other in self._held)
            frame = getattr(item, "frame", None)
            end = item.started_at + frame.duration if frame is not None else until
            if waits or end > until:
                self._held.append(item)
            elif frame is None or not self._call.audio_redaction.is_secret(
                item.channel, item.started_at, end
            ):
                self.write(item)
        starts: list[float] = [i.started_at for i in self._held if hasattr(i, "frame")]
        return min([until, *starts])

    async def aclose(self) -> None:
        """The rest of it is decided now."""
        self._call.audio_redaction.close()
        self._let_go(math.inf)
        self._closing = True
        await super().aclose()


class Recorder:
    """One for each call; stages turn it on and off. Nothing exists before it is first on."""

    def __init__(self, session: AgentSession[CallState]) -> None:
        self._session = session
        self._call = session.userdata
        self._tape: Tape | None = None
        self._file: Path | None = None
        self._began: datetime | None = None
        self.resumed = False
        """A job before this one had the call and may have left files."""

    @property
    def running(self) -> bool:
        return self._tape is not None and self._tape.on

    async def start(self, rule: Recording) -> None:
        """From now on. A call has one file, kept as long as the first part's rule says."""
        if self._tape is None:
            await self._make(rule)
        if self._tape is not None:
            self._tape.on = True

    def pause(self) -> None:
        if self._tape is not None:
            self._tape.on = False

    async def _make(self, rule: Recording) -> None:
        ears, mouth = self._session.input, self._session.output
        if ears.audio is None or mouth.audio is None:
            log.warning("recording.impossible", reason="the session has no sound")
            return
        now = self._call.services.now()
        self._began = now
        until = (now + rule.keep).astimezone(UTC).date() if rule.keep is not None else None
        folder = self._call.facts.settings.recordings / folder_name(until)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = now.astimezone(UTC)
        self._file = folder / self._name(at)
        while self._file.exists() or part_of(self._file).exists():
            at += timedelta(seconds=1)  # the job before this one died within this second
            self._file = folder / self._name(at)
        self._tape = Tape(self._session)
        ears.audio = self._tape.record_input(ears.audio)
        mouth.audio = self._tape.record_output(mouth.audio)
        await self._tape.start(output_path=part_of(self._file))

    async def discard(self) -> None:
        """The caller does not want it: nothing of it is left, nor of what a job before had."""
        if self._tape is not None:
            self._tape.on = False
            await self._tape.aclose()
        if self._file is not None:
            part_of(self._file).unlink(missing_ok=True)
        self._file = None
        if self.resumed:
            for file in await asyncio.to_thread(self._files, "*"):
                file.unlink(missing_ok=True)

    async def close(self) -> None:
        """Finishes the file and reports it, after what a job before this one has left."""
        if self._call.consent == REFUSED:
            await self.discard()
            return
        if self.resumed:
            own = part_of(self._file) if self._file is not None else None
            for part in await asyncio.to_thread(self._files, PART):
                if part != own:
                    self._report(part, await asyncio.to_thread(seconds_in, part))
        tape, file, began = self._tape, self._file, self._began
        self._tape = self._file = None
        if tape is not None and file is not None and began is not None:
            tape.on = False
            await tape.aclose()
            self._report(part_of(file), (self._call.services.now() - began).total_seconds())

    def _report(self, part: Path, seconds: float) -> None:
        """It is whole, or will never be."""
        file = part.with_suffix("")
        try:
            if seconds < SHORTEST_S:
                part.unlink()
                return
            part.rename(file)
        except FileNotFoundError:  # another job of the call was faster
            return
        until = file.parent.name.removeprefix(UNTIL)
        self._call.tell(
            Recorded(
                call=self._call.id,
                source=Source.AGENT,
                file=str(file.relative_to(self._call.facts.settings.home)),
                seconds=round(seconds, 2),
                until=until if until != KEPT else None,
            )
        )

    def _name(self, at: datetime) -> str:
        return f"{at:%Y%m%dT%H%M%SZ}-{self._call.id}.ogg"

    def _files(self, ending: str) -> list[Path]:
        """All of this call on this machine, of any job."""
        name = f"????????T??????Z-{glob.escape(self._call.id)}.ogg{ending}"
        return sorted(self._call.facts.settings.recordings.glob(f"*/{name}"))


def part_of(file: Path) -> Path:
    return file.with_name(file.name + PART)


def seconds_in(file: Path) -> float:
    """What can be heard of a file that may have no end; 0 if nothing."""
    try:
        with av.open(str(file), format="ogg") as sound:
            return (sound.duration or 0) / av.time_base
    except (av.FFmpegError, OSError) as error:
        log.warning("recording.unreadable", error=repr(error))
        return 0.0


def keep_swept(folder: Path) -> None:
    """Once an hour, for as long as a worker runs."""
    while True:
        if gone := sweep(folder, datetime.now(UTC).date()):
            log.info("recording.deleted", days=gone)
        time.sleep(SWEEP_S)


def folder_name(until: date | None) -> str:
    return f"{UNTIL}{until.isoformat()}" if until else KEPT


def sweep(folder: Path, today: date) -> int:
    """Deletes what is not to be kept any longer, and what nobody has finished. Returns how many
    days of it that was."""
    gone = 0
    for stray in folder.glob(f"*/*{PART}"):
        with contextlib.suppress(OSError):
            if time.time() - stray.stat().st_mtime > STRAY_S:
                stray.unlink()
                log.info("recording.stray_deleted")
    for one in folder.glob(f"{UNTIL}*"):
        try:
            until = date.fromisoformat(one.name.removeprefix(UNTIL))
        except ValueError:
            continue
        if until < today:
            shutil.rmtree(one, ignore_errors=True)
            gone += 1
    return gone
