"""LiveKit's own SIP leg: the settings of ours that it has a place for, and those that it has not.

A setting that nothing would act on is refused before anything starts. What livekit-sip can be told
is in its `pkg/config/config.go`; this was read for release 1.11.0.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gateway.local.address import Address

PREFIX = "SWITCHBOARD_SIP_"
FIGURES = "SWITCHBOARD_SIP_PROMETHEUS_PORT"
"""Only livekit-sip has a port of its own for its figures."""

TLS_LISTEN = "SWITCHBOARD_SIP_TLS_LISTEN"
TLS_FILES = ("SWITCHBOARD_SIP_TLS_CERTIFICATE", "SWITCHBOARD_SIP_TLS_KEY")

CARRIED = frozenset(
    (
        *("SWITCHBOARD_SIP_LEG", "SWITCHBOARD_SIP_LISTEN", "SWITCHBOARD_SIP_ADVERTISE"),
        "SWITCHBOARD_SIP_LEGS",  # more than one is refused for all legs together
        *("SWITCHBOARD_SIP_HEALTH", FIGURES, TLS_LISTEN, *TLS_FILES),
        *("SWITCHBOARD_SIP_MAX_CALLS", "SWITCHBOARD_SIP_MAX_CPU"),
        *("SWITCHBOARD_SIP_MEDIA_TIMEOUT", "SWITCHBOARD_SIP_MEDIA_TIMEOUT_INITIAL"),
        "SWITCHBOARD_SIP_REJOIN_FOR",  # the job acts on it, whichever leg there is
    )
)
NO_PLACE = {
    "SWITCHBOARD_SIP_CALLS_PER_SECOND": "it counts nobody's calls: put a firewall before it",
    "SWITCHBOARD_SIP_MESSAGES_PER_SECOND": "it counts nobody's messages: put a firewall before it",
    "SWITCHBOARD_SIP_BYTES_PER_SECOND": "it counts nobody's bytes: put a firewall before it",
    "SWITCHBOARD_SIP_STRANGER_BYTES_PER_SECOND": "it hears strangers: put a firewall before it",
    "SWITCHBOARD_SIP_ECHO_CANCELLER": "it takes out no echo; the job always does",
    "SWITCHBOARD_SIP_RINGING_TIMEOUT": "the trunks say how long it rings, 30 s",
    "SWITCHBOARD_SIP_NO_WORKER_AFTER": "without a worker it rings as long as the trunk says, 30 s",
    "SWITCHBOARD_SIP_MAX_DURATION": "say `limits: {max_duration: …}` in the dialplan",
    "SWITCHBOARD_SIP_DRAIN_FOR": "it ends its calls when it is stopped",
    "SWITCHBOARD_SIP_MIN_SESSION_EXPIRES": "it knows no session timers",
    "SWITCHBOARD_SIP_TLS_CLIENT_CA": "it asks nobody who connects for a certificate",
    "SWITCHBOARD_SIP_TLS_CA": "it believes the authorities that this machine believes",
    "SWITCHBOARD_SIP_MEDIA_WORKERS": "all its calls are in one process",
    "SWITCHBOARD_SIP_RESOLVER": "it asks the resolver of this machine",
    "SWITCHBOARD_SIP_PING": "it asks no carrier whether it is there",
    "SWITCHBOARD_SIP_HEP": "it tells no Homer",
    "SWITCHBOARD_SIP_NAME": "it has an id of its own",
}
"""What it cannot be told, and what stands in for it."""

OFF = 1.0
"""Of a processor: livekit-sip takes 0, which means off here, for its own 0.9."""

T = TypeVar("T")


@dataclass(frozen=True)
class Tls:
    """The listener for SIP over TLS, and the files that it shows."""

    port: int
    certificate: Path
    key: Path


@dataclass(frozen=True)
class LivekitSip:
    """Times in seconds. Without `advertise` it announces the address that it listens on."""

    advertise: str = ""
    max_calls: int = 100
    max_cpu: float = 0.95
    media_timeout: float = 15.0
    media_timeout_initial: float = 30.0
    tls: Tls | None = None
    prometheus_port: int | None = None

    def config(self, listen: Address) -> dict[str, Any]:
        """The part of its configuration that comes from these."""
        host = literal(listen.host)
        announced = self.advertise or ("" if ipaddress.ip_address(host).is_unspecified else host)
        told: dict[str, Any] = {
            "sip_port": listen.port,
            "listen_ip": host,
            "use_external_ip": False,
            "symmetric_rtp": True,
            "max_active_calls": self.max_calls,
            "max_cpu_utilization": self.max_cpu,
            "media_timeout": f"{self.media_timeout:g}s",
            "media_timeout_initial": f"{self.media_timeout_initial:g}s",
        }
        if announced:
            # Else it announces the first address of the machine, and refuses to start where there
            # is none but loopback.
            told["nat_1_to_1_ip"] = announced
        if self.prometheus_port is not None:
            told["prometheus_port"] = self.prometheus_port
        if self.tls is not None:
            files = {"cert_file": str(self.tls.certificate), "key_file": str(self.tls.key)}
            told["tls"] = {"port": self.tls.port, "certs": [files]}
        return told


def literal(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def read(env: Mapping[str, str], listen: Address) -> tuple[LivekitSip, list[str]]:
    """What livekit-sip is to be told, and a line for each setting that cannot be."""
    reader = _Reader(env)
    problems = [
        f"{name}: livekit-sip has no such setting; {NO_PLACE.get(name, 'leave it out')}"
        for name in sorted(env)
        if name.startswith(PREFIX) and env[name] and name not in CARRIED
    ]
    reader.check("SWITCHBOARD_SIP_LISTEN", str(listen), lambda _: _ipv4(literal(listen.host)))
    found = LivekitSip(
        advertise=reader.read("SWITCHBOARD_SIP_ADVERTISE", "", _ipv4),
        max_calls=reader.read("SWITCHBOARD_SIP_MAX_CALLS", LivekitSip.max_calls, _count),
        max_cpu=reader.read("SWITCHBOARD_SIP_MAX_CPU", LivekitSip.max_cpu, _share),
        media_timeout=reader.read(
            "SWITCHBOARD_SIP_MEDIA_TIMEOUT", LivekitSip.media_timeout, _seconds
        ),
        media_timeout_initial=reader.read(
            "SWITCHBOARD_SIP_MEDIA_TIMEOUT_INITIAL", LivekitSip.media_timeout_initial, _seconds
        ),
        tls=_tls(reader, listen),
        prometheus_port=reader.read(FIGURES, None, _port),
    )
    return found, problems + reader.problems


def _tls(reader: _Reader, listen: Address) -> Tls | None:
    """All three settings or none: half a listener would show in its first call only."""
    names = (TLS_LISTEN, *TLS_FILES)
    given = [name for name in names if reader.env.get(name)]
    if not given:
        return None
    missing = [name for name in names if name not in given]
    reader.problems += [f"{name}: is wanted with {given[0]}" for name in missing]
    where = reader.read(TLS_LISTEN, listen, Address.parse)
    if where.host != listen.host:
        reader.problems.append(
            f"{TLS_LISTEN}={where}: livekit-sip listens on one address only, {listen.host}"
        )
    certificate, key = (reader.read(name, Path(), _file) for name in TLS_FILES)
    return Tls(where.port, certificate, key)


class _Reader:
    """Gathers what is wrong, so that all of it is told at once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []

    def read(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        text = self.env.get(name)
        return (self.check(name, text, parse) if text else None) or default

    def check(self, name: str, text: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name}={text}: {error}")
            return None


def _ipv4(text: str) -> str:
    """livekit-sip announces addresses, never names, and its sound has IPv4 only."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError("livekit-sip wants an IPv4 address") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("is not a number, 1 or more")
    return int(text)


def _share(text: str) -> float:
    share = _number(text)
    if not 0 <= share <= 1:
        raise ValueError("is not a share of the machine, 0 to 1")
    return share or OFF


def _seconds(text: str) -> float:
    seconds = _number(text)
    if seconds <= 0:
        raise ValueError("is not a number of seconds above 0")
    return seconds


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("is not a number") from None


def _port(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("is not a port")
    return int(text)


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path
