"""Browsers that somebody has signed in with before: others' tries at that name do not concern them.

The cookie says nothing but that (OWASP, Device Cookies): it opens nothing and names nobody, and it
has a count of wrong tries of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from litestar.datastructures import Cookie

from gateway.settings import Settings

COOKIE = "switchboard_device"
DAYS = 90
_PATH = "/api/session"


class Devices:
    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        given = settings.session_secret.get_secret_value()
        self._secret = given.encode() or secrets.token_bytes(32)
        self._secure = settings.secure_cookie
        self._clock = clock

    def cookie(self, name: str) -> Cookie:
        """For the browser that this person has just signed in with."""
        body = f"{secrets.token_hex(8)}.{int(self._clock())}"
        return Cookie(
            COOKIE,
            value=f"{body}.{self._mac(body, name)}",
            path=_PATH,
            httponly=True,
            samesite="lax",
            secure=self._secure,
            max_age=DAYS * 86400,
        )

    def known(self, value: str, name: str) -> str | None:
        """The device's id, if this person signed in with it in the last months."""
        body, _, mac = value.rpartition(".")
        device, _, since = body.partition(".")
        if not since.isdecimal() or not since.isascii() or len(since) > 12:
            return None
        if not hmac.compare_digest(mac.encode(), self._mac(body, name).encode()):
            return None
        return device if self._clock() - int(since) < DAYS * 86400 else None

    def _mac(self, body: str, name: str) -> str:
        text = f"device\0{body}\0{name}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:40]
