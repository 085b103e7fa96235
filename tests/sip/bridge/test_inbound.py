"""A phone calls, on the real stack: redis-server, livekit-server and the leg as a process."""

from __future__ import annotations

import asyncio
import json

import pytest
from livekit import api, rtc

from dialplans.events import Answered, Ended, Started
from sip.bridge.ua import sdp
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import QUIET, SHORT_CALL, World, number, room_of

pytestmark = pytest.mark.stack


async def test_a_call_is_answered_when_the_agent_can_be_heard(world: World, line: Phones) -> None:
    """100, 180, then 200 only when an audio track is in the room; both sides hear each other."""
    called = number(0)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440

        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        await caller.hang_up()
        await until(lambda: agent.left)

    assert code == 200
    assert caller.codes == [100, 180, 200]
    started = await world.event("started", called)
    answered = await world.event("answered", called)
    ended = await world.event("ended", called)
    assert isinstance(started, Started)
    assert (started.called, started.caller, started.source_ip) == (
        called,
        "+4917012345",
        "127.0.0.1",
    )
    assert isinstance(answered, Answered)
    assert isinstance(ended, Ended)
    assert (ended.cause, ended.by) == ("caller_hung_up", "caller")
    assert ended.figures["rtp_received"] >= 5
    assert ended.figures["rtp_lost"] == 0


async def test_the_participant_is_the_one_livekit_sip_would_make(
    world: World, line: Phones
) -> None:
    """Kind SIP, identity and name from the caller's number, LiveKit's attributes, the rule's own,
    and what the trunk maps from headers."""
    called = number(1)
    headers = (("X-Tenant", "acme"), ("X-Foo", "bar"), ("P-Asserted-Identity", "<sip:a@x>"))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=headers) as caller,
    ):
        await caller.dial()
        await until(lambda: "active" in agent.statuses)
        phone = agent.phone
        assert phone is not None
        attributes = dict(phone.attributes)
        track = next(iter(phone.track_publications.values()))

    assert phone.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    assert (phone.identity, phone.name) == ("sip_+4917012345", "Phone +4917012345")
    assert phone.metadata == "from the rule"
    assert (track.name, track.source) == (phone.identity, rtc.TrackSource.SOURCE_MICROPHONE)
    assert attributes["sip.trunkID"] == world.trunks["open"]
    assert attributes["sip.trunkPhoneNumber"] == called
    assert attributes["sip.phoneNumber"] == "+4917012345"
    assert attributes["sip.callID"].startswith("SCL_")
    assert attributes["sip.callIDFull"] == caller.call_id
    assert attributes["sip.callTag"] == caller.tag
    assert attributes["sip.ruleID"].startswith("SDR_")
    assert attributes["queue"] == "sales"
    assert (attributes["tenant"], attributes["sip.h.x-foo"]) == ("acme", "bar")
    assert "sip.h.p-asserted-identity" not in attributes
    assert caller.answer is not None
    assert caller.answer.get_header("x-served-by") == "switchboard"


async def test_keys_go_both_ways_as_room_packets(world: World, line: Phones) -> None:
    """RFC 4733 events of the phone arrive in the room once each, and the other way round."""
    called = number(2)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        caller.stream.press("159#")
        await until(lambda: len(agent.keys) >= 4)
        for digit in "27*":
            await agent.press(digit)
        await until(lambda: len(caller.keys) >= 3)
        await asyncio.sleep(0.3)

        assert agent.keys == ["1", "5", "9", "#"]
        assert caller.keys == ["2", "7", "*"]


async def test_keys_sent_as_info_are_heard_too(world: World, line: Phones) -> None:
    """Some telephone systems send application/dtmf-relay instead of RFC 4733."""
    called = number(3)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        assert caller.dialog is not None
        asked = caller.dialog.ask(
            "INFO",
            headers=[("Content-Type", "application/dtmf-relay")],
            body=b"Signal=5\r\nDuration=160\r\n",
        )
        response = await asked.final()
        await until(lambda: agent.keys)

        assert response is not None
        assert response.status_code == 200
        assert agent.keys == ["5"]


async def test_on_hold_the_phone_hears_nothing_and_the_room_hears_no_hold_music(
    world: World, line: Phones
) -> None:
    """A re-INVITE with sendonly is answered recvonly; sendrecv brings both ways back."""
    called = number(4)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)

        held = await caller.reinvite(sdp.build(caller.local, direction="sendonly"))
        await asyncio.sleep(0.3)
        packets = caller.stream.reception.received
        agent.heard.clear()
        await asyncio.sleep(1.0)
        while_held = caller.stream.reception.received - packets
        room_heard = agent.heard_tone(1000)
        back = await caller.reinvite(sdp.build(caller.local))
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert "a=recvonly" in held.text
    assert "a=sendrecv" in back.text
    assert while_held == 0
    assert room_heard < 0.1


