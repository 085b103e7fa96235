"""Somebody calls by TLS, or wants the sound encrypted."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from livekit import api

from dialplans.contracts.events import Ended
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.negotiation import Negotiation
from sip.phone import Phone
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.calls.encrypted.tls_world import by_tls
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.workers.test_deaths import hear_each_other, worker_of_the_call
from tests.sip.bridge.world import ENCRYPTED, World, number, room_of

pytestmark = pytest.mark.stack

OFF, ALLOWED, REQUIRED = Encryption


async def test_a_call_by_tls_is_heard_in_both_directions(world: World, line: Phones) -> None:
    """All of its messages go that way, and say so. The address may ask for it, too."""
    called = number(0)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, by_tls(world), called, tls=True, scheme="sips") as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        await caller.hang_up()
        await until(lambda: agent.left)

    assert code == 200
    assert caller.answer is not None
    contact = caller.answer.get_header("contact") or ""
    assert f":{by_tls(world)[1]};transport=tls" in contact
    assert (await world.event("ended", called)).kind == "ended"


@pytest.mark.parametrize("gone", [False, True], ids=["its own", "a new one"])
async def test_the_leg_hangs_up_over_the_callers_connection(
    world: World, line: Phones, gone: bool
) -> None:
    """Where that is gone, over a new one to the address in its Contact, whose certificate has to
    be for it."""
    called = number(1)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, by_tls(world), called, tls=True) as caller,
    ):
        code = await caller.dial()
        await until(lambda: agent.phone)
        if gone:
            assert line.endpoint.transport._tls is not None
            for connection in tuple(line.endpoint.transport._tls.open):
                connection.close()
        assert agent.phone is not None
        who = api.RoomParticipantIdentity(room=room_of(called), identity=agent.phone.identity)
        async with world.api() as client:
            await client.room.remove_participant(who)
        await until(caller.bye.is_set)

    assert code == 200


async def test_encrypted_sound_is_heard_in_both_directions(world: World, line: Phones) -> None:
    """Its trunk wants it. New keys in mid-call are followed; an offer without any is refused, and
    the call goes on as it was."""
    async with (
        person(world.livekit, room_of(ENCRYPTED)) as agent,
        Caller(line, by_tls(world), ENCRYPTED, tls=True, encryption=REQUIRED) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        plain = await caller.reinvite(describe(caller.local))
        caller.negotiation = Negotiation(caller.local, encryption=REQUIRED)
        anew = await caller.reinvite(caller.negotiation.offer())
        caller.stream.aim(caller.remote_of(anew))
        caller.heard.clear()
        agent.heard.clear()
        await until(lambda: len(caller.heard) >= 50 and caller.heard_tone(440) > 0.9)
        await until(lambda: len(agent.heard) >= 50 and agent.heard_tone(1000) > 0.9)
        await caller.hang_up()

    ended = await world.event("ended", ENCRYPTED)
    assert isinstance(ended, Ended)
    assert (code, plain.status_code, anew.status_code) == (200, 488, 200)
    assert ended.figures["rtp_received"] > 20
    assert "inline:" not in world.log.read_text()


async def test_encrypted_sound_goes_on_whose_media_worker_is_killed(
    world: World, line: Phones
) -> None:
    """The next one has the same keys, and goes on counting."""
    async with (
        person(world.livekit, room_of(ENCRYPTED)) as agent,
        Caller(line, by_tls(world), ENCRYPTED, tls=True, encryption=REQUIRED) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await hear_each_other(agent, caller)
        os.kill(worker_of_the_call(world), signal.SIGKILL)
        await hear_each_other(agent, caller)
        assert caller.offers == []

    ended = await world.event("ended", ENCRYPTED)
    assert isinstance(ended, Ended)
    assert ended.figures["rejoins"] == 1
    assert ended.figures["rtp_unreadable"] == 0
    assert caller.stream.unreadable == 0


async def test_a_phone_with_a_wrong_key_is_not_heard(world: World, line: Phones) -> None:
    """Counted in its record and by the leg, and said in the log."""
    async with (
        person(world.livekit, room_of(ENCRYPTED)) as agent,
        Caller(line, by_tls(world), ENCRYPTED, tls=True, encryption=REQUIRED) as caller,
    ):
        caller.silent = True
        await caller.dial()
        keys = caller.remote.keys
        assert keys is not None
        wrong = replace(keys, ours=keys.suite.new_key())
        caller.stream.aim(replace(caller.remote, keys=wrong))
        caller.playing, caller.silent = tone(1000), False
        await asyncio.sleep(1.0)
        await caller.hang_up()
        heard = agent.heard_tone(1000)

    ended = await world.event("ended", ENCRYPTED)
    assert isinstance(ended, Ended)
    assert heard < 0.5
    assert ended.figures["rtp_received"] == 0
    assert ended.figures["rtp_unreadable"] > 20
    assert world.metric("rtp_unreadable_total") > 20
    assert "call.not_decrypted" in world.log.read_text()


@pytest.mark.parametrize(("encryption", "index"), [("", 2), ("srtp", 3), ("srtp-mand", 4)])
async def test_another_telephone_is_heard(
    world: World, authority: Authority, encryption: Any, index: int
) -> None:
    """Baresip, which verifies the certificate of the leg; without encrypted sound, and where it
    has to be had."""
    called = ENCRYPTED if encryption else number(index)
    async with person(world.livekit, room_of(called)) as agent:
        agent.hz = 440
        server = ":".join(map(str, by_tls(world)))
        async with Phone(
            server, transport="tls", encryption=encryption, authority=authority.file
        ) as telephone:
            talk = await telephone.dial(called)
            await talk.answered()
            await talk.hears_speech(after=0.0)
            await talk.play(np.concatenate(tone(1000, frames=100)))
            await until(lambda: agent.heard_tone(1000) > 0.9)
            await talk.hang_up()
        await until(lambda: agent.left)
