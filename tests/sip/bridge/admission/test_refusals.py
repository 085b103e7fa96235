"""Refused calls on the real stack: each gets a code at once, and a record that says why."""

from __future__ import annotations

import asyncio
import socket

import pytest
from livekit import api

from dialplans.contracts.events import Refused
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.caller import Caller, Phones, phones
from tests.sip.bridge.descriptions import Local, describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import (
    CALLER_FILTER,
    ELSEWHERE,
    ENCRYPTED,
    LOGIN,
    NO_RULE,
    SHORT_RING,
    UNKNOWN,
    WITH_AGENT,
    World,
    number,
    room_of,
)

pytestmark = pytest.mark.stack

G729 = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"
)


async def refused(world: World, called: str) -> Refused:
    event = await world.event("refused", called)
    assert isinstance(event, Refused)
    return event


@pytest.mark.parametrize(
    ("called", "code", "reason"),
    [
        pytest.param(UNKNOWN, 404, "no_such_number", id="a number of nobody"),
        pytest.param(NO_RULE, 404, "no_such_number", id="a number that leads nowhere"),
        pytest.param(ELSEWHERE, 403, "address_not_allowed", id="from a strange address"),
        pytest.param(CALLER_FILTER, 403, "blocked", id="a caller who is not let in"),
        pytest.param(ENCRYPTED, 488, "encryption_unsupported", id="sound has to be encrypted"),
    ],
)
async def test_a_call_that_livekit_would_drop_in_silence_gets_a_code(
    world: World, line: Phones, called: str, code: int, reason: str
) -> None:
    """livekit-server says only that nothing matches; the caller and the record learn why. What the
    trunk requires and the leg cannot do is no call either."""
    async with Caller(line, world.sip, called) as caller:
        answered = await caller.dial()

    event = await refused(world, called)
    assert answered == code
    assert (event.code, event.reason) == (code, reason)
    assert (event.called, event.caller) == (called, "+4917012345")
    assert event.source_ip == "127.0.0.1"


async def test_the_right_password_is_let_in(world: World, line: Phones) -> None:
    """407, then the same call with credentials."""
    login = Login("carrier", "secret")
    async with (
        person(world.livekit, room_of(LOGIN)),
        Caller(line, world.sip, LOGIN, login=login) as caller,
    ):
        code = await caller.dial()

    assert code == 200
    assert caller.codes == [100, 407, 100, 180, 200]


@pytest.mark.parametrize(
    "login", [Login("carrier", "wrong"), Login("somebody", "secret")], ids=["password", "user"]
)
async def test_a_wrong_login_is_401_and_recorded(world: World, line: Phones, login: Login) -> None:
    async with Caller(line, world.sip, LOGIN, login=login) as caller:
        code = await caller.dial()

    event = await refused(world, LOGIN)
    assert code == 401
    assert (event.code, event.reason) == (401, "wrong_password")


async def test_credentials_work_once(world: World, line: Phones) -> None:
    """Overheard credentials open no second call: a used nonce is challenged anew."""
    login = Login("carrier", "wrong")
    async with Caller(line, world.sip, LOGIN, login=login) as caller:
        await caller.dial()
        overheard = caller.invite.request.get_header("proxy-authorization")
        assert overheard is not None
        caller.ring(extra=(("Proxy-Authorization", overheard),))
        code = await caller.final()

    assert code == 407


async def test_no_worker_is_480_with_a_record_and_not_endless_ringing(
    world: World, line: Phones
) -> None:
    """An agent was dispatched, none came: the caller hears so within the time that is set."""
    async with Caller(line, world.sip, WITH_AGENT) as caller:
        code = await caller.dial()

    event = await refused(world, WITH_AGENT)
    assert code == 480
    assert caller.codes == [100, 180, 480]
    assert (event.code, event.reason) == (480, "no_worker")


