"""From the dialplan to the trunks and rules that it needs. Pure but for the secrets it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration
from livekit.protocol.sip import (
    SIPCodec,
    SIPDispatchRule,
    SIPDispatchRuleCallee,
    SIPDispatchRuleInfo,
    SIPHeaderOptions,
    SIPInboundTrunkInfo,
    SIPMediaConfig,
    SIPMediaEncryption,
    SIPOutboundTrunkInfo,
    SIPTransport,
)

from dialplans.contracts.jobs import NO_TRUNK, TRUNK
from dialplans.model import TELEPHONES, Dialplan, Trunk
from dialplans.telephony.addresses import address
from dialplans.telephony.call import ROOM_PREFIX
from dialplans.telephony.forwarding import FORWARDING_HEADERS
from sip.credentials import (
    Credentials,
    MissingSecretsError,
    credentials,
    outbound_credentials,
    secret,
)
from sip.objects import AGENT_NAME, Wanted, object_name
from sip.registered import TELEPHONE_HOST, address_of

EMPTY_TIMEOUT_S = 10
DEPARTURE_TIMEOUT_S = 5
RINGING_TIMEOUT = timedelta(seconds=30)
"""LiveKit's own default is three minutes of ringing when nobody answers."""
MEDIA_TIMEOUT = timedelta(seconds=60)
"""LiveKit ends a call after 15 s without sound; a caller who puts us on hold sends none."""
LONGEST_CALL = timedelta(hours=24)
CLOCK_RATE = 8000
"""As rtpmap has it, that of wide-band G.722 too (RFC 3551 §4.5.2)."""
LONGEST_STRAY = timedelta(minutes=1)
"""Nobody talks on such a call; should it be answered all the same, it does not last."""

ENCRYPTION = {
    "off": SIPMediaEncryption.SIP_MEDIA_ENCRYPT_DISABLE,
    "allowed": SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW,
    "required": SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE,
}
TRANSPORT = {
    "auto": SIPTransport.SIP_TRANSPORT_AUTO,
    "udp": SIPTransport.SIP_TRANSPORT_UDP,
    "tcp": SIPTransport.SIP_TRANSPORT_TCP,
    "tls": SIPTransport.SIP_TRANSPORT_TLS,
}


@dataclass(frozen=True)
class Rendering:
    """Names the plan that owns the objects, and holds the environment for `env:NAME`."""

    plan_name: str
    env: Mapping[str, str]


def render(plan: Dialplan, rendering: Rendering) -> list[Wanted]:
    """One inbound trunk with its catch-all rule for each trunk that brings numbers, one outbound
    trunk for each that can dial. Raises MissingSecretsError naming every variable that is not set.

    A trunk without numbers gets no inbound trunk: on the server, no numbers means all numbers.
    There is one such object, for calls that would be lost: see `_strays`.
    """
    wanted: list[Wanted] = []
    missing: list[str] = []
    for name, trunk in plan.trunks.items():
        try:
            wanted += _objects(plan, name, trunk, rendering)
        except MissingSecretsError as error:
            missing += [f"trunk {name}: {problem}" for problem in error.problems]
    missing += [f"telephone {said}" for said in _without_password(plan, rendering)]
    if missing:
        raise MissingSecretsError(missing)
    if plan.telephones:
        name = object_name(rendering.plan_name, "outbound", TELEPHONES)
        message = SIPOutboundTrunkInfo(name=name, address=TELEPHONE_HOST, numbers=["*"])
        wanted.append(Wanted("outbound", name, message))
        wanted += _from_telephones(plan, rendering)
    return [*wanted, *_strays(plan, rendering)]


def _from_telephones(plan: Dialplan, rendering: Rendering) -> Iterable[Wanted]:
    """For calls of our own telephones to numbers that are on no inbound trunk of the plan."""
    brought = {n for name, t in plan.trunks.items() if _brings(t) for n in plan.numbers_of(name)}
    numbers = sorted(_callable(plan) - brought)
    if not numbers:
        return
    trunk = object_name(rendering.plan_name, "inbound", TELEPHONES)
    here = Trunk(allow=(address_of(TELEPHONES),), srtp="allowed")
    message = _inbound(plan, here, numbers, Credentials())
    message.name = trunk
    yield Wanted("inbound", trunk, message)
    rule = object_name(rendering.plan_name, "rule", TELEPHONES)
    yield Wanted("rule", rule, _rule(rule, TELEPHONES), trunk=trunk)


def _callable(plan: Dialplan) -> set[str]:
    """Numbers that a telephone of the company may call."""
    every = plan.telephones.values()
    return {number for number in plan.numbers if any(each.may_call(number) for each in every)}


def _brings(trunk: Trunk) -> bool:
    return bool(trunk.allow or trunk.auth or trunk.account)


def _strays(plan: Dialplan, rendering: Rendering) -> Iterable[Wanted]:
    """For calls from our trunks' addresses to a number that is on none of them: the server would
    drop them without an answer, and nobody would know. The worker refuses them, and the record says
    so; our own leg does before it gets here."""
    addresses = {a for name, t in plan.trunks.items() if plan.numbers_of(name) for a in t.allow}
    if not addresses:
        return
    trunk = object_name(rendering.plan_name, "inbound", NO_TRUNK)
    encryption = SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW
    message = SIPInboundTrunkInfo(
        name=trunk,
        allowed_addresses=sorted(addresses),
        ringing_timeout=_duration(RINGING_TIMEOUT),
        max_call_duration=_duration(LONGEST_STRAY),
        media=SIPMediaConfig(encryption=encryption),
    )
    yield Wanted("inbound", trunk, message)
    rule = object_name(rendering.plan_name, "rule", NO_TRUNK)
    yield Wanted("rule", rule, _rule(rule, NO_TRUNK), trunk=trunk)


