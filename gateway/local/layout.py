"""Where everything of one installation lies: folders, files, addresses.

Read by every command before anything else, so only the standard library is used here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from dialplans.process.tls_files import TlsFiles
from gateway.local.address import Address
from gateway.local.livekit_sip import FIGURES, LivekitSip, read
from gateway.local.log_file import DAYS, DAYS_DEFAULT
from gateway.local.sip_legs import FIRST, MOST, SipLegPlace, problems, sip_legs

SipLeg = Literal["bridge", "livekit-sip"]
SOCKET_PATH_LIMIT = 107
"""Longest path of a Unix socket on Linux (unix(7): 108 bytes with the final zero)."""

T = TypeVar("T")


class LayoutError(ValueError):
    """Settings that cannot be used; `problems` has one line for each, all of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Layout:
    root: Path
    home: Path
    dialplan: Path
    redis: Address
    livekit: Address
    livekit_tcp: int
    livekit_udp: int
    sip: Address
    sip_health: Address
    rtp: tuple[int, int]
    gateway: Address
    workers: tuple[Address, ...]
    database: str
    sip_leg: SipLeg = "bridge"
    sip_legs: int = 1
    """How many of the embedded leg run beside each other."""
    sip_name: str = FIRST
    """What the first is called among all that share its Redis."""
    livekit_sip: LivekitSip = field(default_factory=LivekitSip)
    """What LiveKit's leg is told, where it is the one that runs."""
    sip_tls: TlsFiles = field(default_factory=TlsFiles)
    log_days: int = DAYS_DEFAULT

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Layout:
        """Raises LayoutError naming every setting that cannot be read."""
        reader = _Reader(os.environ if env is None else env)
        root = Path(__file__).resolve().parents[2]
        home = reader.path("SWITCHBOARD_HOME", root / ".switchboard")
        layout = cls(
            root=root,
            home=home,
            dialplan=reader.path("SWITCHBOARD_DIALPLAN", root / "dialplans" / "main.yaml"),
            redis=reader.read("SWITCHBOARD_REDIS_URL", "redis://127.0.0.1:6389/0", _url),
            livekit=reader.read("LIVEKIT_URL", "ws://127.0.0.1:7880", _url),
            livekit_tcp=reader.read("SWITCHBOARD_LIVEKIT_TCP_PORT", "7881", _port),
            livekit_udp=reader.read("SWITCHBOARD_LIVEKIT_UDP_PORT", "7882", _port),
            sip=reader.read("SWITCHBOARD_SIP_LISTEN", "127.0.0.1:5060", Address.parse),
            sip_health=reader.read("SWITCHBOARD_SIP_HEALTH", "127.0.0.1:8092", Address.parse),
            rtp=reader.read("SWITCHBOARD_RTP_PORTS", "20000-20999", _range),
            gateway=reader.read("SWITCHBOARD_GATEWAY_LISTEN", "127.0.0.1:8090", Address.parse),
            workers=reader.read("SWITCHBOARD_WORKER_PORTS", "8081,8082", _workers),
            database=reader.text(
                "SWITCHBOARD_DATABASE_URL", f"sqlite+aiosqlite:///{home / 'switchboard.db'}"
            ),
            sip_leg=reader.read("SWITCHBOARD_SIP_LEG", "bridge", _sip_leg),
            sip_legs=reader.read("SWITCHBOARD_SIP_LEGS", "1", _legs),
            sip_name=reader.text("SWITCHBOARD_SIP_NAME", FIRST),
            sip_tls=reader.tls_files(),
            log_days=reader.read(DAYS, str(DAYS_DEFAULT), _days),
        )
        layout = replace(layout, livekit_sip=reader.livekit_sip(layout.sip_leg, layout.sip))
        reader.problems += layout.problems_of_legs()
        if len(str(layout.supervisor_socket)) > SOCKET_PATH_LIMIT:
            reader.problems.append(f"SWITCHBOARD_HOME={home}: the path is too long for a socket")
        if reader.problems:
            raise LayoutError(reader.problems)
        return layout

    @property
    def legs(self) -> tuple[SipLegPlace, ...]:
        """Where each SIP leg listens, the first where the settings say."""
        tls = self.sip_tls.address if self.sip_leg == "bridge" else None
        place = None if tls is None else Address(*tls)
        first = SipLegPlace(FIRST, self.sip_name, self.sip, self.sip_health, place, self.rtp)
        return sip_legs(self.sip_legs, first)

    def problems_of_legs(self) -> list[str]:
        """Why so many SIP legs cannot run here."""
        if self.sip_legs > 1 and self.sip_leg != "bridge":
            said = f"only the embedded leg runs more than once, and this is {self.sip_leg}"
            return [f"SWITCHBOARD_SIP_LEGS={self.sip_legs}: {said}"]
        others = [
            ("that of SWITCHBOARD_REDIS_URL", self.redis.port),
            ("that of LIVEKIT_URL", self.livekit.port),
            ("that of SWITCHBOARD_LIVEKIT_TCP_PORT", self.livekit_tcp),
            ("that of SWITCHBOARD_LIVEKIT_UDP_PORT", self.livekit_udp),
            ("that of SWITCHBOARD_GATEWAY_LISTEN", self.gateway.port),
            *(("one of SWITCHBOARD_WORKER_PORTS", worker.port) for worker in self.workers),
        ]
        return problems(self.legs, others)

    @property
    def cache(self) -> Path:
        """Tools and binaries that can be made again at any time."""
        return self.root / ".cache"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets.json"

    @property
    def supervisor_socket(self) -> Path:
        return self.home / "supervisor.sock"

    @property
    def speech_socket(self) -> Path:
        return self.home / "speech.sock"

    @property
    def plan_socket(self) -> Path:
        return self.home / "plan.sock"

    @property
    def lease_socket(self) -> Path:
        return self.home / "lease.sock"

    @property
    def livekit_url(self) -> str:
        return f"ws://{self.livekit.dialled()}"

    @property
    def livekit_http(self) -> str:
        return f"http://{self.livekit.dialled()}"

    @property
    def console_url(self) -> str:
        return f"http://{self.gateway.dialled()}"


