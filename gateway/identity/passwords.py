"""Passwords are hashed with argon2id, off the event loop: one hash costs tens of milliseconds."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Problem

SHORTEST = 12

T = TypeVar("T")

_hasher = PasswordHasher()  # the library's defaults are RFC 9106's low-memory profile
_DUMMY = _hasher.hash("nobody has this password")


class Pool:
    """Threads of its own, as many as there are processors, for hashes alone: pages, calls and the
    disk wait for none of them. They give way to everything else, and beyond a short queue nobody
    is kept waiting."""

    def __init__(self, workers: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(workers, "argon2", initializer=_give_way)
        self._most = workers + queue
        self._now = 0

    async def run(self, work: Callable[[], T]) -> T:
        if self._now >= self._most:
            raise Problem("busy", headers={"Retry-After": "2"}, retry_after=2)
        self._now += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._now -= 1


def _give_way() -> None:
    """Linux gives a thread, and those that it starts, a niceness of their own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


_PROCESSORS = os.cpu_count() or 1
_pool = Pool(_PROCESSORS, queue=16 * _PROCESSORS)


async def hashed(password: str) -> str:
    return await _pool.run(lambda: _hasher.hash(password))


async def matches(stored: str | None, password: str) -> bool:
    """Takes as long for a name that does not exist, so that names cannot be fished for."""

    def verify() -> bool:
        try:
            return _hasher.verify(stored or _DUMMY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await _pool.run(verify)


def check_strength(password: str) -> None:
    if len(password) < SHORTEST:
        raise Problem("invalid", f"A password needs at least {SHORTEST} characters.")


def one_time() -> str:
    """A password for the first sign-in, to be read aloud if need be."""
    return "-".join(secrets.token_hex(3) for _ in range(3))


def token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(value: str) -> str:
    """Random 256-bit tokens need no slow hash; the table must only not hold them in clear."""
    return hashlib.sha256(value.encode()).hexdigest()