async def test_the_old_way_to_hold_is_understood(world: World, line: Phones) -> None:
    """`c=IN IP4 0.0.0.0` means the same as inactive (RFC 3264 §8.4)."""
    called = number(5)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        old = sdp.build(caller.local).replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 0.0.0.0")

        held = await caller.reinvite(old)

        assert held.status_code == 200
        assert "a=inactive" in held.text


async def test_the_agent_ends_the_call_by_closing_the_room(world: World, line: Phones) -> None:
    """The phone gets a BYE, with the attributes that the trunk maps to headers."""
    called = number(6)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
        world.api() as client,
    ):
        await caller.dial()
        await client.room.delete_room(api.DeleteRoomRequest(room=room_of(called)))
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert (ended.cause, ended.by) == ("room_closed", "system")


async def test_removing_the_participant_hangs_up(world: World, line: Phones) -> None:
    called = number(7)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
        world.api() as client,
    ):
        await caller.dial()
        await until(lambda: agent.phone)
        await client.room.remove_participant(
            api.RoomParticipantIdentity(room=room_of(called), identity="sip_+4917012345")
        )
        async with asyncio.timeout(5):
            await caller.bye.wait()


async def test_a_retransmitted_invite_is_one_call(world: World, line: Phones) -> None:
    """The same datagram again, before and after the answer, changes nothing."""
    called = number(8)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.ring()
        raw = bytes(caller.invite.request)
        for _ in range(3):
            caller.flow.send(raw, world.sip)
            await asyncio.sleep(0.05)
        code = await caller.final()
        caller.flow.send(raw, world.sip)
        await asyncio.sleep(0.3)
        identities = [p.identity for p in agent.room.remote_participants.values()]
        calls = world.health()["calls"]

    assert code == 200
    assert identities == ["sip_+4917012345"]
    assert calls == 1


async def test_one_invite_by_two_ways_is_one_call(world: World, line: Phones) -> None:
    """Same Call-ID, tag and CSeq under another branch: 482 (RFC 3261 §8.2.2.2)."""
    called = number(9)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
        Caller(line, world.sip, called, call_id=caller.call_id, tag=caller.tag) as twin,
    ):
        caller.ring()
        second = await twin.dial()
        first = await caller.final()

    assert (first, second) == (200, 482)


async def test_two_calls_at_once_stay_apart(world: World, line: Phones) -> None:
    """Each phone hears its own room."""
    one, two = number(10), number(11)
    async with (
        person(world.livekit, room_of(one)) as first_agent,
        person(world.livekit, room_of(two)) as second_agent,
        Caller(line, world.sip, one) as first,
        Caller(line, world.sip, two, number="+4917099999") as second,
    ):
        first_agent.hz, second_agent.hz = 400, 700
        first.playing, second.playing = tone(1000), tone(1300)
        codes = await asyncio.gather(first.dial(), second.dial())
        await until(lambda: first.heard_tone(400) > 0.9 and second.heard_tone(700) > 0.9)
        await until(
            lambda: first_agent.heard_tone(1000) > 0.9 and second_agent.heard_tone(1300) > 0.9
        )

    assert codes == [200, 200]


async def test_a_law_is_spoken_when_only_a_law_is_offered(world: World, line: Phones) -> None:
    called = number(12)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial(sdp.build(caller.local, payload_types=(8,)))
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)

        assert caller.stream.codec_name == "PCMA"


async def test_a_call_over_tcp(world: World, line: Phones) -> None:
    called = number(13)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, tcp=True) as caller,
    ):
        agent.hz = 440
        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert code == 200
    assert caller.codes == [100, 180, 200]


async def test_an_invite_without_an_offer_is_offered_one(world: World, line: Phones) -> None:
    """The 200 carries the offer and the ACK the answer (RFC 3261 §13.2.1)."""
    called = number(14)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        caller.ack_body = sdp.build(caller.local, payload_types=(0,))
        code = await caller.dial(body=b"")
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)

    assert code == 200
    assert caller.answer is not None
    assert "m=audio" in caller.answer.text


