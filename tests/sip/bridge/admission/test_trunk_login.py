"""The login for what a carrier asks of us within a call that it sent."""

from __future__ import annotations

import pytest
from livekit import api

from sip.bridge.admission.trunk_login import TrunkLogins, outbound_name
from sip.bridge.runtime.settings import ApiKey
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.world import World

IN, OUT = "switchboard/main/inbound/box", "switchboard/main/outbound/box"


@pytest.mark.parametrize(
    ("inbound", "outbound"),
    [
        (IN, OUT),
        ("switchboard/tests/inbound/a b", "switchboard/tests/outbound/a b"),
        ("somebody/main/inbound/box", ""),
        ("switchboard/main/rule/box", ""),
        ("box", ""),
    ],
)
def test_only_our_trunks_have_a_twin(inbound: str, outbound: str) -> None:
    assert outbound_name(inbound) == outbound


@pytest.mark.stack
async def test_a_trunk_of_the_dialplan_has_the_login_of_its_calls_out(world: World) -> None:
    """Somebody else's trunk has none, nor one that does not dial."""
    key = ApiKey(world.livekit.url, world.livekit.key, world.livekit.secret)
    logins = TrunkLogins(key)
    async with world.api() as client:
        info = api.SIPInboundTrunkInfo(name=IN, numbers=["+498920009100"])
        made = await client.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=info))
        before = await logins.of(made.sip_trunk_id)
        out = api.SIPOutboundTrunkInfo(
            name=OUT,
            address="carrier.example",
            numbers=["+498920009100"],
            auth_username="us",
            auth_password="secret",
        )
        dials = await client.sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=out))
        after = await logins.of(made.sip_trunk_id)
        for trunk in (made.sip_trunk_id, dials.sip_trunk_id):
            await client.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=trunk))

    assert before is None
    assert after == Login("us", "secret")
    assert await logins.of(world.trunks["open"]) is None
    assert await logins.of("") is None
    assert await TrunkLogins(ApiKey("ws://127.0.0.1:1", "k", "s")).of("ST_1") is None
