"""Who may come in: the dialplan's word, the numbers as carriers write them, and why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiosipua.message import SipRequest
from livekit.protocol import sip as lk

from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import load, load_text
from dialplans.model import Dialplan
from dialplans.telephony.call import ANONYMOUS, CallContext
from sip.bridge.admission.admission import context_of
from sip.bridge.admission.dispatch import DispatchQuery
from sip.bridge.admission.plan_in_force import addresses_of
from sip.bridge.admission.plan_policy import PlanPolicy
from sip.bridge.admission.refusal_reason import why_no_trunk
from sip.bridge.calls.attributes import from_headers, to_headers
from sip.bridge.signalling.message import Request, check
from sip.bridge.signalling.reading.parse import parse
from sip.bridge.transport.peers import TrunkAddresses
from sip.render import Rendering, render
from tests.fakes.flow import flow_of

PEER = ("127.0.0.1", 5060)
MAIN = Path(__file__).parents[4] / "dialplans" / "main.yaml"


class Fixed:
    def __init__(self, plan: Dialplan | None) -> None:
        self.current = CompiledPlan(plan) if plan is not None else None


@pytest.fixture(scope="module")
def plan() -> Dialplan:
    found = load(MAIN).plan
    assert found is not None
    return found


def test_without_a_plan_livekit_decides() -> None:
    assert PlanPolicy(Fixed(None)).refusal(CallContext("+491", source_ip="192.0.2.1")) is None


def test_a_number_that_is_not_ours_is_404(plan: Dialplan) -> None:
    refused = PlanPolicy(Fixed(plan)).refusal(CallContext("+4915999", source_ip="127.0.0.1"))

    assert refused is not None
    assert (refused.code, refused.reason) == (404, "no_such_number")


def test_a_strange_address_is_403(plan: Dialplan) -> None:
    """An address outside of the trunk of the number, wherever the number is known from."""
    called = next(number for number, it in plan.numbers.items() if it.trunk is not None)
    refused = PlanPolicy(Fixed(plan)).refusal(CallContext(called, source_ip="198.51.100.200"))

    assert refused is not None
    assert (refused.code, refused.reason) == (403, "address_not_allowed")


ACCOUNT = """
version: 1
timezone: Europe/Berlin
trunks:
  box: {register: {server: fritz.box, user: "620", password: "env:P"}, allow: ["192.0.2.0/28"]}
  other: {register: {server: sip.example, user: "620", password: "env:P"}}
numbers:
  "+493023125100": {trunk: box, language: de, route: all}
  "+493023125200": {trunk: other, language: de, route: all}
