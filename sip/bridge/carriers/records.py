"""What is asked of the DNS, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Naptr:
    """Which service a domain has, and the name of its servers (RFC 3403 §4.1)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True)
class Srv:
    """One server of a service (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str
    """Without the last dot; empty where the domain says that it has no such service."""


class Records(Protocol):
    """Empty where there are none, or nobody can be asked."""

    async def naptr(self, name: str) -> list[Naptr]: ...

    async def srv(self, name: str) -> list[Srv]: ...

    async def addresses(self, name: str) -> list[str]: ...
