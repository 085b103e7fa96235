"""A phone calls, on the real stack: redis-server, livekit-server and the leg as a process."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc

from dialplans.contracts.events import Answered, Ended, Started
from dialplans.contracts.jobs import ECHOLESS
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

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


async def test_calls_that_follow_each_other_at_once_are_all_heard(
    world: World, line: Phones
) -> None:
    """The sound of a room must not go with that of the room before, which was the only one."""
    for index in range(70, 76):
        called = number(index)
        async with Caller(line, world.sip, called) as caller:
            caller.ring()
            answered = asyncio.ensure_future(caller.final())
            await asyncio.sleep(0.3)  # an agent comes after the phone
            async with person(world.livekit, room_of(called)) as agent:
                agent.hz = 440
                assert await answered == 200
                await until(lambda caller=caller: caller.heard_tone(440) > 0.9)
                await caller.hang_up()


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
    assert attributes[ECHOLESS]
    assert attributes["queue"] == "sales"
    assert (attributes["tenant"], attributes["sip.h.x-foo"]) == ("acme", "bar")
    assert "sip.h.p-asserted-identity" not in attributes
    assert caller.answer is not None
    assert caller.answer.get_header("x-served-by") == "switchboard"


async def test_a_forwarded_call_comes_in_and_its_withheld_caller_is_nowhere(
    world: World, line: Phones
) -> None:
    """The Request-URI is ours and To is not; `Privacy: id` keeps the number that stands in From and
    beside it out of identity, name, attributes, headers, record and log."""
    called, secret = number(21), "+4917055512"
    headers = (
        ("To", "<sip:+498920009999@old.example>"),
        ("Privacy", "id"),
        ("P-Asserted-Identity", f"<tel:{secret}>"),
        ("Contact", f"<sip:{secret}@127.0.0.1>"),
        ("Diversion", "<sip:+498920009999@old.example>;reason=no-answer"),
        ("X-Foo", "bar"),
        ("X-Caller", "0170 55512"),
    )
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, number=secret, headers=headers) as caller,
    ):
        code = await caller.dial()
        await until(lambda: "active" in agent.statuses)
        phone = agent.phone
        assert phone is not None
        told = await agent.room.local_participant.perform_rpc(
            destination_identity=phone.identity, method="lk.sip.GetRemoteHeaders", payload="{}"
        )
        seen = f"{phone.identity} {phone.name} {phone.metadata} {dict(phone.attributes)} {told}"

    started = await world.event("started", called)
    assert code == 200
    assert phone.identity == "sip_anonymous"
    assert phone.attributes["sip.h.x-foo"] == "bar"
    assert "diversion" in told
    assert "7055512" not in seen.replace(" ", "")
    assert isinstance(started, Started)
    assert (started.called, started.caller) == (called, "anonymous")
    assert started.forwarded_from == ["+498920009999"]
    assert started.dialled == ["+498920009999"]
    assert secret[-7:] not in world.log.read_text()


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
        await caller.dial(describe(caller.local, payload_types=(8,)))
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
        caller.ack_body = describe(caller.local, payload_types=(0,))
        code = await caller.dial(body=b"")
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)

    assert code == 200
    assert caller.answer is not None
    assert "m=audio" in caller.answer.text


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
