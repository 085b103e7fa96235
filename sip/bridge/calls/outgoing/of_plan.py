"""A call that the leg makes by itself, by a trunk or to a telephone of the plan in force."""

from __future__ import annotations

from collections.abc import Mapping

from dialplans.model import TELEPHONES, Dialplan, Target
from dialplans.telephony.call import ANONYMOUS
from dialplans.telephony.wildcards import matches
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest
from sip.credentials import MissingSecretsError, outbound_credentials
from sip.registered import TELEPHONE_HOST
from sip.render import outbound_trunk

ANY_NUMBER = "*"
"""Of LiveKit's trunk: whoever dials says which number is shown."""


class CannotRingError(Exception):
    """The text says why, for the record."""


def request_of(
    plan: Dialplan, target: Target, env: Mapping[str, str], *, caller: str, called: str
) -> InternalCreateSIPParticipantRequest:
    """As livekit-server would ask for it. `caller` is whom a telephone of the company is shown, and
    `called` our number, which a carrier is shown where its trunk has none. `env` holds the
    passwords. Raises CannotRingError."""
    if target.rung is None:
        raise CannotRingError("the target is not one that we ring")
    number, via = target.rung
    if via == TELEPHONES:
        return InternalCreateSIPParticipantRequest(
            call_to=number, address=TELEPHONE_HOST, number=caller or ANONYMOUS
        )
    if not any(matches(pattern, number) for pattern in plan.limits.dial_out):
        raise CannotRingError("limits.dial_out of the plan does not let its number out")
    trunk = plan.trunks[via]
    try:
        digest = outbound_credentials(trunk, env)
    except MissingSecretsError as error:
        raise CannotRingError(str(error)) from error
    made = outbound_trunk(trunk, sorted(plan.numbers_of(via)), digest)
    shown = made.numbers[0]
    return InternalCreateSIPParticipantRequest(
        call_to=number,
        address=made.address,
        hostname=made.from_host,
        transport=made.transport,
        number=called if shown == ANY_NUMBER else shown,
        username=made.auth_username,
        password=made.auth_password,
        media=made.media,
    )


def trunk_behind(plan: Dialplan | None, address: str, username: str, env: Mapping[str, str]) -> str:
    """What the plan calls the trunk that livekit-server had a call go by; empty where it is none of
    the plan's, or several have the same address and user."""
    found = []
    for name, trunk in plan.trunks.items() if plan is not None else ():
        if not trunk.dials:
            continue
        try:
            digest = outbound_credentials(trunk, env)
        except MissingSecretsError:
            continue
        if (digest.host, digest.username) == (address, username):
            found.append(name)
    return found[0] if len(found) == 1 else ""


def line_of(
    plan: Dialplan | None, wanted: InternalCreateSIPParticipantRequest, env: Mapping[str, str]
) -> str:
    """`trunk pbx` or `telephone ann`; empty where the plan does not know it."""
    if wanted.address == TELEPHONE_HOST:
        return f"telephone {wanted.call_to}"
    trunk = trunk_behind(plan, wanted.address, wanted.username, env)
    return f"trunk {trunk}" if trunk else ""
