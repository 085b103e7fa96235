"""The few calls to LiveKit's SIP API that provisioning needs."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Protocol

import aiohttp
from livekit import api
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    CreateSIPOutboundTrunkRequest,
    DeleteSIPDispatchRuleRequest,
    DeleteSIPTrunkRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
    ListSIPOutboundTrunkRequest,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
)

from sip.objects import Existing, Kind, Message


class ProvisioningError(RuntimeError):
    """The server refused or could not be reached; the text says which, for the operator."""


class SipObjects(Protocol):
    """Where trunks and rules live. Raises ProvisioningError."""

    async def fetch(self) -> list[Existing]: ...

    async def create(self, message: Message) -> str:
        """The id that the server gave."""
        ...

    async def replace(self, object_id: str, message: Message) -> None: ...

    async def delete(self, kind: Kind, object_id: str) -> None: ...


class LiveKitObjects:
    """`SipObjects` on a real server."""

    def __init__(self, client: api.LiveKitAPI) -> None:
        self._sip = client.sip

    async def fetch(self) -> list[Existing]:
        with _said_plainly("list the trunks"):
            inbound = await self._sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
            outbound = await self._sip.list_outbound_trunk(ListSIPOutboundTrunkRequest())
            rules = await self._sip.list_dispatch_rule(ListSIPDispatchRuleRequest())
        return [
            *(Existing("inbound", t.sip_trunk_id, t.name, t) for t in inbound.items),
            *(Existing("outbound", t.sip_trunk_id, t.name, t) for t in outbound.items),
            *(Existing("rule", r.sip_dispatch_rule_id, r.name, r) for r in rules.items),
        ]

    async def create(self, message: Message) -> str:
        with _said_plainly(f"create {message.name}"):
            if isinstance(message, SIPInboundTrunkInfo):
                inbound = CreateSIPInboundTrunkRequest(trunk=message)
                return (await self._sip.create_inbound_trunk(inbound)).sip_trunk_id
            if isinstance(message, SIPOutboundTrunkInfo):
                outbound = CreateSIPOutboundTrunkRequest(trunk=message)
                return (await self._sip.create_outbound_trunk(outbound)).sip_trunk_id
            rule = CreateSIPDispatchRuleRequest(dispatch_rule=message)
            return (await self._sip.create_dispatch_rule(rule)).sip_dispatch_rule_id

    async def replace(self, object_id: str, message: Message) -> None:
        with _said_plainly(f"change {message.name}"):
            if isinstance(message, SIPInboundTrunkInfo):
                await self._sip.update_inbound_trunk(object_id, message)
            elif isinstance(message, SIPOutboundTrunkInfo):
                await self._sip.update_outbound_trunk(object_id, message)
            elif isinstance(message, SIPDispatchRuleInfo):
                await self._sip.update_dispatch_rule(object_id, message)

    async def delete(self, kind: Kind, object_id: str) -> None:
        with _said_plainly(f"delete {object_id}"):
            if kind == "rule":
                await self._sip.delete_dispatch_rule(
                    DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=object_id)
                )
            else:
                await self._sip.delete_trunk(DeleteSIPTrunkRequest(sip_trunk_id=object_id))


@contextlib.asynccontextmanager
async def connect(env: Mapping[str, str]) -> AsyncIterator[LiveKitObjects]:
    """LiveKit's own three settings. Raises ProvisioningError when one is missing."""
    url, key, secret = (env.get(f"LIVEKIT_{name}", "") for name in ("URL", "API_KEY", "API_SECRET"))
    if not (url and key and secret):
        raise ProvisioningError(
            "LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set: "
            "run `switchboard up` first, or set them"
        )
    async with api.LiveKitAPI(url, key, secret) as client:
        yield LiveKitObjects(client)


@contextlib.contextmanager
def _said_plainly(attempt: str) -> Iterator[None]:
    try:
        yield
    except api.TwirpError as error:
        raise ProvisioningError(f"LiveKit would not {attempt}: {error.message}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProvisioningError(
            f"could not {attempt}: LiveKit cannot be reached ({error})"
        ) from error
