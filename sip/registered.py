"""What stands for an address in LiveKit's trunks where only the leg knows it."""

from __future__ import annotations

import hashlib
import ipaddress

TELEPHONE_HOST = "telephones.invalid"
"""Of the company's telephones: each says where it is when it registers. RFC 6761 keeps the name
from ever leading anywhere."""

DISCARD_ONLY = ipaddress.IPv6Network("100::/64")
"""Routers drop what comes from there (RFC 6666): nobody can send from it."""


def address_of(trunk: str) -> str:
    """Of the server of an account, another one for each trunk of a plan. LiveKit's trunks know
    callers by address: the leg names this one for calls that it has recognised by the account."""
    host = hashlib.blake2s(trunk.encode(), digest_size=8).digest()
    return str(DISCARD_ONLY[int.from_bytes(host)])
