"""Sentences that were rendered before anybody needed them, by our own voice or a provider's.

On disk, so that a restarted process is warm at once, every job has what one worker rendered, and a
caller is still greeted while the voice is away. Only stock sentences are kept there, never what was
said to one caller.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import OrderedDict
from pathlib import Path

RENDERING = "hibari-heart-1"
"""Part of every key: a new voice or another trimming must not find the old audio."""


class PrerenderCache:
    """PCM by sentence, 24 kHz 16-bit mono: the newest in memory, the stock ones on disk.

    `voice` is any name that tells voices of a folder apart; empty is our own, usual one.
    """

    def __init__(self, folder: Path | None, *, memory_bytes: int = 48 * 1024 * 1024) -> None:
        self._folder = folder
        self._limit = memory_bytes
        self._used = 0
        self._memory: OrderedDict[str, bytes] = OrderedDict()

    def get(self, text: str, language: str, voice: str = "") -> bytes | None:
        key = phrase_key(text, language, voice)
        if (pcm := self._memory.get(key)) is not None:
            self._memory.move_to_end(key)
            return pcm
        if self._folder is None:
            return None
        try:
            pcm = _file(self._folder, key).read_bytes()
        except OSError:
            return None
        self._remember(key, pcm)
        return pcm

    def has(self, text: str, language: str, voice: str = "") -> bool:
        key = phrase_key(text, language, voice)
        return key in self._memory or (
            self._folder is not None and _file(self._folder, key).exists()
        )

    def put(self, text: str, language: str, voice: str, pcm: bytes, *, keep: bool = False) -> None:
        """`keep` writes it to disk too. A full or read-only disk costs the file, not the call."""
        key = phrase_key(text, language, voice)
        self._remember(key, pcm)
        if keep and self._folder is not None:
            _write(self._folder, key, pcm)

    def _remember(self, key: str, pcm: bytes) -> None:
        self._used += len(pcm) - len(self._memory.pop(key, b""))
        self._memory[key] = pcm
        while self._used > self._limit:
            _, dropped = self._memory.popitem(last=False)
            self._used -= len(dropped)


def phrase_key(text: str, language: str, voice: str = "") -> str:
    words = " ".join(text.split())
    return hashlib.sha256(f"{RENDERING}\0{language}\0{voice}\0{words}".encode()).hexdigest()[:40]


def _file(folder: Path, key: str) -> Path:
    return folder / f"{key}.pcm"


def _write(folder: Path, key: str, pcm: bytes) -> None:
    part = folder / f"{key}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_bytes(pcm)
        part.replace(_file(folder, key))
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
