"""Vectors that were computed before: those of the shipped examples come with the code, those of a
plan's own examples are kept beside the socket. A few hundred sentences take seconds to compute.

`python -m agents.speech.models.ship_vectors` writes the shipped file anew; nothing breaks if it is
stale.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

SHIPPED = Path(__file__).with_name("vectors.msgpack")
SCALE = 400.0
"""Components of a unit vector of 384 numbers are below 0.3; a byte each is plenty."""


class Vectors:
    """Reads what is there for this very model; a file that cannot be read is an empty one."""

    def __init__(self, model: str, own: Path | None) -> None:
        self._model = model
        self._own = own
        self._shipped = _read(SHIPPED, model)
        self._kept = _read(own, model) if own else {}

    def get(self, sentence: str) -> Vector | None:
        key = vector_key(sentence)
        stored = self._shipped.get(key) or self._kept.get(key)
        if stored is None:
            return None
        vector = np.frombuffer(stored, np.int8).astype(np.float32)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def keep(self, vectors: Iterable[tuple[str, Vector]]) -> None:
        """Adds to the own file. A disk that refuses costs the next start some seconds."""
        new = {vector_key(sentence): packed(vector) for sentence, vector in vectors}
        if self._own is None or not new.keys() - self._kept.keys():
            return
        self._kept |= new
        write(self._own, self._model, self._kept)


def write(path: Path, model: str, stored: dict[bytes, bytes]) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.msgpack.encode((model, dict(sorted(stored.items())))))
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()


def _read(path: Path, model: str) -> dict[bytes, bytes]:
    try:
        own_model, stored = msgspec.msgpack.decode(
            path.read_bytes(), type=tuple[str, dict[bytes, bytes]]
        )
    except (OSError, msgspec.MsgspecError):
        return {}
    return stored if own_model == model else {}


def vector_key(sentence: str) -> bytes:
    return hashlib.blake2b(sentence.encode(), digest_size=8).digest()


def packed(vector: Vector) -> bytes:
    return bytes(np.clip(np.rint(vector * SCALE), -127, 127).astype(np.int8).tobytes())
