"""Finds out before the start who sits on a port that we need."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterable

import psutil

from gateway.local.address import Address
from gateway.local.processes.services import Service
from gateway.local.sip_legs import FIRST, is_leg

SETTINGS = {
    "redis": "SWITCHBOARD_REDIS_URL",
    "livekit": "LIVEKIT_URL, SWITCHBOARD_LIVEKIT_TCP_PORT or SWITCHBOARD_LIVEKIT_UDP_PORT",
    "gateway": "SWITCHBOARD_GATEWAY_LISTEN",
    "sip": "SWITCHBOARD_SIP_LISTEN or SWITCHBOARD_SIP_HEALTH",
    "tls": "SWITCHBOARD_SIP_TLS_LISTEN",
}
"""Which setting moves a service, or the port of one kind, to another port."""


def taken_ports(services: Iterable[Service]) -> list[str]:
    """One line for each port that cannot be bound, with who holds it and which setting moves it."""
    problems = []
    for service in services:
        for kind, address in service.ports:
            reason = _why_not(kind, address)
            if reason:
                name = FIRST if is_leg(service.name) else service.name
                of_service = SETTINGS.get(name, "SWITCHBOARD_WORKER_PORTS")
                setting = SETTINGS.get(kind, of_service)
                problems.append(
                    f"{service.name}: {kind} port {address.port} on {address.host} {reason}; "
                    f"stop it or set {setting}"
                )
    return problems


def _why_not(kind: str, address: Address) -> str | None:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    stream = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(family, stream) as probe:
        if kind != "udp":
            # Connections of a server that just ended do not hold its port (TIME_WAIT).
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"is taken{_by_whom(kind, address.port)}"
            return f"cannot be used ({error.strerror})"
    return None


def _by_whom(kind: str, port: int) -> str:
    """Only the processes that this user may look at have a name."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="udp" if kind == "udp" else "tcp"):
            listening = kind == "udp" or connection.status == psutil.CONN_LISTEN
            if listening and connection.laddr and connection.laddr.port == port and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f" by {name} (pid {connection.pid})"
    return ""
