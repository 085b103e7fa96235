"""We call a phone through livekit-server's own API: CreateSIPParticipant on the real stack."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from google.protobuf.duration_pb2 import Duration
from livekit import api, rtc

from dialplans.contracts.events import Ended, Problem
from sip.bridge.media.g711 import loudness
from sip.bridge.media.keys import FRAME_MS
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.callee import Callee
from tests.sip.bridge.caller import purity, tone
from tests.sip.bridge.calls.outgoing import ROOM, call
from tests.sip.bridge.person import Person, person, until
from tests.sip.bridge.world import World

pytestmark = pytest.mark.stack


async def test_a_phone_is_called_answers_and_is_heard(
    world: World, phone: Callee, agent: Person
) -> None:
    """Dialling, ringing, active; sound both ways; the phone's BYE ends the leg."""
    phone.playing, agent.hz = tone(1000), 440

    info = await call(world, phone, wait_until_answered=True, headers={"X-A": "b"})
    await until(lambda: phone.heard_tone(440) > 0.9)
    await until(lambda: agent.heard_tone(1000) > 0.9)
    await until(lambda: "active" in agent.statuses)
    await phone.hang_up()
    await until(lambda: agent.left)

    invite = phone.invites[-1]
    ended = await world.event("ended", "outbound")
    assert info.sip_call_id.startswith("SCL_")
    assert agent.left[0][0] == "callee"
    assert "+498920001000" in (invite.header("from") or "")
    assert invite.header("x-a") == "b"
    assert isinstance(ended, Ended)
    assert (ended.cause, ended.by, ended.leg) == ("person_hung_up", "callee", None)


async def test_a_phone_hears_the_room_from_its_answer_on(
    world: World, phone: Callee, agent: Person
) -> None:
    """The way from the room is made while it rings: no first word is lost. Nothing of what was said
    until then is played, either."""
    phone.rings_for, agent.hz = 1.0, 440

    await call(world, phone)
    await until(lambda: phone.invites)
    await asyncio.sleep(0.7)
    agent.hz = 1000
    await until(lambda: len(phone.heard) >= 50)

    silent = next(n for n, pcm in enumerate(phone.heard) if loudness(pcm) > 1000)
    assert silent * FRAME_MS <= 200
    assert purity(np.concatenate(phone.heard[silent + 1 : silent + 11]), 1000) > 0.9


async def test_a_challenge_is_answered(world: World, phone: Callee, agent: Person) -> None:
    """407 with a digest challenge: the second INVITE proves the password."""
    phone.login = Login("us", "ours", "carrier")

    await call(world, phone, wait_until_answered=True)

    assert len(phone.invites) == 2
    assert phone.proved


async def test_an_answer_that_points_our_sound_at_ourselves_ends_the_call(
    world: World, phone: Callee, agent: Person
) -> None:
    """No phone is there: the callee gets a BYE, and whoever wanted the call learns why."""
    phone.media_port = world.sip[1]

    with pytest.raises(api.SipCallError) as failed:
        await call(world, phone, wait_until_answered=True)
    async with asyncio.timeout(5):
        await phone.bye.wait()

    assert failed.value.sip_status_code == 488


async def test_keys_are_dialled_after_the_answer(
    world: World, phone: Callee, agent: Person
) -> None:
    """The `dtmf` of the request, with pauses, for extensions behind a menu."""
    await call(world, phone, wait_until_answered=True, dtmf="12w3")
    await until(lambda: phone.keys == ["1", "2", "3"])


