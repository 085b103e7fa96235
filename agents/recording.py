"""Recording: only with the caller's knowledge, only the part that the dialplan says.

What sealed steps hear, and what people say after a take-over, is silence in the file. Files lie
under `$SWITCHBOARD_HOME/recordings`, in a folder that says until when they are kept.
"""

from __future__ import annotations

import shutil
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import structlog
from livekit.agents import AgentSession
from livekit.agents.voice.recorder_io import RecorderIO

from agents.desk import SOURCE, Desk
from dialplans.events import Recorded
from dialplans.model import Recording

log = structlog.get_logger(__name__)

RATE = 16_000
SHORTEST_S = 0.5
SWEEP_S = 3600.0
UNTIL = "until-"
KEPT = "kept"


class Tape(RecorderIO):
    """LiveKit's recorder, which puts both sides on one clock; what is not to be kept never enters
    it, and is silence in the file."""

    def __init__(self, session: AgentSession[Desk]) -> None:
        super().__init__(agent_session=session, sample_rate=RATE)
        self.on = False
        self._desk = session.userdata

    def _put(self, item: Any) -> None:
        sound = hasattr(item, "frame")
        if sound and (not self.on or self._desk.sealed or self._desk.pause is not None):
            return
        super()._put(item)


class Recorder:
    """One for each call; stages turn it on and off. Nothing exists before it is first on."""

    def __init__(self, session: AgentSession[Desk]) -> None:
        self._session = session
        self._desk = session.userdata
        self._tape: Tape | None = None
        self._file: Path | None = None
        self._until: date | None = None
        self._began: datetime | None = None

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
        now = self._desk.now()
        self._began = now
        self._until = (now + rule.keep).astimezone(UTC).date() if rule.keep is not None else None
        folder = self._desk.settings.recordings / folder_name(self._until)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = now.astimezone(UTC)
        self._file = folder / f"{at:%Y%m%dT%H%M%SZ}-{self._desk.call.call_id}.ogg"
        self._tape = Tape(self._session)
        ears.audio = self._tape.record_input(ears.audio)
        mouth.audio = self._tape.record_output(mouth.audio)
        await self._tape.start(output_path=self._file)

    async def discard(self) -> None:
        """The caller does not want it: nothing of it is left."""
        if self._tape is not None:
            self._tape.on = False
            await self._tape.aclose()
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        self._file = None

    async def close(self) -> None:
        """Finishes the file and reports it."""
        tape, file, began = self._tape, self._file, self._began
        self._tape = self._file = None
        if tape is None or file is None or began is None:
            return
        tape.on = False
        await tape.aclose()
        seconds = (self._desk.now() - began).total_seconds()
        if seconds < SHORTEST_S or not file.exists():
            file.unlink(missing_ok=True)
            return
        self._desk.tell(
            Recorded(
                call=self._desk.call.call_id,
                source=SOURCE,
                file=str(file.relative_to(self._desk.settings.home)),
                seconds=round(seconds, 2),
                until=self._until.isoformat() if self._until else None,
            )
        )


def keep_swept(folder: Path) -> None:
    """Once an hour, for as long as a worker runs."""
    while True:
        if gone := sweep(folder, datetime.now(UTC).date()):
            log.info("recording.deleted", days=gone)
        time.sleep(SWEEP_S)


def folder_name(until: date | None) -> str:
    return f"{UNTIL}{until.isoformat()}" if until else KEPT


def sweep(folder: Path, today: date) -> int:
    """Deletes what is not to be kept any longer and returns how many days of it that was."""
    gone = 0
    for one in folder.glob(f"{UNTIL}*"):
        try:
            until = date.fromisoformat(one.name.removeprefix(UNTIL))
        except ValueError:
            continue
        if until < today:
            shutil.rmtree(one, ignore_errors=True)
            gone += 1
    return gone
