"""A desk telephone that a test plays: it registers with whatever headers it is told to send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.digest import Login, answer
from sip.bridge.signalling.message import new_tag
from sip.bridge.transport.flow import Address, Flow
from tests.sip.bridge.caller import Phones, phones

PATIENCE_S = 15


@dataclass
class Desk:
    line: Phones
    server: Address
    name: str = "ann"
    password: str = "secret"
    tcp: bool = False
    only: str = ""
    """The one algorithm that it can; without it the first that is offered."""
    call_id: str = field(default_factory=new_tag)
    cseq: int = 0
    flow: Flow | None = None

    @property
    def contact(self) -> str:
        host, port = self.line.endpoint.transport.address
        more = ";transport=tcp" if self.tcp else ""
        return f"<sip:{self.name}@{host}:{port}{more}>"

    async def register(self, *contacts: str, **headers: str) -> SipResponse:
        """Once more with a proof if it is asked for one. The final answer."""
        proof: tuple[tuple[str, str], ...] = ()
        for _ in range(3):
            response = await self.ask(contacts, headers, proof)
            if response.status_code != 401:
                return response
            proof = (self.proof(response),)
        return response

    def proof(self, response: SipResponse) -> tuple[str, str]:
        if self.only:
            offered = response.headers.get("www-authenticate")
            fitting = next(o for o in offered if f"algorithm={self.only}" in o)
            response.headers.set_single("WWW-Authenticate", fitting)
        login = Login(self.name, self.password)
        made = answer(login, response, "REGISTER", f"sip:{self.server[0]}")
        assert made is not None
        return made

    async def ask(
        self,
        contacts: tuple[str, ...],
        headers: dict[str, str],
        proof: tuple[tuple[str, str], ...] = (),
    ) -> SipResponse:
        answered = await self.answered(contacts, headers, proof)
        assert answered is not None
        return answered

    async def answered(
        self,
        contacts: tuple[str, ...],
        headers: dict[str, str],
        proof: tuple[tuple[str, str], ...] = (),
    ) -> SipResponse | None:
        """None where nobody answers at all."""
        if self.flow is None:
            self.flow = await self.line.flow(self.server, self.tcp)
        self.cseq += 1
        made = SipRequest(method="REGISTER", uri=f"sip:{self.server[0]}")
        made.headers.append("Via", self.line.endpoint.via(self.flow))
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.name}@{self.server[0]}>;tag=desk"),
            ("To", f"<sip:{self.name}@{self.server[0]}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} REGISTER"),
            ("User-Agent", "Desk 1.0"),
            *((name.replace("_", "-"), value) for name, value in headers.items()),
            *proof,
        ):
            made.headers.set_single(name, value)
        for contact in contacts:
            made.headers.append("Contact", contact)
        transaction = self.line.endpoint.send(made, self.flow, self.server)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await transaction.final()
        except TimeoutError:
            transaction.close()
            return None


@contextlib.asynccontextmanager
async def desk(server: Address, host: str = "127.0.0.1", **how: object) -> AsyncIterator[Desk]:
    async with phones((host, 0)) as line:
        yield Desk(line, server, **how)  # type: ignore[arg-type]


def listed(response: SipResponse) -> dict[str, int]:
    """Contact → seconds."""
    pairs = (each.partition(";expires=") for each in response.headers.get("contact"))
    return {contact: int(seconds) for contact, _, seconds in pairs}