class _Reader:
    """Reads settings and gathers what is wrong with them, so that all is reported at once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def read(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        text = self._env.get(name) or default
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name}={text}: {error}")
            return parse(default)

    def text(self, name: str, default: str) -> str:
        return self._env.get(name) or default

    def livekit_sip(self, leg: SipLeg, listen: Address) -> LivekitSip:
        """Only where LiveKit's leg runs has it to be able to act on every setting."""
        if leg == "livekit-sip":
            found, problems = read(self._env, listen)
            self.problems += problems
            return found
        if self._env.get(FIGURES):
            said = "is livekit-sip's; ours has its figures at SWITCHBOARD_SIP_HEALTH, /metrics"
            self.problems.append(f"{FIGURES}: {said}")
        return LivekitSip()

    def tls_files(self) -> TlsFiles:
        """The files wherever the command is typed: services run in another folder."""
        found = TlsFiles.from_environment(self._env).absolute()
        self.problems += found.problems()
        return found

    def path(self, name: str, default: Path) -> Path:
        return Path(self._env.get(name) or default).expanduser().absolute()


def _url(text: str) -> Address:
    parts = urlsplit(text)
    if not parts.hostname or not parts.port:
        raise ValueError("needs a host and a port")
    return Address(parts.hostname, parts.port)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError("is not a port")
    return int(text)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("is not a number of days, 1 or more")
    return int(text)


def _legs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST):
        raise ValueError(f"is not a number of SIP legs, 1 to {MOST}")
    return int(text)


def _range(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    low, high = _port(first), _port(last if dash else first)
    if high - low < 1:
        raise ValueError("needs at least two ports, FIRST-LAST")
    return low, high


def _workers(text: str) -> tuple[Address, ...]:
    return tuple(Address("127.0.0.1", _port(part.strip())) for part in text.split(","))


def _sip_leg(text: str) -> Any:
    if text not in get_args(SipLeg):
        raise ValueError(f"is not one of {', '.join(get_args(SipLeg))}")
    return text
