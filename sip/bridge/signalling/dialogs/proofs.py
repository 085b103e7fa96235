"""What has been proved so far to whoever asked on a request's way (RFC 3261 §22.3)."""

from __future__ import annotations

from enum import Enum

from aiosipua.message import SipResponse

from sip.bridge.signalling.digest import Login, answers


class Proof(Enum):
    NEW = "new"
    REFUSED = "refused"
    """One that was given has been asked for again, so that it was wrong."""
    IMPOSSIBLE = "impossible"
    """There is no login, or nobody here can answer what is asked."""


class Proofs:
    """The headers that the next try carries: one for each realm that has asked. Several proxies may
    ask, one after the other or in one answer."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, value) for (name, _), value in self._given.items()]

    def add(self, login: Login | None, response: SipResponse, method: str, uri: str) -> Proof:
        """Answer a 401 or 407. A password that was refused is not sent again, unless what it was
        hashed with had only become too old."""
        found = answers(login, response, method, uri) if login is not None else []
        if not found:
            return Proof.IMPOSSIBLE
        if any((each.header, each.realm) in self._given and not each.stale for each in found):
            return Proof.REFUSED
        self._given.update({(each.header, each.realm): each.value for each in found})
        return Proof.NEW
