"""An account of ours at a registrar that a test plays."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from sip.bridge.registration.account import Account
from sip.bridge.registration.registration import Registration
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.caller import Phones


@contextlib.asynccontextmanager
async def registered(ours: Phones, server: str, **how: Any) -> AsyncIterator[Registration]:
    login = Login(how.pop("login", "switchboard"), "secret")
    wanted = {"expires": 600, "user": "switchboard", **how}
    kept = Registration(ours.endpoint, Account("box", server, login=login, **wanted))
    kept.start()
    try:
        yield kept
    finally:
        await kept.aclose()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(7200):
        while not true():
            await asyncio.sleep(0.05)
