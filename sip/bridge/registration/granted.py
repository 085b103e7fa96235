"""What a registrar grants, and when to ask it again. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aiosipua.message import SipResponse

from dialplans.telephony.addresses import Address, address, addresses, separated
from sip.bridge.signalling.message import SIP_PORT
from sip.bridge.signalling.reading.parse import is_number

REFRESH_AT = 0.85
"""Of the time that was granted; never less than SPARE_SECONDS before its end where it has them."""
SPARE_SECONDS = 30.0

FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 300.0
"""Waits after failures double from the one to the other, each shortened by up to a half, so that
not everybody comes back to a server at once (RFC 5626 §4.5)."""
LONGEST_RETRY_AFTER_S = 3600


@dataclass(frozen=True)
class Granted:
    """`seconds` from now on the account's calls come to us; `routes` is the way of calls out."""

    seconds: int
    routes: tuple[str, ...] = ()
    flow_timer: int = 0
    """Seconds after which the server takes a silent connection for dead (RFC 5626 §4.4.1); 0 where
    it does not say."""


def granted(response: SipResponse, contact: str, asked: int) -> Granted:
    """From a 2xx. It lists every telephone of the account, each with its own time (RFC 3261
    §10.2.4); ours is `contact`. 0 seconds: it has forgotten us."""
    ours = _place(address(contact))
    listed = addresses(",".join(response.headers.get("contact")))
    default = _seconds(response.get_header("expires"), asked)
    mine = [c for c in listed if _place(c) == ours]
    # A server that writes our address as it sees it lists us all the same.
    theirs = mine or [c for c in listed if c.user == ours[0]] or list(listed)
    times = [_seconds(c.parameters.get("expires"), default) for c in theirs]
    routes = separated(",".join(response.headers.get("service-route")))
    told = tuple(r for r in routes if r.startswith("<"))
    silence = _seconds(response.get_header("flow-timer"), 0)
    return Granted(min(times, default=default), told, silence)


def refresh_after(seconds: int) -> float:
    """Seconds until a registration is renewed that lasts so long."""
    early = min(REFRESH_AT * seconds, seconds - SPARE_SECONDS)
    return max(early, seconds / 2, 1.0)


def keep_alive_every(usual: float, flow_timer: int) -> float:
    """Seconds between two keep-alives, some time before the server gives up (RFC 5626 §4.4)."""
    return min(usual, max(1.0, 0.8 * flow_timer)) if flow_timer else usual


def wait_after(failures: int, *, least: float = 0.0, longest: bool = False) -> float:
    """Seconds until the next try after so many in a row went wrong. `least` is what the server
    asked for (Retry-After), `longest` where trying again soon could only make it worse."""
    doubled = FIRST_WAIT_S * 2 ** min(failures - 1, 10)
    wait = LONGEST_WAIT_S if longest else min(doubled, LONGEST_WAIT_S)
    return max(wait * random.uniform(0.5, 1.0), min(least, LONGEST_RETRY_AFTER_S))


def _place(contact: Address) -> tuple[str, str, int, str]:
    """What makes a contact the same (RFC 3261 §19.1.4, as far as we write one)."""
    transport = contact.parameters.get("transport", "udp").lower()
    return contact.user, contact.host.lower(), contact.port or SIP_PORT, transport


def _seconds(written: str | None, otherwise: int) -> int:
    text = (written or "").strip()
    return int(text) if is_number(text) else otherwise