async def test_an_agent_who_has_joined_may_take_longer(world: World, line: Phones) -> None:
    """Only an empty room is given up early; a slow agent has the whole ringing time."""
    async with (
        person(world.livekit, room_of(WITH_AGENT), voice=False) as agent,
        Caller(line, world.sip, WITH_AGENT) as caller,
    ):
        caller.ring()
        await asyncio.sleep(2.5)
        await agent.publish()
        code = await caller.final()

    assert code == 200


async def test_ringing_ends_when_the_trunk_says_so(world: World, line: Phones) -> None:
    async with Caller(line, world.sip, SHORT_RING) as caller:
        code = await caller.dial()

    event = await refused(world, SHORT_RING)
    assert code == 486
    assert (event.code, event.reason) == (486, "no_answer")


async def test_a_caller_who_gives_up_while_it_rings(world: World, line: Phones) -> None:
    """CANCEL: 200 to it, 487 to the INVITE, and the room is left."""
    called = number(20)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        await caller.provisional(180)
        cancelled = await caller.cancel().final()
        code = await caller.final()

    event = await refused(world, called)
    assert cancelled is not None
    assert (cancelled.status_code, code) == (200, 487)
    assert (event.code, event.reason) == (487, "cancelled")


async def test_a_room_deleted_while_it_rings_refuses_the_call(world: World, line: Phones) -> None:
    called = number(21)
    async with Caller(line, world.sip, called) as caller, world.api() as client:
        caller.ring()
        await caller.provisional(180)
        await _when_there(world, room_of(called))
        await client.room.delete_room(api.DeleteRoomRequest(room=room_of(called)))
        code = await caller.final()

    event = await refused(world, called)
    assert code == 486
    assert event.reason == "rejected"


async def _when_there(world: World, room: str) -> None:
    async with world.api() as client:
        for _ in range(100):
            listed = await client.room.list_participants(api.ListParticipantsRequest(room=room))
            active = api.ParticipantInfo.State.ACTIVE
            if any(found.state == active for found in listed.participants):
                return
            await asyncio.sleep(0.05)
    raise AssertionError(f"nobody came into {room}")


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param(G729, id="another codec"),
        pytest.param(G729.replace(b"AVP 18", b"SAVP 0"), id="encrypted"),
        pytest.param(b"v=0\r\nm=audio xyz\r\n", id="not a description"),
        pytest.param(
            G729.replace(b"40000 RTP/AVP 18", b"99999 RTP/AVP 0"), id="a port that is none"
        ),
        pytest.param(
            G729.replace(b"AVP 18", b"AVP 0").replace(b"IP4 127.0.0.1\r\nt", b"IP4 a.example\r\nt"),
            id="a host name",
        ),
    ],
)
async def test_an_offer_that_cannot_be_met_is_488(world: World, line: Phones, offer: bytes) -> None:
    called = number(22)
    async with Caller(line, world.sip, called) as caller:
        code = await caller.dial(offer)

    event = await refused(world, called)
    assert code == 488
    assert event.reason == "media_unsupported"


@pytest.mark.parametrize(
    ("host", "port"),
    [
        pytest.param("127.0.0.1", "sip", id="our SIP port"),
        pytest.param("127.0.0.5", "sip", id="our SIP port at another address of ours"),
        pytest.param("127.0.0.1", "rtp", id="a port that a call will have"),
        pytest.param("::ffff:127.0.0.1", "rtp", id="in another spelling"),
        pytest.param("169.254.169.254", "", id="link-local"),
        pytest.param("240.0.0.1", "", id="reserved"),
    ],
)
async def test_sound_is_not_wanted_where_no_phone_can_be(
    world: World, line: Phones, host: str, port: str
) -> None:
    """488 with a Warning, before anybody is rung, and a reason of its own in the record."""
    called = number(25)
    ports = {"sip": world.sip[1], "rtp": world.rtp[0] + world.rtp[0] % 2, "": 40000}
    async with Caller(line, world.sip, called) as caller:
        code = await caller.dial(describe(Local(host, ports[port])))

    event = await refused(world, called)
    assert code == 488
    assert caller.codes == [100, 488]
    assert event.reason == "media_address"
    assert caller.answer is not None
    assert (caller.answer.get_header("warning") or "").startswith("399 ")


