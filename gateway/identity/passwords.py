"""Passwords are hashed with argon2id, off the event loop: one hash costs tens of milliseconds."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Problem

SHORTEST = 12

_hasher = PasswordHasher()  # the library's defaults are RFC 9106's low-memory profile
_DUMMY = _hasher.hash("nobody has this password")


async def hashed(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Takes as long for a name that does not exist, so that names cannot be fished for."""

    def verify() -> bool:
        try:
            return _hasher.verify(stored or _DUMMY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)


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