async def test_the_longest_call_the_trunk_allows(world: World, line: Phones) -> None:
    """max_call_duration of the trunk ends the call with a BYE and a cause."""
    async with (
        person(world.livekit, room_of(SHORT_CALL)),
        Caller(line, world.sip, SHORT_CALL) as caller,
    ):
        await caller.dial()
        async with asyncio.timeout(10):
            await caller.bye.wait()

    ended = await world.event("ended", SHORT_CALL)
    assert isinstance(ended, Ended)
    assert ended.cause == "max_duration"
    assert ended.figures["talk_s"] >= 2


async def test_a_phone_that_has_gone_silent_is_hung_up(world: World, line: Phones) -> None:
    """No RTP for longer than the rule allows: BYE, and the record says media_timeout."""
    async with person(world.livekit, room_of(QUIET)), Caller(line, world.sip, QUIET) as caller:
        await caller.dial()
        await asyncio.sleep(1.5)
        assert not caller.bye.is_set()
        caller.silent = True
        async with asyncio.timeout(10):
            await caller.bye.wait()

    ended = await world.event("ended", QUIET)
    assert isinstance(ended, Ended)
    assert ended.cause == "media_timeout"


async def test_a_phone_on_hold_may_be_silent(world: World, line: Phones) -> None:
    """Hold stops the sound of many phones; that is no reason to lose the call."""
    async with (
        person(world.livekit, room_of(QUIET)) as agent,
        Caller(line, world.sip, QUIET) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await caller.reinvite(sdp.build(caller.local, direction="inactive"))
        caller.silent = True
        await asyncio.sleep(3)
        caller.silent = False
        await caller.reinvite(sdp.build(caller.local))
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert not caller.bye.is_set()


async def test_the_room_hangs_up_by_the_method_of_livekit_sip(world: World, line: Phones) -> None:
    """RPC lk.sip.EndCall ends the call with headers of the room's choice."""
    called = number(19)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=(("X-Ticket", "77"),)) as caller,
    ):
        await caller.dial()
        await until(lambda: agent.phone)
        me, phone = agent.room.local_participant, "sip_+4917012345"
        answer = await me.perform_rpc(
            destination_identity=phone,
            method="lk.sip.GetRemoteHeaders",
            payload=json.dumps({"include": ["X-Ticket"]}),
        )
        await me.perform_rpc(
            destination_identity=phone,
            method="lk.sip.EndCall",
            payload=json.dumps({"headers": {"X-Why": "done"}}),
        )
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert json.loads(answer) == {"headers": {"x-ticket": "77"}}
    assert isinstance(ended, Ended)
    assert ended.cause == "persona_hung_up"


async def test_a_session_that_is_not_refreshed_ends(world: World, line: Phones) -> None:
    """With refresher=uac the leg waits for the phone, and hangs up when nothing comes."""
    called = number(15)
    headers = (("Supported", "timer"), ("Session-Expires", "3;refresher=uac"))
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called, headers=headers) as caller,
    ):
        await caller.dial()
        async with asyncio.timeout(10):
            await caller.bye.wait()

    assert caller.answer is not None
    assert caller.answer.get_header("session-expires") == "3;refresher=uac"
    assert caller.answer.get_header("require") == "timer"


async def test_the_leg_refreshes_when_it_is_its_turn(world: World, line: Phones) -> None:
    """With refresher=uas a re-INVITE comes at half the interval and changes nothing."""
    called = number(16)
    headers = (("Supported", "timer"), ("Session-Expires", "2;refresher=uas"))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=headers) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await until(lambda: len(caller.offers) >= 2)
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert not caller.bye.is_set()
        assert caller.offers[0].header("session-expires") == "2;refresher=uac"


async def test_an_interval_below_the_least_is_refused_with_the_least(
    world: World, line: Phones
) -> None:
    async with Caller(
        line, world.sip, number(17), headers=(("Supported", "timer"), ("Session-Expires", "1"))
    ) as caller:
        code = await caller.dial()

        assert code == 422
        assert caller.answer is not None
        assert caller.answer.get_header("min-se") == "2"


async def test_options_is_answered_for_monitoring(world: World, line: Phones) -> None:
    """Carriers ask OPTIONS to see whether the leg is alive."""
    async with Caller(line, world.sip, number(18)) as caller:
        request = caller.request(1, b"", ())
        request.method = "OPTIONS"
        request.headers.set_single("CSeq", "1 OPTIONS")
        response = await line.endpoint.send(request, caller.flow, world.sip).final()

    assert response is not None
    assert response.status_code == 200
    assert "INVITE" in (response.get_header("allow") or "")
