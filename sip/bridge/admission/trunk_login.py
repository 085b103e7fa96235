"""The login that a trunk's carrier knows us by, for what it asks of us within a call it sent.

`switchboard apply` makes two objects of one trunk of the dialplan, and only the one for calls out
has that login.
"""

from __future__ import annotations

import asyncio

import structlog
from livekit import api

from sip.bridge.runtime.settings import ApiKey
from sip.bridge.signalling.digest import Login
from sip.objects import OWNER

log = structlog.get_logger()

ASK_SECONDS = 4.0


class TrunkLogins:
    def __init__(self, api_key: ApiKey) -> None:
        self._api_key = api_key

    async def of(self, inbound_trunk: str) -> Login | None:
        """By LiveKit's id of the trunk that brought the call. Never raises: without an answer there
        is no login."""
        if not inbound_trunk:
            return None
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._ask(inbound_trunk)
        except Exception as error:
            log.warning("call.login_not_read", error=repr(error))
            return None

    async def _ask(self, inbound_trunk: str) -> Login | None:
        url = self._api_key.url.replace("ws", "http", 1)
        async with api.LiveKitAPI(url, self._api_key.key, self._api_key.secret) as server:
            wanted = api.ListSIPInboundTrunkRequest(trunk_ids=[inbound_trunk])
            inbound = await server.sip.list_inbound_trunk(wanted)
            name = outbound_name(inbound.items[0].name) if inbound.items else ""
            if not name:
                return None
            outbound = await server.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        found = next((trunk for trunk in outbound.items if trunk.name == name), None)
        if found is None or not (found.auth_username and found.auth_password):
            return None
        return Login(found.auth_username, found.auth_password)


def outbound_name(inbound: str) -> str:
    """The name of the object for calls out beside that for calls in; empty if it is not ours."""
    parts = inbound.split("/")
    if len(parts) != 4 or parts[0] != OWNER or parts[2] != "inbound":
        return ""
    return "/".join((parts[0], parts[1], "outbound", parts[3]))
