"""Where an INVITE of ours goes and what it says, from what CreateSIPParticipant asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit.protocol import sip as lk

from dialplans.language.load import load
from sip.bridge.admission.plan_in_force import outbound_of
from sip.bridge.calls.outgoing.destination import destination, permission
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.permission import Permission
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest as Wanted

HERE = "192.0.2.1"


def wanted(**more: object) -> Wanted:
    fields = {"address": "carrier.example:5070", "number": "+44207", "call_to": "+4989555", **more}
    return Wanted(**fields)  # type: ignore[arg-type]


def test_a_call_out_names_both_sides() -> None:
    found = destination(wanted(display_name='Larkfield "Support"'), HERE, [])

    assert found.uri == "sip:+4989555@carrier.example:5070;transport=udp"
    assert found.place == Place("carrier.example", 5070)
    assert found.frm == f'"Larkfield \\"Support\\"" <sip:+44207@{HERE}>'


def test_what_is_dialled_is_never_shortened_to_another_number() -> None:
    """A character that has to be escaped is escaped; spaces mean nothing."""
    found = destination(wanted(call_to="*72# 030 1"), HERE, [])

    assert found.uri.startswith("sip:*72%230301@")


@pytest.mark.parametrize(
    "more",
    [
        {"address": "carrier.example;lr>"},
        {"address": "carrier.example\r\nX: y"},
        {"address": "carrier.example:0"},
        {"hostname": "us>\r\nX: y"},
    ],
)
def test_an_address_that_is_none_fails_before_anything_is_sent(more: dict[str, str]) -> None:
    with pytest.raises(RpcError) as failed:
        destination(wanted(**more), HERE, [])

    assert failed.value.code == "invalid_argument"


@pytest.mark.parametrize(
    ("transport", "address", "port", "by"),
    [
        (lk.SIPTransport.SIP_TRANSPORT_TLS, "carrier.example", None, "tls"),
        (lk.SIPTransport.SIP_TRANSPORT_TLS, "carrier.example:5070", 5070, "tls"),
        (lk.SIPTransport.SIP_TRANSPORT_TCP, "carrier.example", None, "tcp"),
        (lk.SIPTransport.SIP_TRANSPORT_UDP, "carrier.example", None, "udp"),
        (lk.SIPTransport.SIP_TRANSPORT_AUTO, "carrier.example", None, ""),
    ],
)
def test_a_call_goes_out_by_what_its_trunk_says(
    transport: lk.SIPTransport.ValueType, address: str, port: int | None, by: str
) -> None:
    """Where no port is said it is looked up, with what the transport is (RFC 3263 §4)."""
    found = destination(wanted(transport=transport, address=address), HERE, [])

    assert found.place == Place(address.partition(":")[0], port, by)


PLAN = """
version: 1
timezone: Europe/Berlin
limits: {dial_out: ["+49*"]}
trunks:
  carrier: {outbound: "carrier.example:5070", allow: ["198.51.100.0/28"], country: DE}
  twin: {outbound: "carrier.example:5070", allow: ["203.0.113.7"]}
  other: {outbound: other.example, allow: ["192.0.2.0/24"], country: FR}
"""


def test_a_redirected_call_keeps_to_the_trunks_that_dial_there(tmp_path: Path) -> None:
    """Their addresses and the plan's numbers; another trunk's are none of its business."""
    file = tmp_path / "main.yaml"
    file.write_text(PLAN)
    loaded = load(file)
    assert loaded.plan is not None

    assert permission(wanted(), loaded.plan) == Permission(
        "+4989555",
        "carrier.example",
        networks=("198.51.100.0/28", "203.0.113.7/32"),
        dial_out=("+49*",),
        country="DE",
    )


def test_without_a_plan_a_redirected_call_stays_where_it_is() -> None:
    assert permission(wanted(), None) == Permission("+4989555", "carrier.example")


def test_the_carriers_of_a_plan_are_where_its_trunks_dial(tmp_path: Path) -> None:
    """A trunk that only takes calls has none."""
    file = tmp_path / "main.yaml"
    file.write_text(f'{PLAN}  desk: {{allow: ["192.0.2.7"]}}\n')
    loaded = load(file)
    assert loaded.plan is not None

    assert outbound_of(loaded.plan) == {
        "carrier": ("carrier.example:5070", ""),
        "twin": ("carrier.example:5070", ""),
        "other": ("other.example", ""),
    }
