"""What of a redirection is followed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from aiosipua.message import SipResponse

from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.course import Stop
from sip.bridge.dialling.permission import Permission
from sip.bridge.dialling.redirect import ALTERNATIVE_SERVICE, USE_PROXY, Contact, contacts


@dataclass(frozen=True)
class Followed:
    """`why` nothing more of it is."""

    stops: tuple[Stop, ...]
    why: str


def follow(
    response: SipResponse, stop: Stop, permission: Permission, carrier: Collection[str] = ()
) -> Followed:
    """`stop` is where the answer came from, `carrier` the trunk's addresses. A number alone goes on
    through the same trunk."""
    if response.status_code == ALTERNATIVE_SERVICE:
        return Followed((), "an alternative service is not followed")
    stops: list[Stop] = []
    why = "nowhere to go is named"
    for contact in contacts(response):
        proxy = response.status_code == USE_PROXY  # which takes the call as it is
        asked = replace(contact, user=permission.dialled) if proxy else contact
        problem = permission.problem(asked, carrier)
        if problem:
            why = problem
        else:
            stops.append(_stop(contact, stop, stay=proxy))
    return Followed(tuple(stops), why)


def _stop(contact: Contact, before: Stop, *, stay: bool) -> Stop:
    redirections = before.redirections + 1
    if not contact.host:
        _, _, where = before.uri.partition("@")
        return replace(before, uri=f"sip:{contact.user}@{where}", redirections=redirections)
    return Stop(
        uri=before.uri if stay else contact.uri,
        place=Place(contact.host, contact.port, contact.transport or before.place.transport),
        redirections=redirections,
    )
