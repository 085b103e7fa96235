"""An account as a trunk of the plan names it, with its password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dialplans.model import Trunk
from sip.bridge.signalling.addresses import AddressError, host_and_port, name_addr, sip_uri
from sip.bridge.signalling.dialogs.route import SIPS_PORT
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.message import SIP_PORT
from sip.credentials import MissingSecretsError, account_credentials


class NoAccountError(Exception):
    """The trunk cannot be registered from here; the text is the sentence for the operator."""


@dataclass(frozen=True)
class Account:
    """`server` and `proxy` are written as in the plan, with a port or without."""

    trunk: str
    server: str
    user: str
    login: Login
    expires: int
    """Seconds that we ask for."""
    proxy: str = ""
    transport: Literal["udp", "tcp", "tls"] = "udp"

    @property
    def registrar(self) -> str:
        """The Request-URI of a REGISTER: a domain, no user (RFC 3261 §10.2)."""
        return sip_uri(self.server)

    @property
    def address_of_record(self) -> str:
        """As whom we register, and call: an account has no port."""
        return name_addr(sip_uri(host_and_port(self.server)[0], self.user))

    @property
    def name(self) -> str:
        """What makes it the same account for every leg, whatever its trunk is called."""
        return f"{self.user}@{self.server}"

    @property
    def hop(self) -> tuple[str, int]:
        """Where everything is sent first."""
        host, port = host_and_port(self.proxy or self.server)
        return host.strip("[]"), port or (SIPS_PORT if self.transport == "tls" else SIP_PORT)

    @property
    def routes(self) -> tuple[str, ...]:
        """The way through the proxy, for what does not yet know better."""
        if not self.proxy:
            return ()
        by = f";transport={self.transport}" if self.transport == "tls" else ""
        return (f"<{sip_uri(self.proxy)}{by};lr>",)


def account_of(name: str, trunk: Trunk, env: Mapping[str, str]) -> Account:
    """Of a trunk that registers. Raises NoAccountError."""
    written = trunk.account
    assert written is not None
    try:
        found = account_credentials(written, env)
        made = Account(
            trunk=name,
            server=written.server,
            user=written.user,
            login=Login(found.username, found.password),
            expires=int(written.expires.total_seconds()),
            proxy=written.outbound_proxy or "",
            transport="udp" if trunk.transport == "auto" else trunk.transport,
        )
        for part in (made.registrar, made.address_of_record, made.hop, made.routes):
            assert part is not None
    except (MissingSecretsError, AddressError) as error:
        raise NoAccountError(str(error)) from error
    return made
