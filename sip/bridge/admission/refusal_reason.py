"""Why livekit-server found no way for a call: it only says that there is none.

With the trunks in hand the reason is plain, and the caller gets a code instead of silence.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterable

import structlog
from livekit import api
from livekit.protocol import sip as lk

from dialplans.contracts.causes import RefusalReason
from sip.bridge.runtime.settings import ApiKey

log = structlog.get_logger()

Reason = tuple[int, RefusalReason, str]
ASK_SECONDS = 2.0
KEEP_SECONDS = 3.0


def why_no_trunk(
    trunks: Iterable[lk.SIPInboundTrunkInfo], called: str, caller: str, source: str
) -> Reason:
    """Code, reason and detail for a call that matched none of `trunks`."""
    mine = [t for t in trunks if not t.numbers or _plain(called) in map(_plain, t.numbers)]
    if not mine:
        return 404, RefusalReason.NO_SUCH_NUMBER, f"no trunk has {called}"
    open_to_source = [t for t in mine if _allowed(source, t.allowed_addresses)]
    if not open_to_source:
        return 403, RefusalReason.ADDRESS_NOT_ALLOWED, f"{source} may not call {called}"
    if not any(not t.allowed_numbers or caller in t.allowed_numbers for t in open_to_source):
        return 403, RefusalReason.BLOCKED, f"{caller} may not call {called}"
    return 404, RefusalReason.NO_SUCH_NUMBER, f"no dispatch rule leads on from {called}"


class InboundTrunks:
    """The inbound trunks as livekit-server has them, asked for at most every few seconds."""

    def __init__(self, api_key: ApiKey) -> None:
        self._api_key = api_key
        self._known: list[lk.SIPInboundTrunkInfo] = []
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def why(self, called: str, caller: str, source: str) -> Reason:
        """Never raises: without an answer it is 404."""
        async with self._asking:
            if time.monotonic() >= self._until:
                try:
                    async with asyncio.timeout(ASK_SECONDS):
                        self._known = await self._ask()
                except Exception as error:
                    log.warning("call.trunks_not_read", error=repr(error))
                    return 404, RefusalReason.NO_SUCH_NUMBER, f"nothing leads on from {called}"
                self._until = time.monotonic() + KEEP_SECONDS
        return why_no_trunk(self._known, called, caller, source)

    async def _ask(self) -> list[lk.SIPInboundTrunkInfo]:
        url = self._api_key.url.replace("ws", "http", 1)
        async with api.LiveKitAPI(url, self._api_key.key, self._api_key.secret) as server:
            answer = await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())
        return list(answer.items)


def _plain(number: str) -> str:
    return number.lstrip("+")


def _allowed(source: str, networks: Iterable[str]) -> bool:
    listed = list(networks)
    if not listed:
        return True
    try:
        address = ipaddress.ip_address(source)
        return any(address in ipaddress.ip_network(text, strict=False) for text in listed)
    except ValueError:
        return False