@pytest.mark.parametrize(
    ("code", "cause", "reason"),
    [
        (486, "busy", rtc.DisconnectReason.USER_REJECTED),
        (480, "no_answer", rtc.DisconnectReason.USER_UNAVAILABLE),
        (603, "declined", rtc.DisconnectReason.USER_REJECTED),
        (404, "wrong_number", rtc.DisconnectReason.CLIENT_INITIATED),
        (503, "unreachable", rtc.DisconnectReason.CLIENT_INITIATED),
    ],
)
async def test_a_phone_that_refuses_is_told_to_who_asked(
    world: World, phone: Callee, agent: Person, code: int, cause: str, reason: int
) -> None:
    """The SIP status reaches the API's caller, the room and the record."""
    phone.refuse_with = code

    with pytest.raises(api.SipCallError) as failure:
        await call(world, phone, wait_until_answered=True)
    await until(lambda: agent.left)

    ended = await world.event("ended", "outbound")
    assert failure.value.sip_status_code == code
    assert agent.left == [("callee", reason)]
    assert isinstance(ended, Ended)
    assert (ended.cause, ended.by, ended.code) == (cause, "callee", code)
    assert f"answered {code}" in ended.detail


async def test_a_phone_that_rings_too_long_is_cancelled(
    world: World, phone: Callee, agent: Person
) -> None:
    phone.answers = False

    with pytest.raises(api.TwirpError):
        await call(world, phone, wait_until_answered=True, ringing_timeout=Duration(seconds=1))
    await until(lambda: phone.cancelled)


async def test_closing_the_room_gives_up_a_ringing_phone(
    world: World, phone: Callee, agent: Person
) -> None:
    phone.answers = False

    await call(world, phone)
    await until(lambda: phone.invites)
    async with world.api() as client:
        await client.room.delete_room(api.DeleteRoomRequest(room=ROOM))
    await until(lambda: phone.cancelled)


@pytest.mark.parametrize("target", ["tel:+4989555", "sip:200@pbx.example.com"])
async def test_a_blind_transfer_sends_the_phone_elsewhere(
    world: World, phone: Callee, agent: Person, target: str
) -> None:
    """REFER with the target, in one pair of brackets whichever kind it is; the phone's NOTIFY says
    that it went well; then the leg hangs up."""
    await call(world, phone, wait_until_answered=True)

    async with world.api() as client:
        await client.sip.transfer_sip_participant(
            api.TransferSIPParticipantRequest(
                room_name=ROOM,
                participant_identity="callee",
                transfer_to=target,
                headers={"X-T": "1"},
            )
        )
    async with asyncio.timeout(5):
        await phone.bye.wait()

    assert phone.refer is not None
    assert phone.refer.header("refer-to") == f"<{target}>"
    assert phone.refer.header("x-t") == "1"
    ended = await world.event("ended", "outbound")
    assert isinstance(ended, Ended)
    assert ended.cause == "transferred"


async def test_a_transfer_that_fails_leaves_the_call_up(
    world: World, phone: Callee, agent: Person
) -> None:
    """The phone says 486 of the other side: an error with that status, and the call goes on."""
    agent.hz = 440
    phone.transfer_result = 486
    await call(world, phone, wait_until_answered=True)

    with pytest.raises(api.SipCallError) as failure:
        async with world.api() as client:
            await client.sip.transfer_sip_participant(
                api.TransferSIPParticipantRequest(
                    room_name=ROOM, participant_identity="callee", transfer_to="tel:+4989555"
                )
            )
    phone.heard.clear()
    await until(lambda: phone.heard_tone(440) > 0.9)

    problem = await world.event("problem", "outbound")
    assert failure.value.sip_status_code == 486
    assert not phone.bye.is_set()
    assert isinstance(problem, Problem)
    assert problem.what == "transfer_failed"
    assert problem.detail.startswith("The transfer to tel:+4989555 failed: ")


async def test_a_leg_dialled_into_a_call_says_so_in_its_record(
    world: World, phone: Callee, agent: Person
) -> None:
    """Events of a second phone in a room carry its identity, so that they do not end the call."""
    async with person(world.livekit, ROOM, identity="caller", kind="sip", voice=False):
        await call(world, phone, wait_until_answered=True)
        await phone.hang_up()
        await until(lambda: ("callee", rtc.DisconnectReason.CLIENT_INITIATED) in agent.left)

    ended = await world.event("ended", "outbound")
    assert isinstance(ended, Ended)
    assert ended.leg == "callee"