async def test_a_refusal_is_repeated_until_it_is_acknowledged(world: World, line: Phones) -> None:
    """UDP loses datagrams; a phone that missed the refusal would ring on (RFC 3261 §17.2.1)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(3)
        port = phone.getsockname()[1]
        lines = [
            f"INVITE sip:{UNKNOWN}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKrepeat{port}",
            f"From: <sip:a@x>;tag=r{port}",
            f"To: <sip:{UNKNOWN}@x>",
            f"Call-ID: repeat{port}",
            f"Contact: <sip:a@127.0.0.1:{port}>",
            "CSeq: 1 INVITE",
            "Content-Length: 0",
            "",
            "",
        ]
        phone.sendto("\r\n".join(lines).encode(), world.sip)
        codes: list[bytes] = []

        def receive() -> None:
            while codes.count(b"404") < 3:
                codes.append(phone.recv(4096).split()[1])

        await asyncio.to_thread(receive)
        lines[0] = lines[0].replace("INVITE", "ACK", 1)
        lines[6] = "CSeq: 1 ACK"
        phone.sendto("\r\n".join(lines).encode(), world.sip)
        phone.settimeout(2.5)
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(phone.recv, 4096)

    assert codes[0] == b"100"


async def test_more_calls_than_allowed_are_503(world: World, line: Phones) -> None:
    """The leg's own limit: the call over it is refused with a record, those that are up go on."""
    called = number(23)
    with world.sibling({"SWITCHBOARD_SIP_MAX_CALLS": "1"}) as other:
        async with (
            person(world.livekit, room_of(called)) as agent,
            Caller(line, other.sip, called) as first,
            Caller(line, other.sip, called, number="+4917099999") as second,
        ):
            agent.hz = 440
            codes = [await first.dial(), await second.dial()]
            await until(lambda: first.heard_tone(440) > 0.9)

    event = await refused(world, called)
    assert codes == [200, 503]
    assert event.reason == "limit_concurrent"


async def test_a_flood_of_calls_is_refused_without_work(world: World, line: Phones) -> None:
    """Over the rate of one address: 503 for some, nothing for the rest, one record; others call."""
    called = number(24)
    with world.sibling({"SWITCHBOARD_SIP_CALLS_PER_SECOND": "1"}) as other:
        codes = []
        for _ in range(6):
            async with Caller(line, other.sip, UNKNOWN) as caller:
                codes.append(await caller.dial())
        await asyncio.sleep(2.5)
        async with (
            person(world.livekit, room_of(called)),
            Caller(line, other.sip, called) as patient,
        ):
            after = await patient.dial()

    event = await refused(world, UNKNOWN)
    assert codes.count(404) >= 3
    assert codes[-1] == 503
    assert event.reason == "flood"
    assert after == 200


async def test_who_tries_out_passwords_in_calls_is_told_the_same_for_the_right_one(
    world: World,
) -> None:
    """After ten wrong ones of an address none is looked at for a while; others are let in."""
    right = Login("carrier", "secret")
    async with phones(("127.0.0.33", 0)) as thief, phones(("127.0.0.34", 0)) as other:
        guessed = []
        for password in (*(f"guess {n}" for n in range(10)), "secret"):
            async with Caller(thief, world.sip, LOGIN, login=Login("carrier", password)) as caller:
                guessed.append(await caller.dial())
        async with (
            person(world.livekit, room_of(LOGIN)),
            Caller(other, world.sip, LOGIN, login=right) as caller,
        ):
            let_in = await caller.dial()

    assert guessed == [401] * 11
    assert let_in == 200
