"""What the leg reads from its environment."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dialplans.process.tls_files import TlsFiles
from sip.bridge.runtime.hep_target import HepTarget
from sip.bridge.runtime.port_range import PortRange

Address = tuple[str, int]

MOST_WORKERS = 16
"""More are started only if somebody asks for them: each takes some 100 MB."""


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{value!r} is not host:port")
    return host, int(port)


def _servers(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_server(one.strip()) for one in value.split(",") if one.strip())


def _server(value: str) -> Address:
    """An address, with its port or without."""
    host, colon, port = value.rpartition(":")
    if not colon or (host.count(":") and not host.endswith("]")):
        host, port = value, "53"
    host = host.strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{value!r} is not the address of a name server") from None
    if not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{value!r} is not the address of a name server")
    return host, int(port)


def _hep(value: object) -> object:
    if not isinstance(value, str):
        return value
    return HepTarget.parse(value) if value else None


def _ports(value: object) -> object:
    return PortRange.parse(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class ApiKey:
    """How to reach livekit-server, and the pair that signs for it."""

    url: str
    key: str
    secret: str = field(repr=False)


class Settings(BaseSettings):
    """Variables begin with `SWITCHBOARD_`, except LiveKit's own. Times are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="SWITCHBOARD_", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    livekit_url: str = Field("ws://127.0.0.1:7880", validation_alias="LIVEKIT_URL")
    livekit_key: str = Field(validation_alias="LIVEKIT_API_KEY")
    livekit_secret: SecretStr = Field(validation_alias="LIVEKIT_API_SECRET")
    redis_url: str = "redis://127.0.0.1:6389/0"
    sip_listen: Annotated[Address, NoDecode, BeforeValidator(_address)] = ("127.0.0.1", 5060)
    sip_health: Annotated[Address, NoDecode, BeforeValidator(_address)] = ("127.0.0.1", 8092)
    sip_name: str = ""
    """What this leg is called among all that share its Redis; its address where nothing is set."""
    sip_advertise: str = ""
    """The address written into Contact, Via and SDP, where it is not the bound one."""
    sip_tls_listen: str = ""
    """host:port for SIP over TLS; calls out go by TLS without it, too."""
    sip_tls_certificate: str = ""
    sip_tls_key: str = ""
    """PEM files, read again when they change; also shown to whom we call."""
    sip_tls_client_ca: str = ""
    """Who connects has to show a certificate of one of these authorities."""
    sip_tls_ca: str = ""
    """The authorities that whom we call may have; the system's where nothing is set."""
    gateway_listen: Annotated[Address, NoDecode, BeforeValidator(_address)] = ("127.0.0.1", 8090)
    livekit_tcp_port: int = 7881
    livekit_udp_port: int = 7882
    """These three are other services' own: no phone may have its sound sent there."""
    rtp_ports: Annotated[PortRange, NoDecode, BeforeValidator(_ports)] = PortRange(20000, 20999)

    sip_media_workers: int = Field(0, ge=0, le=64)
    """Processes that hold the sound of calls; 0 is one for each core, and at least two: one takes
    the calls of another that has died."""

    sip_hep: Annotated[HepTarget | None, NoDecode, BeforeValidator(_hep)] = None
    """A Homer that gets a copy of each message and report; None of any."""

    sip_max_calls: int = 100
    sip_max_cpu: float = 0.95
    """Of the machine, over about ten seconds; new calls are refused above it. 0 switches it off."""
    sip_calls_per_second: float = 20.0
    """New calls of one address; three seconds' worth may come at once."""
    sip_messages_per_second: float = 500.0
    sip_bytes_per_second: int = 1_000_000
    """Of one address of a trunk, or of one that a call is with; two seconds' worth may come at
    once. Addresses of trunks together have four times as much."""
    sip_stranger_bytes_per_second: int = 4000
    """Of an address that is on no trunk, where a trunk lets in by password alone. All strangers
    together have ten times as much."""

    sip_resolver: Annotated[tuple[Address, ...], NoDecode, BeforeValidator(_servers)] = ()
    """Name servers to ask where carriers are, instead of the system's."""

    sip_ping: Annotated[float, Field(ge=0)] = 30.0
    """How often the addresses of trunks that dial are asked whether they are there; 0: never."""

    sip_echo_canceller: bool = True
    """Take out of the phone's sound what comes back of ours."""

    sip_ringing_timeout: float = 60.0
    sip_no_worker_after: float = 4.5
    """An agent was dispatched and none has joined: refuse with 480 instead of ringing on."""
    sip_media_timeout: float = 15.0
    sip_media_timeout_initial: float = 30.0
    sip_max_duration: float = 24 * 3600.0
    sip_rejoin_for: float = 60.0
    """How long a call is kept while livekit-server is away."""
    sip_drain_for: float = 600.0
    """How long calls may last after SIGTERM."""
    sip_min_session_expires: int = 90

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Settings:
        problems = self.tls_files.problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def tls_files(self) -> TlsFiles:
        return TlsFiles(
            listen=self.sip_tls_listen,
            certificate=self.sip_tls_certificate,
            key=self.sip_tls_key,
            client_ca=self.sip_tls_client_ca,
            ca=self.sip_tls_ca,
        )

    @property
    def api_key(self) -> ApiKey:
        return ApiKey(self.livekit_url, self.livekit_key, self.livekit_secret.get_secret_value())

    @property
    def media_workers(self) -> int:
        return self.sip_media_workers or min(MOST_WORKERS, max(2, len(os.sched_getaffinity(0))))

    @property
    def service_ports(self) -> frozenset[int]:
        urls = (urlsplit(url).port for url in (self.redis_url, self.livekit_url))
        others = (self.gateway_listen[1], self.livekit_tcp_port, self.livekit_udp_port, *urls)
        return frozenset(port for port in (*self.own_ports, *others) if port)

    @property
    def own_ports(self) -> tuple[int, ...]:
        """Where this leg itself listens, but for sound."""
        tls = self.tls_files.address
        ports = (self.sip_listen[1], self.sip_health[1], tls[1] if tls is not None else 0)
        return tuple(port for port in ports if port)

    @property
    def address(self) -> str:
        """host:port that others reach us at."""
        return f"{self.host}:{self.sip_listen[1]}"

    @property
    def name(self) -> str:
        return self.sip_name or self.address

    @property
    def host(self) -> str:
        """The address others reach us at."""
        if self.sip_advertise:
            return self.sip_advertise
        bound = self.sip_listen[0]
        return bound if bound not in ("0.0.0.0", "::") else _outward_address()


def _outward_address() -> str:
    """The address of the default route; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