def _without_password(plan: Dialplan, rendering: Rendering) -> Iterable[str]:
    for name, telephone in plan.telephones.items():
        try:
            secret(telephone.password, rendering.env)
        except MissingSecretsError as error:
            yield f"{name}: {error}"


def _objects(plan: Dialplan, name: str, trunk: Trunk, rendering: Rendering) -> Iterable[Wanted]:
    numbers = sorted(plan.numbers_of(name))
    if numbers and _brings(trunk):
        inbound = object_name(rendering.plan_name, "inbound", name)
        message = _inbound(plan, trunk, numbers, credentials(trunk.auth, rendering.env))
        if trunk.account is not None:
            message.allowed_addresses.append(address_of(name))
        if message.allowed_addresses and not _callable(plan).isdisjoint(numbers):
            message.allowed_addresses.append(address_of(TELEPHONES))
        message.name = inbound
        yield Wanted("inbound", inbound, message)
        rule = object_name(rendering.plan_name, "rule", name)
        yield Wanted("rule", rule, _rule(rule, name), trunk=inbound)
    if trunk.dials:
        outbound = object_name(rendering.plan_name, "outbound", name)
        message_out = outbound_trunk(trunk, numbers, outbound_credentials(trunk, rendering.env))
        message_out.name = outbound
        yield Wanted("outbound", outbound, message_out)


def _inbound(
    plan: Dialplan, trunk: Trunk, numbers: list[str], digest: Credentials
) -> SIPInboundTrunkInfo:
    longest = min(plan.limits.max_duration or LONGEST_CALL, LONGEST_CALL)
    return SIPInboundTrunkInfo(
        numbers=numbers,
        allowed_addresses=sorted(trunk.allow),
        auth_username=digest.username,
        auth_password=digest.password,
        auth_realm=digest.realm,
        include_headers=_headers(plan),
        headers_to_attributes={name: f"sip.h.{name.lower()}" for name in _facts(plan)},
        ringing_timeout=_duration(RINGING_TIMEOUT),
        max_call_duration=_duration(longest),
        media=_media(trunk),
    )


def _rule(name: str, trunk: str) -> SIPDispatchRuleInfo:
    """Takes every call of its one trunk into a room of its own.

    Who answers is decided in the worker: rules know no time, no order and no queue. A room that
    were named after the caller would put their number into every log, so it is named after the
    number that was called.
    """
    return SIPDispatchRuleInfo(
        name=name,
        rule=SIPDispatchRule(
            dispatch_rule_callee=SIPDispatchRuleCallee(room_prefix=ROOM_PREFIX, randomize=True)
        ),
        hide_phone_number=False,
        attributes={TRUNK: trunk},
        room_config=RoomConfiguration(
            agents=[RoomAgentDispatch(agent_name=AGENT_NAME)],
            empty_timeout=EMPTY_TIMEOUT_S,
            departure_timeout=DEPARTURE_TIMEOUT_S,
        ),
    )


def outbound_trunk(trunk: Trunk, numbers: list[str], digest: Credentials) -> SIPOutboundTrunkInfo:
    """Whoever has an account calls by its name: its server takes calls of no other."""
    shown = trunk.outbound.caller_id if trunk.outbound else None
    if trunk.account is not None:
        shown = trunk.account.user
    return SIPOutboundTrunkInfo(
        address=digest.host,
        from_host=address(f"sip:{trunk.account.server}").host if trunk.account else "",
        transport=TRANSPORT[trunk.transport],
        # LiveKit wants at least one; "*" leaves the choice to whoever dials.
        numbers=[shown or (numbers[0] if numbers else "*")],
        auth_username=digest.username,
        auth_password=digest.password,
        media=_media(trunk),
    )


def _media(trunk: Trunk) -> SIPMediaConfig:
    return SIPMediaConfig(
        encryption=ENCRYPTION[trunk.srtp],
        media_timeout=_duration(MEDIA_TIMEOUT),
        codecs=[SIPCodec(name=name.upper(), rate=CLOCK_RATE) for name in trunk.codecs],
        only_listed_codecs=bool(trunk.codecs),
    )


def _headers(plan: Dialplan) -> SIPHeaderOptions:
    """Headers travel with the call only as far as the rules ask for them."""
    asked = {name for rules in plan.routes.values() for rule in rules for name in rule.when.header}
    if not asked:
        return SIPHeaderOptions.SIP_NO_HEADERS
    if all(name.lower().startswith("x-") for name in asked):
        return SIPHeaderOptions.SIP_X_HEADERS
    return SIPHeaderOptions.SIP_ALL_HEADERS


def _facts(plan: Dialplan) -> list[str]:
    """Headers that the worker needs behind any leg: `Privacy`, or it would show a number that
    LiveKit's own leg does not hide, and how the call came here if a rule asks for that."""
    rules = (rule.when for rules in plan.routes.values() for rule in rules)
    asks = any(when.forwarded_from or when.dialled for when in rules)
    return ["Privacy", *(FORWARDING_HEADERS if asks else ())]


def _duration(span: timedelta) -> Duration:
    return Duration(seconds=int(span.total_seconds()))
