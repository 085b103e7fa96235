"""Calls out, transfers, telephones and limits where two legs share a Redis."""

from __future__ import annotations

import asyncio

import pytest
from livekit import api

from dialplans.contracts.events import Refused
from dialplans.model import TELEPHONES
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.calls.outgoing import ROOM, call
from tests.sip.bridge.legs.two_legs import (
    OFTEN,
    ONE_CALL,
    OPEN,
    Legs,
    dial,
    kill_all,
    leg_of,
    name_of,
)
from tests.sip.bridge.person import person, until
from tests.sip.bridge.registrar.desk import desk
from tests.sip.bridge.workers.test_deaths import hear_each_other, killed_and_back
from tests.sip.bridge.world import World

pytestmark = pytest.mark.stack


async def test_each_is_told_apart(legs: Legs) -> None:
    """In health and in metrics; one says that it registers accounts."""
    for leg, other in (legs.both, legs.both[::-1]):
        health = leg.health()
        assert health["leg"] == name_of(leg)
        assert health["other_legs"] == [name_of(other)]
    for leg, leads in zip(legs.both, ("1.0", "0.0"), strict=True):
        assert f'switchboard_sip_leg{{leg="{name_of(leg)}"}} {leads}' in leg.metrics()


async def test_a_call_out_is_made_by_one_of_them(legs: Legs) -> None:
    """However many are wanted at once: as many telephones ring, each once."""
    async with callee() as phone:
        phone.answers = False
        wanted = [
            asyncio.create_task(_call(legs.first, phone.address, f"{ROOM}-{n}")) for n in range(8)
        ]
        await asyncio.gather(*wanted)
        await until(lambda: len(phone.invites) >= 8)
        await asyncio.sleep(0.5)  # a second claim would be heard by now
        rung = [invite.header("to") for invite in phone.invites]
        rooms = sum(int(str(leg.health()["calls"])) for leg in legs.both)
        for n in range(8):
            async with legs.first.api() as client:
                await client.room.delete_room(api.DeleteRoomRequest(room=f"{ROOM}-{n}"))

    assert len(rung) == len({invite.call_id for invite in phone.invites}) == 8
    assert rooms == 8


async def _call(world: World, to: tuple[str, int], room: str) -> None:
    async with world.api() as client:
        trunk = api.SIPOutboundConfig(
            hostname=f"{to[0]}:{to[1]}", transport=api.SIPTransport.SIP_TRANSPORT_UDP
        )
        await client.sip.create_sip_participant(
            api.CreateSIPParticipantRequest(
                trunk=trunk,
                sip_number="+498920001000",
                sip_call_to="+491701111",
                room_name=room,
                participant_identity="callee",
            )
        )


@pytest.mark.parametrize("at", ["first", "second"])
async def test_a_transfer_and_a_bye_reach_the_leg_that_has_the_call(
    legs: Legs, line: Phones, at: str
) -> None:
    """Asked of livekit-server, which does not know which one that is; and said by the telephone to
    where it was called from."""
    leg: World = getattr(legs, at)
    async with person(leg.livekit, ROOM):
        phone = await _transferred_by(legs, leg)
        while phone is None:  # the other leg was the one that made the call
            phone = await _transferred_by(legs, leg)

    assert phone.refer is not None
    assert phone.refer.header("refer-to") == "<tel:+4989555>"


async def _transferred_by(legs: Legs, leg: World) -> Callee | None:
    async with callee() as phone:
        await call(leg, phone, wait_until_answered=True)
        if leg_of(phone.invites[-1].header("contact"), legs) is not leg:
            await phone.hang_up()
            return None
        async with leg.api() as client:
            await client.sip.transfer_sip_participant(
                api.TransferSIPParticipantRequest(
                    room_name=ROOM, participant_identity="callee", transfer_to="tel:+4989555"
                )
            )
        await phone.bye.wait()
        return phone


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("at", ["first", "second"])
async def test_a_telephone_is_rung_by_the_leg_that_it_registered_with(
    legs: Legs, at: str, tcp: bool
) -> None:
    """Whoever is asked. A router, and a connection all the more, lets no other through."""
    leg: World = getattr(legs, at)
    async with desk(leg.sip, tcp=tcp) as ann:
        rung: list[str | None] = []

        def invited(transaction: ServerTransaction) -> None:
            rung.append(transaction.request.header("contact"))
            transaction.respond(486)

        ann.line.endpoint.on_invite = invited
        assert (await ann.register(ann.contact)).status_code == 200
        for _ in range(5):
            async with person(leg.livekit, ROOM):
                with pytest.raises(api.SipCallError):
                    await dial(leg, "ann", TELEPHONES, ROOM, wait_until_answered=True)
        await until(lambda: all(_places(one) for one in legs.both))

    assert [leg_of(contact, legs) for contact in rung] == [leg] * 5


def _places(leg: World) -> list[str]:
    told = leg.health()["telephones"]
    assert isinstance(told, dict)
    return list(told["ann"]["at"])


