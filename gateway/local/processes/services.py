"""What runs on one machine, in which order, and how each shows that it is ready."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.local.address import Address
from gateway.local.environment import environment
from gateway.local.keys import Keys
from gateway.local.layout import Layout
from gateway.local.processes.nodes import forgets_nodes
from gateway.local.processes.probes import Probe, accepts_unix, answers_http, answers_redis
from gateway.local.sip_legs import SipLegPlace
from gateway.local.tools import livekit_server, livekit_sip, redis_server


@dataclass(frozen=True)
class Service:
    """One process. `stage` orders the start: a stage begins when the one before it is ready.

    `grace_s` is how long it may take to end calls and to save after a polite request to stop.
    """

    name: str
    command: tuple[str, ...]
    address: str
    ready: Probe
    stage: int
    env: dict[str, str] = field(default_factory=dict)
    start_s: float = 60.0
    grace_s: float = 8.0
    ports: tuple[tuple[str, Address], ...] = ()
    """What it will bind, as (tcp|udp, address), so that a taken port is named before the start."""
    before: Callable[[], Coroutine[Any, Any, None]] | None = None
    """Done before every start, also after a death; the start does not depend on it."""


def services(layout: Layout, keys: Keys) -> list[Service]:
    """Calls come in last: the SIP leg starts when somebody is there to answer.

    Raises tools.MissingToolError.
    """
    env = environment(layout, keys)
    python = sys.executable
    livekit = layout.livekit
    return [
        Service(
            name="redis",
            command=(str(redis_server()), str(layout.run / "redis.conf")),
            address=str(layout.redis),
            ready=answers_redis(layout.redis, keys.redis_password),
            stage=0,
            ports=(("tcp", layout.redis),),
        ),
        Service(
            name="livekit",
            command=(str(livekit_server(layout)), "--config", str(layout.run / "livekit.yaml")),
            address=layout.livekit_url,
            ready=answers_http(livekit),
            stage=1,
            ports=(
                ("tcp", livekit),
                ("tcp", Address(livekit.host, layout.livekit_tcp)),
                ("udp", Address(livekit.host, layout.livekit_udp)),
            ),
            before=forgets_nodes(env["SWITCHBOARD_REDIS_URL"]),
        ),
        Service(
            name="plan",
            command=(python, "-m", "sip"),
            address=str(layout.dialplan),
            ready=accepts_unix(layout.plan_socket),
            stage=2,
            env={**env, "SWITCHBOARD_SIP_LEG": layout.sip_leg},
            start_s=30.0,
        ),
        Service(
            name="speech",
            command=(python, "-m", "agents.speech"),
            address=str(layout.speech_socket),
            ready=accepts_unix(layout.speech_socket),
            stage=2,
            env=env,
            start_s=240.0,
        ),
        Service(
            name="gateway",
            command=(python, "-m", "gateway"),
            address=layout.console_url,
            ready=answers_http(layout.gateway, "/health"),
            stage=2,
            env=env,
            ports=(("tcp", layout.gateway),),
        ),
        *[
            Service(
                name=f"agents-{number}",
                command=(python, "-m", "agents", "start"),
                address=f"http://{address}",
                ready=answers_http(address),
                stage=3,
                env={**env, "SWITCHBOARD_WORKER_PORT": str(address.port)},
                start_s=120.0,
                ports=(("tcp", address),),
            )
            for number, address in enumerate(layout.workers, start=1)
        ],
        *_sip_legs(layout, env),
    ]


def _sip_legs(layout: Layout, env: dict[str, str]) -> Iterator[Service]:
    if layout.sip_leg == "bridge":
        for leg in layout.legs:
            yield _embedded_leg(layout, env, leg)
        return
    told = layout.livekit_sip
    more = (told.tls.port if told.tls else None, told.prometheus_port)
    yield Service(
        name="sip",
        command=(str(livekit_sip()), "--config", str(layout.run / "sip.yaml")),
        address=f"sip:{layout.sip}",
        ready=answers_http(layout.sip_health),
        stage=4,
        env=env,
        ports=(
            *(("udp", layout.sip), ("tcp", layout.sip), ("tcp", layout.sip_health)),
            *(("tcp", Address(layout.sip.host, port)) for port in more if port),
        ),
    )


def _embedded_leg(layout: Layout, env: dict[str, str], leg: SipLegPlace) -> Service:
    """Each has its region of ports; all else is the same for all."""
    tls = leg.tls
    own = {
        "SWITCHBOARD_SIP_NAME": leg.called,
        "SWITCHBOARD_SIP_LISTEN": str(leg.sip),
        "SWITCHBOARD_SIP_HEALTH": str(leg.health),
        "SWITCHBOARD_RTP_PORTS": f"{leg.rtp[0]}-{leg.rtp[1]}",
        **({"SWITCHBOARD_SIP_TLS_LISTEN": str(tls)} if tls is not None else {}),
    }
    return Service(
        name=leg.name,
        command=(sys.executable, "-m", "sip.bridge"),
        address=f"sip:{leg.sip}",
        ready=answers_http(leg.health),
        stage=4,
        env={**env, **own},
        ports=(
            *(("udp", leg.sip), ("tcp", leg.sip), ("tcp", leg.health)),
            *((("tls", tls),) if tls is not None else ()),
        ),
    )


def installed(service: Service) -> bool:
    """Whether the module that a service is started from is there."""
    if "-m" not in service.command:
        return True
    module = service.command[service.command.index("-m") + 1]
    return importlib.util.find_spec(f"{module}.__main__") is not None
