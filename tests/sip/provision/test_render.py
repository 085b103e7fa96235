"""What LiveKit is asked for, from what the dialplan says."""

from __future__ import annotations

import pytest
from livekit.protocol.sip import (
    SIPDispatchRuleInfo,
    SIPHeaderOptions,
    SIPInboundTrunkInfo,
    SIPMediaEncryption,
    SIPOutboundTrunkInfo,
    SIPTransport,
)

from dialplans.model import TELEPHONES
from dialplans.telephony.call import ROOM_PREFIX
from sip.credentials import MissingSecretsError
from sip.objects import AGENT_NAME, Wanted
from sip.render import Rendering, render
from tests.sip.provision.plans import NUMBERS, loaded, plan_text

ONE, TWO = NUMBERS[:2]


def rendered(text: str, env: dict[str, str] | None = None) -> dict[str, Wanted]:
    return {w.name: w for w in render(loaded(text), Rendering("main", env or {}))}


def inbound(found: dict[str, Wanted], trunk: str) -> SIPInboundTrunkInfo:
    message = found[f"switchboard/main/inbound/{trunk}"].message
    assert isinstance(message, SIPInboundTrunkInfo)
    return message


def outbound(found: dict[str, Wanted], trunk: str) -> SIPOutboundTrunkInfo:
    message = found[f"switchboard/main/outbound/{trunk}"].message
    assert isinstance(message, SIPOutboundTrunkInfo)
    return message


def test_numbers_sit_on_their_trunk() -> None:
    """The trunk normalises numbers; a rule would compare them letter by letter."""
    found = rendered(plan_text({ONE: "carrier", TWO: "carrier"}))

    assert list(inbound(found, "carrier").numbers) == [ONE, TWO]
    assert list(inbound(found, "carrier").allowed_addresses) == ["192.0.2.0/28"]


def test_one_catch_all_rule_for_each_trunk_and_never_one_without() -> None:
    """A rule that names no trunk lets anybody in, so each is bound to the trunk it belongs to."""
    found = rendered(plan_text({ONE: "carrier", TWO: "backup"}))
    rules = [w for w in found.values() if w.kind == "rule"]

    assert sorted(w.trunk or "" for w in rules) == [
        "switchboard/main/inbound/*",
        "switchboard/main/inbound/backup",
        "switchboard/main/inbound/carrier",
    ]


def test_a_rule_makes_a_room_of_its_own_and_asks_for_our_agent() -> None:
    """Named after the number called, never after the caller; it closes soon after the last leg."""
    rule = rendered(plan_text({ONE: "carrier"}))["switchboard/main/rule/carrier"].message
    assert isinstance(rule, SIPDispatchRuleInfo)
    callee = rule.rule.dispatch_rule_callee

    assert (callee.room_prefix, callee.randomize) == (ROOM_PREFIX, True)
    assert [a.agent_name for a in rule.room_config.agents] == [AGENT_NAME]
    assert (rule.room_config.empty_timeout, rule.room_config.departure_timeout) == (10, 5)
    assert rule.hide_phone_number is False
    assert list(rule.numbers) == []


def test_a_trunk_without_numbers_takes_no_calls() -> None:
    """On the server a trunk without numbers stands for all numbers."""
    found = rendered(plan_text({ONE: "carrier"}, outbound=("spare",)))

    assert sorted(found) == [
        "switchboard/main/inbound/*",
        "switchboard/main/inbound/carrier",
        "switchboard/main/outbound/spare",
        "switchboard/main/rule/*",
        "switchboard/main/rule/carrier",
    ]


def test_a_call_to_a_number_of_no_trunk_is_taken_from_our_trunks_addresses_alone() -> None:
    """It is refused by the worker, with a record; a stranger's makes no room."""
    found = rendered(plan_text({ONE: "carrier", TWO: "backup"}, outbound=("spare",)))
    rule = found["switchboard/main/rule/*"]
    assert isinstance(rule.message, SIPDispatchRuleInfo)

    assert list(inbound(found, "*").numbers) == []
    assert set(inbound(found, "*").allowed_addresses) == {
        address
        for trunk in ("carrier", "backup")
        for address in inbound(found, trunk).allowed_addresses
    }
    assert rule.trunk == "switchboard/main/inbound/*"
    assert dict(rule.message.attributes) == {"switchboard.trunk": "*"}


def test_where_nobody_is_known_by_an_address_no_trunk_takes_all_numbers() -> None:
    """It would take calls from everywhere."""
    text = f"""
version: 1
timezone: Europe/London
trunks: {{carrier: {{auth: "env:CARRIER"}}}}
numbers: {{"{ONE}": {{trunk: carrier, language: en, route: all}}}}
routes: {{all: [{{do: {{reject: 486}}}}]}}
"""
    found = rendered(text, {"CARRIER": "a:b@192.0.2.9"})

    assert [name for name in found if "/inbound/" in name] == ["switchboard/main/inbound/carrier"]