async def test_a_telephone_that_has_gone_to_another_leg_is_rung_from_there(legs: Legs) -> None:
    """Its old connection ends then, and takes nothing with it."""
    async with desk(legs.first.sip, tcp=True) as ann:
        rung: list[str | None] = []

        def invited(transaction: ServerTransaction) -> None:
            rung.append(transaction.request.header("contact"))
            transaction.respond(486)

        ann.line.endpoint.on_invite = invited
        await ann.register(ann.contact)
        old, ann.flow, ann.server = ann.flow, None, legs.second.sip
        await ann.register(ann.contact)
        assert old is not None
        for connection in tuple(ann.line.endpoint.transport._connections.open):
            if connection.flow is old:
                connection.close()
        await asyncio.sleep(0.5)
        async with person(legs.first.livekit, ROOM):
            with pytest.raises(api.SipCallError):
                await dial(legs.first, "ann", TELEPHONES, ROOM, wait_until_answered=True)
        await until(lambda: len(_places(legs.first)) == len(_places(legs.second)) == 1)

    assert [leg_of(contact, legs) for contact in rung] == [legs.second]


async def test_a_telephone_of_a_leg_that_is_gone_is_rung_by_the_other(legs: Legs) -> None:
    async with desk(legs.first.sip) as ann:
        rung: list[str | None] = []

        def invited(transaction: ServerTransaction) -> None:
            rung.append(transaction.request.header("contact"))
            transaction.respond(486)

        ann.line.endpoint.on_invite = invited
        await ann.register(ann.contact)
        await until(lambda: legs.second.health()["telephones"]["ann"]["at"])
        kill_all(legs.first)
        await until(lambda: not legs.second.health()["other_legs"])
        async with person(legs.second.livekit, ROOM):
            with pytest.raises(api.SipCallError):
                await dial(legs.second, "ann", TELEPHONES, ROOM, wait_until_answered=True)

    assert [leg_of(contact, legs) for contact in rung] == [legs.second]


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
async def test_limits_hold_over_both(legs: Legs, line: Phones, order: tuple[str, str]) -> None:
    """A number with one place: the second call is refused wherever it comes in; when the first has
    ended, the next is taken."""
    one, other = (getattr(legs, name).sip for name in order)
    codes = []
    async with (
        Caller(line, one, ONE_CALL, number="+491701") as first,
        Caller(line, other, ONE_CALL, number="+491702") as second,
    ):
        first.ring()
        started = await legs.first.event("started", ONE_CALL)
        async with person(legs.first.livekit, started.call):
            codes.append(await first.final())
            codes.append(await second.dial())
            await first.hang_up()
    refused = await legs.first.event("refused", ONE_CALL)
    await until(lambda: not any(leg.health()["calls"] for leg in legs.both))
    async with Caller(line, other, ONE_CALL, number="+491703") as third:
        third.ring()
        codes.append((await third.provisional(180)).status_code)

    assert codes == [200, 486, 180]
    assert isinstance(refused, Refused)
    assert refused.reason == "limit_number"


async def test_who_calls_too_often_is_refused_whichever_leg_they_call(
    legs: Legs, line: Phones
) -> None:
    """3/min: refused ones count as well."""
    codes = []
    for n in range(5):
        leg = legs.both[n % 2]
        async with Caller(line, leg.sip, OFTEN, number="+491711") as caller:
            caller.ring()
            early = n < 3
            codes.append(
                (await caller.provisional(180)).status_code if early else await caller.final()
            )
    async with Caller(line, legs.second.sip, OFTEN, number="+491712") as another:
        another.ring()
        codes.append((await another.provisional(180)).status_code)

    assert codes == [180, 180, 180, 486, 486, 180]


@pytest.mark.parametrize("at", ["first", "second"])
async def test_signalling_that_is_killed_finds_its_own_calls(
    legs: Legs, line: Phones, at: str
) -> None:
    """The other leg goes on with its own, and takes none."""
    leg: World = getattr(legs, at)
    (other,) = [one for one in legs.both if one is not leg]
    async with (
        Caller(line, leg.sip, OPEN, number="+491721") as caller,
        Caller(line, other.sip, OPEN, number="+491722") as neighbour,
    ):
        for each in (caller, neighbour):
            each.playing = tone(1000)
            each.ring()
        starts = [await _started(legs.first, one) for one in ("+491721", "+491722")]
        async with (
            person(leg.livekit, starts[0]) as agent,
            person(leg.livekit, starts[1]) as agent_of_neighbour,
        ):
            agent.hz = agent_of_neighbour.hz = 440
            assert await caller.final() == await neighbour.final() == 200
            await hear_each_other(agent, caller)
            await killed_and_back(leg)
            await until(lambda: (leg.health()["calls"], other.health()["calls"]) == (1, 1))
            await hear_each_other(agent, caller)
            await hear_each_other(agent_of_neighbour, neighbour)
            assert caller.dialog is not None
            bye = await caller.dialog.ask("BYE").final()
            caller.dialog.close()
            assert bye is not None
            assert bye.status_code == 200
            await until(lambda: not leg.health()["calls"])
            assert other.health()["calls"] == 1


async def _started(leg: World, caller: str) -> str:
    while True:
        for event in await leg.events(OPEN):
            if event.kind == "started" and getattr(event, "caller", "") == caller:
                return event.call
        await asyncio.sleep(0.05)
