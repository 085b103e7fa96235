"""Names of the Redis channels and ids of psrpc, as livekit-server writes them.

A client publishes a request; every server of that method may bid for it (a claim); the client
grants one bid; that server does the work and answers.
"""

from __future__ import annotations

import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PLAIN = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")


def new_id(prefix: str) -> str:
    """An id as LiveKit makes them: a prefix and 12 characters without look-alikes."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(12))


def _escape(character: str) -> str:
    code = ord(character)
    return f"u+{code:04x}" if code < 0x1_0000 else f"U+{code:08x}"


def _part(text: str) -> str:
    return "".join(c if c in _PLAIN else _escape(c) for c in text)


def channel(*parts: str) -> str:
    """Parts joined by `|`; empty ones are left out, unusual characters escaped."""
    return "|".join(_part(part) for part in parts if part)


def request_channel(service: str, method: str, *topic: str) -> str:
    return channel(service, method, *topic, "REQ")


def grant_channel(service: str, method: str, *topic: str) -> str:
    return channel(service, method, *topic, "RCLAIM")


def claim_channel(service: str, client_id: str) -> str:
    return channel(service, client_id, "CLAIM")


def response_channel(service: str, client_id: str) -> str:
    return channel(service, client_id, "RES")
