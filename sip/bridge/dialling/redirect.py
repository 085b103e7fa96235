"""Where a 3xx answer sends us (RFC 3261 §8.1.3.4, §21.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from aiosipua.message import SipResponse

from sip.bridge.signalling.addresses import HOST, NAME_ADDR
from sip.bridge.signalling.reading.values import read_uri

MOST_CONTACTS = 10
ALTERNATIVE_SERVICE = 380
USE_PROXY = 305

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,;?/%:-]*")
_Q = re.compile(
    r";\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?|\.[0-9]{1,3})\s*(?:;|$)", re.IGNORECASE
)
"""Anything else counts as 1, like a Contact that says nothing."""


@dataclass(frozen=True)
class Contact:
    """`user` is as it stands in the URI, `host` without brackets; a number alone (`tel:`) has no
    host of its own."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    transport: str = ""
    q: float = 1.0

    @classmethod
    def read(cls, value: str) -> Self | None:
        """One value of a Contact header; None for what no call can be sent to."""
        value = value.strip()
        named = NAME_ADDR.match(value)
        if named is not None:
            uri, said = named[1].strip("<> "), value[named.end(1) :]
        else:  # without brackets all parameters are the header's (RFC 3261 §20.10)
            uri, _, said = value.partition(";")
        scheme, colon, rest = uri.partition(":")
        if not colon or _SCHEME.fullmatch(scheme) is None:
            return None
        quality = _Q.search(f";{said}")
        q = float(quality[1]) if quality is not None else 1.0
        if scheme.lower() in ("sip", "sips"):
            return cls._sip(scheme.lower(), uri, q)
        user = rest.partition(";")[0].strip() if scheme.lower() == "tel" else ""
        return cls(scheme.lower(), user, "", q=q) if _USER.fullmatch(user) else None

    @classmethod
    def _sip(cls, scheme: str, text: str, q: float) -> Self | None:
        # A user may hold semicolons and question marks of its own (RFC 3261 §25.1).
        user, _, where = text.partition(":")[2].rpartition("@")
        uri = read_uri(f"sip:{where}")
        host, port = (uri.host or "").strip("[]").lower(), uri.port
        bracketed = f"[{host}]" if ":" in host else host
        if HOST.fullmatch(bracketed) is None or _USER.fullmatch(user) is None:
            return None
        if port is not None and not 0 < port < 65536:
            return None
        params = {name.lower(): (told or "").upper() for name, told in uri.params.items()}
        if params.get("method", "INVITE") != "INVITE":
            return None
        return cls(scheme, user, host, port, params.get("transport", "").lower(), q)

    @property
    def uri(self) -> str:
        """Without headers, which would be whatever the other side likes in a request of ours."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        at = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        transport = f";transport={self.transport}" if self.transport else ""
        return f"{self.scheme}:{at}{host}{port}{transport}"


def contacts(response: SipResponse) -> tuple[Contact, ...]:
    """In the order in which they are to be tried; equals stay as they were written."""
    if response.status_code == ALTERNATIVE_SERVICE:
        return ()
    read = (Contact.read(value) for value in response.headers.get("contact")[:MOST_CONTACTS])
    found = [contact for contact in read if contact is not None]
    return tuple(sorted(found, key=lambda contact: -contact.q))
