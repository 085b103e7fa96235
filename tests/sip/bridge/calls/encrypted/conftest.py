"""A leg that listens for TLS, and telephones that speak it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from dialplans.process.tls_files import TlsFiles
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.calls.encrypted.tls_world import HERE, tls_world
from tests.sip.bridge.world import World


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def shared_tls_world(authority: Authority) -> Iterator[World]:
    with tls_world(authority) as world:
        yield world


@pytest.fixture
async def world(shared_tls_world: World) -> AsyncIterator[World]:
    await shared_tls_world.forget_events()
    yield shared_tls_world
    try:
        await shared_tls_world.nothing_left()
    finally:
        print(shared_tls_world.log.read_text()[-6000:])


@pytest.fixture
def certificates(authority: Authority) -> Certificates:
    """Of a telephone that listens too."""
    certificate, key = authority.issue("phone", HERE)
    return Certificates(TlsFiles(f"{HERE}:0", certificate, key, ca=authority.file))


@pytest.fixture
async def line(certificates: Certificates) -> AsyncIterator[Phones]:
    async with phones(certificates=certificates) as made:
        yield made
