"""The telephone itself: a baresip stack on the loopback address.

`async with Phone() as phone: call = await phone.dial("+498920001000")`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Self

import baresip

from sip.phone.call import PhoneCall

SERVER = "127.0.0.1:5060"
CALLER = "+4989555000"
REGISTERED_S = 120
STARTS = 5
"""A port that was free may be taken a moment later; the stack cannot choose one itself."""


class Phone:
    """One at a time in a process: the stack underneath is process-wide.

    It dials `server`, and can be dialled itself at `address`. Caller numbers are user agents that
    the stack cannot close before the phone is, so use few of them.
    """

    def __init__(
        self,
        server: str = SERVER,
        *,
        codecs: tuple[str, ...] = ("pcmu", "pcma"),
        calls: int = 32,
        transport: Literal["udp", "tcp", "tls"] = "udp",
        encryption: Literal["", "srtp", "srtp-mand"] = "",
        authority: str = "",
        reliable: Literal["", "yes", "required"] = "",
    ) -> None:
        """`encryption` may be had (`srtp`) or must be had (`srtp-mand`); by TLS the server's
        certificate has to be of the `authority`, a PEM file. `reliable` is whether its ringing has
        to be acknowledged (100rel): by whoever can, or by everybody."""
        self.server = server
        self._codecs = codecs
        self._calls = calls
        self._transport = transport
        self._encryption = encryption
        self._authority = authority
        self._reliable = reliable
        self._runtime: Any = None
        self._agents: dict[tuple[str, str], Any] = {}
        self._registered: list[Any] = []
        self._open: list[PhoneCall] = []
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self.address = ""

    async def __aenter__(self) -> Self:
        logging.getLogger("baresip").setLevel(logging.ERROR)
        for left in reversed(range(STARTS)):
            try:
                await self._start()
            except baresip.BaresipError:
                if not left:
                    raise
            else:
                break
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for call in self._open:
            await call.hang_up()
        for agent in self._registered:
            with contextlib.suppress(baresip.BaresipError):
                await agent.unregister()
        await self._runtime.close()

    async def _start(self) -> None:
        self.address = f"127.0.0.1:{_free_port()}"
        self._runtime = baresip.Runtime()
        await self._runtime.start(
            baresip.Config(
                net_interface="127.0.0.1",
                max_concurrent_calls=self._calls,
                native_log_level="error",
                # without its own buffer the phone hears what arrives, when it arrives
                extra_config_text=self._settings(),
            )
        )

    def _parameters(self) -> tuple[str, ...]:
        given = {"mediaenc": self._encryption, "100rel": self._reliable}
        return tuple(f"{name}={value}" for name, value in given.items() if value)

    def _settings(self) -> str:
        lines = [f"sip_listen {self.address}", "audio_jitter_buffer_type off"]
        if self._authority:
            lines += [f"sip_cafile {self._authority}", "sip_verify_server yes"]
        return "".join(f"{line}\n" for line in lines)

    async def dial(
        self,
        number: str,
        *,
        caller: str = CALLER,
        password: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> PhoneCall:
        """Sends the INVITE and returns; `answered()` waits for what comes of it.

        `number` is a telephone number or a whole SIP address. A `password` answers a digest
        challenge as user `caller`.
        """
        by = ";transport=tls" if self._transport == "tls" else ""
        uri = number if number.startswith("sip:") else f"sip:{number}@{self.server}{by}"
        agent = await self._agent(caller, password)
        dialled_at = time.time()
        early: list[baresip.StackEvent] = []
        self._runtime.subscribe(early.append)
        try:
            dialled = await agent.dial(uri, dict(headers or {}) or None)
        finally:
            self._runtime.unsubscribe(early.append)
        call = PhoneCall(dialled, dialled_at, early)
        self._open.append(call)
        return call

    async def be_reachable(self, number: str = "desk") -> str:
        """From now on incoming calls ring here; the SIP address to dial."""
        agent = await self._agent(number, "")
        agent.on_incoming(self._ring)
        return f"sip:{number}@{self.address}"

    async def register(self, name: str, password: str) -> None:
        """Be one of the company's telephones at `server`: it can be rung by its name from now on.
        Raises baresip.RegistrationError."""
        agent = await self._agent(name, password, registers=True)
        agent.on_incoming(self._ring)
        await agent.register()
        self._registered.append(agent)

    async def rings(self, timeout_s: float = 20.0) -> PhoneCall:
        """The next incoming call, not yet answered."""
        return await asyncio.wait_for(self._incoming.get(), timeout_s)

    def _ring(self, call: Any) -> None:
        ringing = PhoneCall(call, time.time())
        self._open.append(ringing)
        self._incoming.put_nowait(ringing)

    async def _agent(self, user: str, password: str, *, registers: bool = False) -> Any:
        if (user, password) not in self._agents:
            account = baresip.Account(
                user=user,
                domain=self.server,
                password=password,
                reg_interval=REGISTERED_S if registers else 0,
                transport=self._transport,
                audio_codecs=self._codecs,
                extra_params=self._parameters(),
            )
            self._agents[user, password] = await baresip.UserAgent.create(self._runtime, account)
        return self._agents[user, password]


def _free_port() -> int:
    """A port that was free for UDP and TCP a moment ago; the stack cannot say which it took."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port = int(stream.getsockname()[1])
            with contextlib.suppress(OSError):
                datagram.bind(("127.0.0.1", port))
                return port
