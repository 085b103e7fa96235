"""Real servers with a leg that listens for TLS."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dialplans.process.tls_files import TlsFiles
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.world import World, new_world
from tests.stack.free_ports import free_ports

HERE = "127.0.0.1"


@contextlib.contextmanager
def tls_world(authority: Authority) -> Iterator[World]:
    certificate, key = authority.issue("leg", HERE)
    files = TlsFiles(f"{HERE}:{free_ports(1)[0]}", certificate, key, ca=authority.file)
    with new_world(files.to_environment()) as world, world.leg():
        yield world


def by_tls(world: World) -> tuple[str, int]:
    """Where the leg listens for it."""
    host, _, port = world.env["SWITCHBOARD_SIP_TLS_LISTEN"].partition(":")
    return host, int(port)
