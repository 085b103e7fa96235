"""Asks the addresses that calls out go to whether they are there (OPTIONS, RFC 3261 §11)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiosipua.message import SipRequest

from dialplans.contracts.carriers import CarrierState
from dialplans.process.background import end
from sip.bridge.carriers.carriers import PATIENCE_SECONDS, Carriers
from sip.bridge.carriers.locate import Hop, NotFoundError, Place
from sip.bridge.signalling.addresses import name_addr, sip_uri
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import new_tag
from sip.bridge.transport.flow import Flow

log = structlog.get_logger()

UNAVAILABLE = 503
"""Any other answer comes from somebody who is there, whatever they think of OPTIONS."""

Trunks = Mapping[str, Place]
Told = Callable[[list[CarrierState]], Awaitable[None]]


class Pings:
    """`trunks` says where each trunk's calls go, `tell` gets what was found after every round."""

    def __init__(
        self,
        endpoint: Endpoint,
        carriers: Carriers,
        trunks: Callable[[], Trunks],
        *,
        every: float,
        tell: Told,
    ) -> None:
        self.states: list[CarrierState] = []
        self._endpoint = endpoint
        self._carriers = carriers
        self._trunks = trunks
        self._every = every
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """`every` 0: nobody is asked."""
        if self._every:
            self._task = asyncio.create_task(self._go_on())

    async def aclose(self) -> None:
        await end(self._task)

    async def round(self) -> None:
        """All at once; each waits for its own answer."""
        found = await asyncio.gather(
            *(self._trunk(name, place) for name, place in self._trunks().items())
        )
        states = [state for several in found for state in several]
        self._log_changes(states)
        self.states = states
        await self._tell(states)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("carrier.not_asked")
            # Not all legs of a carrier's customers at the same moment.
            await asyncio.sleep(self._every * random.uniform(0.9, 1.1))

    async def _trunk(self, name: str, place: Place) -> list[CarrierState]:
        try:
            hops = await self._carriers.hops(place)
        except NotFoundError as error:
            return [CarrierState(trunk=name, up=False, detail=str(error))]
        return list(await asyncio.gather(*(self._address(name, place, hop) for hop in hops)))

    async def _address(self, name: str, place: Place, hop: Hop) -> CarrierState:
        """One that failed is tried last by calls until it answers; it may be the only one."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                problem = await (
                    self._options(place, hop) if hop.transport == "udp" else _opens(hop)
                )
        except (OSError, TimeoutError) as error:
            problem = str(error) or "no answer"
        if problem:
            self._carriers.failed(hop)
            detail = f"{hop}: {problem}"
            return CarrierState(trunk=name, address=str(hop), up=False, detail=detail)
        self._carriers.answered(hop)
        ms = round((time.monotonic() - began) * 1000, 1)
        return CarrierState(trunk=name, address=str(hop), ms=ms)

    async def _options(self, place: Place, hop: Hop) -> str:
        flow = self._endpoint.transport.udp_flow(hop.address)
        asked = self._endpoint.send(self._request(place, flow), flow, flow.peer)
        try:
            response = await asked.final()
        finally:
            asked.close()
        if response is None:
            return "no answer"
        if response.status_code == UNAVAILABLE:
            return f"{response.status_code} {response.reason_phrase}".rstrip()
        return ""

    def _request(self, place: Place, flow: Flow) -> SipRequest:
        uri = sip_uri(str(place))
        ours = sip_uri(self._endpoint.host)
        made = SipRequest(method="OPTIONS", uri=uri)
        made.headers.append("Via", self._endpoint.via(flow))
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", name_addr(ours, tag=new_tag())),
            ("To", name_addr(uri)),
            ("Call-ID", new_tag() + new_tag()),
            ("CSeq", "1 OPTIONS"),
            ("Contact", self._endpoint.contact(flow)),
            ("Accept", "application/sdp"),
            ("User-Agent", self._endpoint.agent),
        ):
            made.headers.set_single(name, value)
        return made

    def _log_changes(self, states: list[CarrierState]) -> None:
        before = {(state.trunk, state.address): state.up for state in self.states}
        for state in states:
            if before.get((state.trunk, state.address), True) == state.up:
                continue
            facts = {"trunk": state.trunk, "address": state.address}
            if state.up:
                log.info("carrier.up", **facts)
            else:
                log.warning("carrier.down", **facts, reason=state.detail)


async def _opens(hop: Hop) -> str:
    """A connection that opens is answer enough."""
    _, writer = await asyncio.open_connection(*hop.address)
    writer.close()
    return ""
