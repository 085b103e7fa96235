"""A leg that listens for TLS as well, for telephones that call it."""

from __future__ import annotations

from tests.sip.bridge.calls.encrypted.conftest import authority, shared_tls_world, world

__all__ = ["authority", "shared_tls_world", "world"]