routes: {all: [{do: {voicemail: box}}]}
voicemail: {box: {max: 60s}}
"""


@pytest.mark.parametrize(
    ("called", "trunk", "source", "code"),
    [
        ("+493023125100", "box", "198.51.100.1", None),
        ("+493023125100", None, "192.0.2.7", None),
        ("+493023125100", None, "198.51.100.1", 403),
        ("+493023125200", "other", "198.51.100.1", None),
        ("+493023125200", None, "198.51.100.1", 403),
        ("+493023125200", None, "192.0.2.7", 403),
        ("+493023125200", "box", "198.51.100.1", 403),
    ],
)
def test_an_account_lets_in_its_server_and_who_is_allowed(
    called: str, trunk: str | None, source: str, code: int | None
) -> None:
    """An account without `allow` is no open door."""
    plan = load_text(ACCOUNT).plan
    assert plan is not None
    refused = PlanPolicy(Fixed(plan)).refusal(CallContext(called, trunk=trunk, source_ip=source))

    assert (refused.code if refused is not None else None) == code


def test_livekit_is_told_of_an_account_by_an_address_that_nobody_has() -> None:
    """Its trunk names that address, so that no other call can match it."""
    plan = load_text(ACCOUNT).plan
    assert plan is not None
    flow = flow_of(("198.51.100.1", 5060))
    request = invite("From: <sip:+447700900123@x>;tag=1")
    asked = {
        trunk: DispatchQuery.of(
            request, flow, PlanPolicy(Fixed(plan)).read(context_of(request, flow, trunk)), "SCL_1"
        ).call.source_ip
        for trunk in ("box", "other", None)
    }
    wanted = {w.name: w.message for w in render(plan, Rendering("main", {"P": "secret"}))}
    let_in = {
        trunk: list(wanted[f"switchboard/main/inbound/{trunk}"].allowed_addresses)
        for trunk in ("box", "other")
    }

    assert let_in == {"box": ["192.0.2.0/28", asked["box"]], "other": [asked["other"]]}
    assert asked[None] == "198.51.100.1"
    assert len(set(asked.values())) == 3


def test_accounts_are_no_reason_to_hear_strangers() -> None:
    """Nobody proves a password to them, and their servers are heard by name."""
    plan = load_text(ACCOUNT).plan
    assert plan is not None

    assert addresses_of(plan) == TrunkAddresses.of([["192.0.2.0/28"]])


def test_numbers_are_read_as_carriers_write_them(plan: Dialplan) -> None:
    """National, without the plus, withheld: the plan and the record have one form."""
    called = next(number for number in plan.numbers if number.startswith("+49"))
    policy = PlanPolicy(Fixed(plan))
    national = "0" + called.removeprefix("+49")

    assert policy.read(CallContext(national, "0171 123456")).called == called
    assert policy.read(CallContext(national, "0171 123456")).caller == "+49171123456"
    assert policy.read(CallContext(called.lstrip("+"))).called == called
    assert policy.read(CallContext(called, "")).caller == ANONYMOUS
    assert policy.read(CallContext("reception", "ann")).called == "reception"


def invite(*headers: str, uri: str = "sip:+493023125100@gw") -> Request:
    lines = [
        f"INVITE {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1",
        "To: <sip:+442079460555@elsewhere>",
        "Call-ID: 1",
        "CSeq: 1 INVITE",
        *headers,
    ]
    raw = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(raw, SipRequest)
    return check(raw, PEER)


@pytest.mark.parametrize(
    "headers",
    [
        ("From: <tel:+447700900123>;tag=1", "Privacy: id"),
        ("From: <tel:+44-7700-900123>;tag=1", "Privacy: none", "Privacy: user;critical"),
        ("From: <sip:+447700900123;phone-context=+44@gw>;tag=1", "privacy: Header, session"),
        ('From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', "X-CLI: 07700 900123"),
        (
            "From: <sip:restricted@gw>;tag=1",
            "P-Asserted-Identity: <sip:+447700900123@gw>",
            "P-Asserted-Identity: <tel:+447700900123>",
        ),
    ],
    ids=lambda headers: headers[0],
)
def test_livekit_is_not_told_a_withheld_number(plan: Dialplan, headers: tuple[str, ...]) -> None:
    """Identity, name and attributes of the participant are made there, of what it is asked with;
    what the room may ask of the leg holds no number either."""
    request = invite(
        *headers,
        "Contact: <sip:+447700900123@10.0.0.1>",
        "Remote-Party-ID: <sip:+447700900123@gw>;party=calling",
        "X-Campaign: spring",
    )
    flow = flow_of(PEER)
    call = PlanPolicy(Fixed(plan)).read(context_of(request, flow))
    asked = DispatchQuery.of(request, flow, call, "SCL_1").call
    shown = from_headers(call.headers, {"From": "from", "X-CLI": "cli"}, include=2)

    assert getattr(asked, "from").user == ANONYMOUS
    assert shown["sip.h.x-campaign"] == "spring"
    assert "900123" not in f"{asked} {shown} {call.headers}".replace(" ", "").replace("-", "")


def test_livekit_is_told_the_number_that_the_request_uri_names(plan: Dialplan) -> None:
    """To is somebody else's; rooms and trunks go by what is called."""
    request = invite("From: <sip:0171 123456@gw>;tag=1", uri="tel:030-23125100")
    flow = flow_of(PEER)
    call = PlanPolicy(Fixed(plan)).read(context_of(request, flow))
    asked = DispatchQuery.of(request, flow, call, "SCL_1").call

    assert (asked.to.user, asked.address.user) == ("+493023125100", "+493023125100")
    assert (getattr(asked, "from").user, asked.address.host) == ("+49171123456", "")


def trunk(**more: object) -> lk.SIPInboundTrunkInfo:
    return lk.SIPInboundTrunkInfo(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trunks", "answer"),
    [
        ([], (404, "no_such_number")),
        ([trunk(numbers=["+492"])], (404, "no_such_number")),
        ([trunk(numbers=["+491"], allowed_addresses=["10.0.0.0/8"])], (403, "address_not_allowed")),
        ([trunk(numbers=["491"], allowed_addresses=["carrier"])], (403, "address_not_allowed")),
        ([trunk(numbers=["+491"], allowed_numbers=["+499"])], (403, "blocked")),
        ([trunk(allowed_addresses=["192.0.2.0/24"])], (404, "no_such_number")),
        ([trunk(numbers=["+491"])], (404, "no_such_number")),
    ],
    ids=["no trunk", "other", "address", "name", "caller", "no rule", "no rule for it"],
)
def test_the_trunks_tell_why_nothing_matched(
    trunks: list[lk.SIPInboundTrunkInfo], answer: tuple[int, str]
) -> None:
    """livekit-server says only that there is no way."""
    code, reason, detail = why_no_trunk(trunks, "+491", "+4917", "192.0.2.7")

    assert (code, reason) == answer
    assert detail


def test_headers_become_attributes_as_the_trunk_wants() -> None:
    headers = {"x-a": "1", "subject": "2", "x-tenant": "acme", "x-twilio-callsid": "CA1"}
    none, x, every = 0, 1, 2

    assert from_headers(headers, {"X-Tenant": "tenant"}, none) == {
        "tenant": "acme",
        "sip.twilio.callSid": "CA1",
    }
    assert "sip.h.x-a" in from_headers(headers, {}, x)
    assert "sip.h.subject" not in from_headers(headers, {}, x)
    assert from_headers(headers, {}, every)["sip.h.subject"] == "2"


def test_attributes_become_headers_and_cannot_smuggle_any() -> None:
    """A line break in an attribute, which any participant may set, stays one header."""
    attributes = {"note": "good\r\nX-Evil: 1", "other": "x"}

    made = to_headers(
        attributes, {"note": "X-Note", "missing": "X-M"}, {"X-Bad\r\n": "1", "A": "b"}
    )

    assert made == [("A", "b"), ("X-Note", "good X-Evil: 1")]
