"""Asking the supervisor, from a command or a test."""

from __future__ import annotations

import json
import socket
from typing import Any

from gateway.local.layout import Layout


class NotRunningError(RuntimeError):
    """Nobody answers on the supervisor's socket."""


def ask(layout: Layout, op: str, name: str = "", *, timeout_s: float = 60.0) -> dict[str, Any]:
    """`op` is status, down, or start, stop and restart with the name of a service."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(layout.supervisor_socket))
            connection.sendall(json.dumps({"op": op, "name": name}).encode() + b"\n")
            with connection.makefile("rb") as reply:
                answer: dict[str, Any] = json.loads(reply.readline())
        except (OSError, ValueError) as error:
            raise NotRunningError("Switchboard is not running") from error
    return answer
