"""Waiting for the final answer to a request, for as long as somebody has patience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua.message import SipResponse

from sip.bridge.signalling.client_transaction import ClientTransaction


async def final_answer(
    asked: ClientTransaction, patience: float, give_up: Callable[[], None]
) -> SipResponse | None:
    """None if none came within `patience` seconds. `give_up` is called then, and where whoever
    waits is cancelled."""
    try:
        async with asyncio.timeout(patience):
            return await asked.final()
    except TimeoutError:
        give_up()
        return None
    except asyncio.CancelledError:
        give_up()
        raise
