"""A registrar that a test plays: it keeps what is registered and refuses what it is told to."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiosipua.message import SipMessage, SipRequest

from dialplans.telephony.addresses import address
from sip.bridge.signalling.message import Headers, response
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard
from sip.bridge.transport.tls import Certificates
from sip.bridge.transport.transport import Transport
from tests.sip.bridge.caller import ANYTHING

Answer = tuple[int, Headers]


@dataclass
class Registrar:
    """`script` answers the first requests, in order; after them `usual` answers. Repetitions of a
    request are told apart by their number."""

    usual: Callable[[SipRequest], Answer | None] | None = None
    script: list[Callable[[SipRequest], Answer | None]] = field(default_factory=list)
    granted: int | None = None
    """Seconds; None grants what was asked for."""
    others: tuple[str, ...] = ()
    """Other telephones of the account, as Contact values."""
    extra: Headers = ()
    asked: list[SipRequest] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    transport: Transport = field(init=False)
    _seen: dict[tuple[str, str], Answer | None] = field(default_factory=dict)

    @property
    def address(self) -> Address:
        return self.transport.address

    @property
    def server(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def expires(self) -> list[str | None]:
        return [request.get_header("expires") for request in self.asked]

    @property
    def tls_port(self) -> int:
        assert self.transport.tls_address is not None
        return self.transport.tls_address[1]

    def hang_up(self) -> None:
        """End every connection, as a server does that starts again."""
        by_tls = self.transport._tls.open if self.transport._tls is not None else ()
        for connection in (*self.transport._connections.open, *by_tls):
            connection.close()

    def receive(self, data: bytes, flow: Flow) -> bool:
        request = SipMessage.parse(data)
        if not isinstance(request, SipRequest):
            return True  # an answer to what a test has asked
        key = (request.call_id or "", request.get_header("cseq") or "")
        if key not in self._seen:
            self.asked.append(request)
            self.flows.append(flow)
            answers = self.script.pop(0) if self.script else self.usual or self.accept
            self._seen[key] = answers(request)
        answer = self._seen[key]
        if answer is not None:
            made = response(request, answer[0], "As told", to_tag="registrar")
            for name, value in answer[1]:
                made.headers.append(name, value)
            flow.send(bytes(made), flow.peer)
        return True

    def accept(self, request: SipRequest) -> Answer:
        seconds = self.granted
        if seconds is None or request.get_header("expires") == "0":
            seconds = int(request.get_header("expires") or 0)
        ours = (request.get_header("contact") or "").partition(";expires")[0]
        mine = [("Contact", f"{ours};expires={seconds}")] if seconds else []
        theirs = [("Contact", other) for other in self.others]
        return 200, [*theirs, *mine, *self.extra]


def refusing(code: int, **headers: str) -> Callable[[SipRequest], Answer]:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda request: (code, named)


def silent(request: SipRequest) -> None:
    """As if the request were lost."""


@contextlib.asynccontextmanager
async def registrar(
    host: str = "127.0.0.1", certificates: Certificates | None = None, **how: object
) -> AsyncIterator[Registrar]:
    made = Registrar(**how)  # type: ignore[arg-type]
    made.transport = Transport((host, 0), made.receive, Guard(ANYTHING), certificates=certificates)
    await made.transport.start()
    try:
        yield made
    finally:
        await made.transport.aclose()


def user_of(request: SipRequest) -> str:
    return address(request.get_header("contact") or "").user


def wants_login(
    username: str, password: str, *, algorithms: tuple[str, ...] = ("MD5",), proxy: bool = False
) -> Callable[[SipRequest], Answer]:
    """Challenges, in this order of preference, who does not prove the password (RFC 7616 §3.4)."""
    asked, given = (
        ("Proxy-Authenticate", "Proxy-Authorization")
        if proxy
        else (
            "WWW-Authenticate",
            "Authorization",
        )
    )
    code = 407 if proxy else 401
    made = [f'Digest realm="home", nonce="n1", algorithm={a}, qop="auth"' for a in algorithms]

    def answer(request: SipRequest) -> Answer:
        proof = _parts(request.get_header(given) or "")
        if proof.get("algorithm") in algorithms and proof == proof | _proof(
            proof, username, password
        ):
            return 200, [
                ("Contact", request.get_header("contact") or ""),
                ("X-Algorithm", proof["algorithm"]),
            ]
        return code, [(asked, challenge) for challenge in made]

    return answer


def _parts(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.removeprefix("Digest ").split(", "))
    return {name.strip(): value.strip('"') for name, _, value in pairs if name.strip()}


def _proof(given: dict[str, str], username: str, password: str) -> dict[str, str]:
    how = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[given["algorithm"]]

    def digest(*parts: str) -> str:
        return how(":".join(parts).encode()).hexdigest()

    inner = digest(username, "home", password)
    outer = digest("REGISTER", given["uri"])
    counted = (given["nonce"], given["nc"], given["cnonce"], given["qop"])
    return {"username": username, "response": digest(inner, *counted, outer)}
