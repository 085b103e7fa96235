"""Where the requests of a dialog go (RFC 3261 §12.2.1.1, §16.12)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from aiosipua.headers import SipUri
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.media.address import usable_address
from sip.bridge.signalling.message import SIP_PORT, Request
from sip.bridge.signalling.reading.values import read_address, write_uri
from sip.bridge.transport.flow import Address

SIPS_PORT = 5061
"""That of TLS (RFC 3261 §19.1.2)."""
NOT_IN_A_REQUEST_URI = ("method", "lr", "ttl")


@dataclass(frozen=True)
class Route:
    """`target` is the other side's own URI, `routes` the proxies that wanted to stay in between,
    the next one first, as they stood in Record-Route."""

    target: str
    routes: tuple[str, ...] = ()

    @classmethod
    def of_called(cls, invite: Request) -> Route:
        """Of who has got it."""
        target = target_of(invite.raw) or write_uri(invite.frm.uri)
        return cls(target, tuple(invite.headers("record-route")))

    @classmethod
    def of_caller(cls, invite: SipRequest, response: SipResponse) -> Route:
        """Of who has sent the INVITE, from an answer to it."""
        routes = tuple(reversed(response.headers.get("record-route")))
        return cls(target_of(response) or invite.uri, routes)

    @property
    def strict(self) -> bool:
        """Whether the first proxy is of RFC 2543: it takes its own address for the Request-URI."""
        return bool(self.routes) and "lr" not in read_address(self.routes[0]).uri.params

    @property
    def uri(self) -> str:
        """The Request-URI."""
        if not self.strict:
            return self.target
        first = read_address(self.routes[0]).uri
        kept = {k: v for k, v in first.params.items() if k not in NOT_IN_A_REQUEST_URI}
        return write_uri(replace(first, params=kept, headers={}))

    @property
    def headers(self) -> tuple[str, ...]:
        """The values of Route."""
        return (*self.routes[1:], f"<{self.target}>") if self.strict else self.routes

    @property
    def next_hop(self) -> SipUri:
        first = self.routes[0] if self.routes else f"<{self.target}>"
        return read_address(first).uri

    def refreshed(self, message: SipRequest | SipResponse) -> Route:
        """With the Contact of a request or answer that renews the target; the route stays."""
        contact = target_of(message)
        return replace(self, target=contact) if contact else self


def target_of(message: SipRequest | SipResponse) -> str:
    """The URI in its Contact; empty if there is none that anything can be sent to."""
    contacts = message.headers.get("contact")
    if not contacts:
        return ""
    uri = read_address(contacts[0]).uri
    return write_uri(replace(uri, headers={})) if uri.host and uri.host != "*" else ""


def literal(hop: SipUri, peer: Address) -> Address | None:
    """The address that a hop names, if it names one and not a private one of a public peer: that
    is a telephone behind a NAT, and the way back is the one its messages came by."""
    host = hop.params.get("maddr") or hop.host
    named = usable_address(host.strip("[]"), hop.port or SIP_PORT)
    if named is None or (_private(named) and not _private(peer)):
        return None
    return named


def _private(address: Address) -> bool:
    return ipaddress.ip_address(address[0]).is_private