def test_headers_come_along_only_as_far_as_rules_ask() -> None:
    """No rule asks: none. Only X- headers: those. Any other: all."""
    options = [
        inbound(rendered(plan_text({ONE: "t"}, rule=rule)), "t").include_headers
        for rule in (
            "",
            '{when: {header: {X-Campaign: "a*"}}, do: {reject: 486}}, ',
            '{when: {header: {Subject: "a*"}}, do: {reject: 486}}, ',
        )
    ]

    assert options == [
        SIPHeaderOptions.SIP_NO_HEADERS,
        SIPHeaderOptions.SIP_X_HEADERS,
        SIPHeaderOptions.SIP_ALL_HEADERS,
    ]


def test_what_the_worker_must_know_comes_along_behind_any_leg() -> None:
    """Whether a number is withheld, always; how a call was forwarded, if a rule asks."""
    carried = [
        dict(inbound(rendered(plan_text({ONE: "t"}, rule=rule)), "t").headers_to_attributes)
        for rule in (
            "",
            "{when: {forwarded_from: anonymous}, do: {reject: 486}}, ",
            '{when: {dialled: "+442079460555"}, do: {reject: 486}}, ',
        )
    ]

    assert carried[0] == {"Privacy": "sip.h.privacy"}
    assert carried[1] == carried[2]
    assert {"sip.h.diversion", "sip.h.history-info", "sip.h.to"} < set(carried[1].values())


CARRIER = """version: 1
timezone: Europe/London
limits: {max_duration: 45m}
trunks:
  carrier: {auth: "env:CARRIER", transport: tls, srtp: required}
numbers:
  "+442079460100": {trunk: carrier, route: front}
routes:
  front: [{do: {reject: 603}}]
"""


def test_a_secret_comes_from_the_environment_for_both_directions() -> None:
    """`user:password@host`: digest for calls in, and where calls out go; a password may hold @."""
    found = rendered(CARRIER, {"CARRIER": "ann:p@ss@sip.example.com"})

    assert inbound(found, "carrier").auth_username == "ann"
    assert inbound(found, "carrier").auth_password == "p@ss"
    assert outbound(found, "carrier").address == "sip.example.com"
    assert outbound(found, "carrier").auth_password == "p@ss"
    assert outbound(found, "carrier").transport == SIPTransport.SIP_TRANSPORT_TLS


def test_an_account_calls_as_itself_where_it_registers() -> None:
    """Its server takes no call in another name, and lets in nobody without the password."""
    account = "{server: 'box.example:5070', user: '620', password: 'env:BOX', login: ann}"
    text = CARRIER.replace(
        '{auth: "env:CARRIER", transport: tls, srtp: required}', f"{{register: {account}}}"
    )
    found = rendered(text, {"BOX": "p:w@x"})
    message = outbound(found, "carrier")

    assert (message.address, message.from_host) == ("box.example:5070", "box.example")
    assert list(message.numbers) == ["620"]
    assert (message.auth_username, message.auth_password) == ("ann", "p:w@x")
    assert inbound(found, "carrier").auth_username == ""


def test_telephones_of_the_company_are_rung_through_one_trunk() -> None:
    """Its address leads nowhere: where each telephone is the leg knows. Its name is no trunk's."""
    telephones = "telephones: {ann: {password: 'env:ANN'}, bob: {password: 'env:BOB'}}\n"
    text = plan_text({ONE: "t"}) + telephones
    found = rendered(text, {"ANN": "a", "BOB": "b"})
    message = outbound(found, TELEPHONES)

    assert (message.address, list(message.numbers)) == ("telephones.invalid", ["*"])
    assert "b" not in str(found[message.name]).split()
    with pytest.raises(MissingSecretsError, match=r"telephone bob: .* BOB is not set"):
        rendered(text, {"ANN": "a"})


def test_encryption_and_the_longest_call_reach_the_trunk() -> None:
    found = inbound(rendered(CARRIER, {"CARRIER": "a:b@c"}), "carrier")

    assert found.media.encryption == SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
    assert found.max_call_duration.seconds == 45 * 60


def test_the_codecs_of_a_trunk_are_the_only_ones_both_ways_and_in_order() -> None:
    """As LiveKit has them, so that either leg follows; without any, the leg's own."""
    trunk = CARRIER.replace("srtp: required", "codecs: [pcma, pcmu]")
    found = rendered(trunk, {"CARRIER": "a:b@c"})
    free = inbound(rendered(CARRIER, {"CARRIER": "a:b@c"}), "carrier").media

    for media in (inbound(found, "carrier").media, outbound(found, "carrier").media):
        assert [(codec.name, codec.rate) for codec in media.codecs] == [
            ("PCMA", 8000),
            ("PCMU", 8000),
        ]
        assert media.only_listed_codecs
    assert (list(free.codecs), free.only_listed_codecs) == ([], False)


def test_every_missing_secret_is_named_at_once() -> None:
    """One line for each trunk, and never what another variable holds."""
    text = CARRIER.replace("numbers:", '  second: {auth: "env:SECOND", outbound: "h"}\nnumbers:')

    with pytest.raises(MissingSecretsError) as missing:
        rendered(text, {"SECOND": "nocolon"})

    assert missing.value.problems == [
        "trunk carrier: the environment variable CARRIER is not set",
        "trunk second: the environment variable SECOND must hold user:password",
    ]
