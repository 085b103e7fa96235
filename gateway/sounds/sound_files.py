"""Which sounds a call has, by its events, and where they lie.

The workers write them below the state folder; the names are in their events. An event is no
authority on files: what it names counts only if it lies in a folder of sounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from dialplans.contracts import events as ev

Kind = Literal["recording", "message"]
Kept = ev.Recorded | ev.VoiceMessage

FOLDERS: Final[dict[Kind, str]] = {"recording": "recordings", "message": "voicemail"}
"""Of each kind, below the state folder."""

TYPES: Final = {".ogg": "audio/ogg", ".wav": "audio/wav"}


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: the day after which it is deleted, if there is one. `there`: it is not gone yet."""

    id: str
    kind: Kind
    at: datetime
    seconds: float
    there: bool
    until: str | None = None
    mailbox: str | None = None
    text: str = ""


class SoundFiles:
    def __init__(self, home: Path) -> None:
        self._home = home.resolve()

    def find(self, event: Kept) -> Path | None:
        """The file itself, links followed; None if it is gone or is none of ours."""
        folder = (self._home / FOLDERS[kind_of(event)]).resolve()
        try:
            file = (self._home / event.file).resolve()
            ours = file.is_relative_to(folder) and file.suffix in TYPES
            return file if ours and file.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None

    def of(self, events: Iterable[ev.Event]) -> list[Sound]:
        return [self._sound(e) for e in events if isinstance(e, Kept)]

    def _sound(self, event: Kept) -> Sound:
        said = event if isinstance(event, ev.VoiceMessage) else None
        return Sound(
            id=event.id,
            kind=kind_of(event),
            at=event.at,
            seconds=event.seconds,
            there=self.find(event) is not None,
            until=event.until if isinstance(event, ev.Recorded) else None,
            mailbox=said.mailbox if said else None,
            text=said.text if said else "",
        )

    def strays(self, before: datetime) -> list[Path]:
        """Files from before then, whatever names them: of jobs that were killed, and of events that
        were lost. They could be neither found nor deleted with their calls."""
        return [
            file
            for folder in FOLDERS.values()
            for file in (self._home / folder).rglob("*")
            if not file.is_symlink() and file.is_file() and _from_before(file, before)
        ]

    def delete(self, events: Sequence[ev.Event]) -> int:
        """Those of these events; returns how many there were. Raises OSError if one stays."""
        files = [f for e in events if isinstance(e, Kept) and (f := self.find(e)) is not None]
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)


def _from_before(file: Path, before: datetime) -> bool:
    try:
        return file.stat().st_mtime < before.timestamp()
    except OSError:  # gone meanwhile
        return False


class Strays:
    """Sound that is as old as the calls that are forgotten."""

    name = "sounds"

    def __init__(self, files: SoundFiles) -> None:
        self._files = files

    async def forget(self, before: datetime) -> int:
        return await asyncio.to_thread(self._forget, before)

    def _forget(self, before: datetime) -> int:
        gone = self._files.strays(before)
        for file in gone:
            file.unlink(missing_ok=True)
        return len(gone)


def kind_of(event: Kept) -> Kind:
    return "recording" if isinstance(event, ev.Recorded) else "message"
