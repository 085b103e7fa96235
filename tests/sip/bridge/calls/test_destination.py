"""Where an INVITE of ours goes and what it says, from what CreateSIPParticipant asked for."""

from __future__ import annotations

import pytest
from livekit.protocol import sip as lk

from sip.bridge.calls.destination import destination
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest as Wanted

HERE = "192.0.2.1"
REQUIRED = lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE


def wanted(**more: object) -> Wanted:
    fields = {"address": "carrier.example:5070", "number": "+44207", "call_to": "+4989555", **more}
    return Wanted(**fields)  # type: ignore[arg-type]


def test_a_call_out_names_both_sides() -> None:
    found = destination(wanted(display_name='Larkfield "Support"'), HERE, [])

    assert found.uri == "sip:+4989555@carrier.example:5070;transport=udp"
    assert found.address == ("carrier.example", 5070)
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
    "more",
    [
        {"transport": lk.SIPTransport.SIP_TRANSPORT_TLS},
        {"media_encryption": REQUIRED},
        {"media": lk.SIPMediaConfig(encryption=REQUIRED)},
    ],
    ids=["transport: tls", "srtp: required, as older servers say it", "srtp: required"],
)
def test_what_this_leg_cannot_do_is_no_call(more: dict[str, object]) -> None:
    """Better none than one that is overheard although its trunk forbids it."""
    with pytest.raises(RpcError) as failed:
        destination(wanted(**more), HERE, [])

    assert failed.value.code == "unimplemented"
    assert "embedded SIP leg" in failed.value.message


def test_allowed_encryption_is_not_required() -> None:
    allowed = lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW
    found = destination(wanted(media=lk.SIPMediaConfig(encryption=allowed)), HERE, [])

    assert found.tcp is False
