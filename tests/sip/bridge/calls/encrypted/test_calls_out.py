"""We call by TLS, and want the sound encrypted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from livekit import api

from dialplans.contracts.events import Ended
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import tone
from tests.sip.bridge.calls.encrypted.tls_world import HERE, by_tls
from tests.sip.bridge.person import Person, person, until
from tests.sip.bridge.world import World

pytestmark = pytest.mark.stack

ROOM = "call-outbound-encrypted"
OFF, ALLOWED, REQUIRED = Encryption


@pytest.fixture
async def phone(certificates: Certificates) -> AsyncIterator[Callee]:
    async with callee(certificates) as made:
        yield made


@pytest.fixture
async def agent(world: World) -> AsyncIterator[Person]:
    async with person(world.livekit, ROOM) as made:
        yield made


async def call(
    world: World, phone: Callee, host: str = HERE, **more: object
) -> api.SIPParticipantInfo:
    address = phone.line.endpoint.transport.tls_address
    assert address is not None
    async with world.api() as client:
        trunk = api.SIPOutboundConfig(
            hostname=f"{host}:{address[1]}", transport=api.SIPTransport.SIP_TRANSPORT_TLS
        )
        request = api.CreateSIPParticipantRequest(
            trunk=trunk,
            sip_number="+498920001000",
            sip_call_to="+491701111",
            room_name=ROOM,
            participant_identity="callee",
            wait_until_answered=True,
            **more,
        )
        made: api.SIPParticipantInfo = await client.sip.create_sip_participant(request)
        return made


async def test_a_call_out_by_tls_is_heard_in_both_directions(
    world: World, phone: Callee, agent: Person
) -> None:
    """A second one goes over the connection of the first."""
    phone.playing, agent.hz = tone(1000), 440
    for _ in range(2):
        await call(world, phone)
        await until(lambda: phone.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        await phone.hang_up()
        await until(lambda: agent.left)
        agent.left.clear()
        assert phone.stream is not None
        phone.stream.close()

    invite = phone.invites[-1]
    assert ";transport=tls" in invite.uri
    assert (invite.header("via") or "").startswith("SIP/2.0/TLS ")
    assert f":{by_tls(world)[1]};transport=tls" in (invite.header("contact") or "")
    assert phone.line.endpoint.transport.connections == 1


async def test_whoever_cannot_prove_its_name_is_not_called(
    world: World, phone: Callee, agent: Person
) -> None:
    """The certificate is for another address; nothing of the call is told to whoever is there."""
    with pytest.raises(api.SipCallError):
        await call(world, phone, "localhost")
    ended = await world.event("ended", ROOM)

    assert isinstance(ended, Ended)
    assert ended.cause == "unreachable"
    assert "mismatch" in ended.detail
    assert phone.invites == []


ASKED = {
    OFF: api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_DISABLE,
    ALLOWED: api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_ALLOW,
    REQUIRED: api.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE,
}


@pytest.mark.parametrize(
    ("trunk", "theirs", "encrypted"),
    [
        (REQUIRED, REQUIRED, True),
        (REQUIRED, ALLOWED, True),
        (ALLOWED, ALLOWED, True),
        (ALLOWED, OFF, False),
        (OFF, ALLOWED, False),
    ],
)
async def test_a_call_out_is_encrypted_where_both_can(
    world: World,
    phone: Callee,
    agent: Person,
    trunk: Encryption,
    theirs: Encryption,
    encrypted: bool,
) -> None:
    phone.playing, phone.encryption, agent.hz = tone(1000), theirs, 440
    await call(world, phone, media_encryption=ASKED[trunk])
    await until(lambda: phone.heard_tone(440) > 0.9)
    await until(lambda: agent.heard_tone(1000) > 0.9)
    assert phone.stream is not None
    found = phone.stream.protection.on
    await phone.hang_up()
    await until(lambda: agent.left)

    assert found is encrypted


async def test_a_call_out_that_has_to_be_encrypted_and_is_not_ends(
    world: World, phone: Callee, agent: Person
) -> None:
    """The phone refuses the offer: nothing was said."""
    phone.refuse_with = 488
    with pytest.raises(api.SipCallError):
        await call(world, phone, media_encryption=ASKED[REQUIRED])

    assert "RTP/SAVP" in phone.invites[0].text
