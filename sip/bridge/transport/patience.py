"""How long a connection may take over what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds. A connection that was idle for too long is closed; a call on it goes on over a new
    one."""

    first_message: float = 10.0
    message: float = 10.0
    """From its first byte to its last."""
    reads: float = 10.0
    """Until a peer fetches what was sent to it."""
    idle: float = 900.0
    idle_tls: float = 86400.0
    """Of one that we made by TLS: what is said on its calls may have no other way."""
    idle_stranger: float = 30.0


PATIENCE = Patience()
