"""Whether a call that somebody redirects may go where they want it to."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

from dialplans.telephony.numbers import normalise
from dialplans.telephony.wildcards import matches
from sip.bridge.dialling.redirect import Contact

PLAIN, BY_TLS = frozenset(("udp", "tcp")), frozenset(("tls",))
"""What a redirected call may go by: one that its trunk has encrypted is not sent on in clear."""


@dataclass(frozen=True)
class Permission:
    """`dialled` is the number that was wanted and `host` the address of the trunk that carries the
    call. `networks` are the trunk's own (`allow`), `dial_out` the plan's numbers, `country` where
    national numbers belong. Without a plan nothing but the trunk and the number stay."""

    dialled: str
    host: str
    networks: tuple[str, ...] = ()
    dial_out: tuple[str, ...] = ()
    country: str = ""
    transports: frozenset[str] = PLAIN

    def problem(self, contact: Contact, carrier: Collection[str] = ()) -> str:
        """Why not, without any number in it; "" if it may. `carrier` are addresses that `host`
        stands for."""
        if contact.scheme not in ("sip", "tel"):
            return f"{contact.scheme}: is not followed"
        if contact.transport and contact.transport not in self.transports:
            return f"by {contact.transport}, which the trunk does not speak"
        if not self._number_may(contact):
            return "to another number, which limits.dial_out of the plan does not let out"
        if not self._host_may(contact.host, carrier):
            return f"to {contact.host}, which is no address of the trunk"
        return ""

    def _number_may(self, contact: Contact) -> bool:
        written = unquote(contact.user).partition(";")[0]
        if written == self.dialled:
            return True
        read = normalise(written, self.country or self.dialled)
        if read is not None and read == (normalise(self.dialled, self.country) or self.dialled):
            return True
        return any(matches(pattern, read or written) for pattern in self.dial_out)

    def _host_may(self, host: str, carrier: Collection[str]) -> bool:
        if not host or host == self.host.lower() or host in carrier:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        networks = map(ipaddress.ip_network, self.networks)
        return any(address.version == one.version and address in one for one in networks)
