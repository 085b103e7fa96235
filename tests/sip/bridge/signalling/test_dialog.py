"""A call that is up: what is asked in it, and what becomes of what is not answered at once."""

from __future__ import annotations

import asyncio

import pytest

from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.message import response as answer
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.peers import Standing
from tests.sip.bridge.signalling.pair import SOON, Answers, pair

pytestmark = pytest.mark.virtual_time(alone=True)


async def test_a_repeated_200_is_acknowledged_as_before_also_after_the_bye() -> None:
    """With the number of its INVITE, not of what was asked since (RFC 3261 §13.2.2.4)."""
    async with pair() as between:
        ours, _ = await between.call(acknowledged=False)
        ours.acknowledge()
        ours.closed = True
        await asyncio.sleep(SOON)
        acks: list[bytes] = []
        between.far.transport._deliver = lambda data, flow: bool(acks.append(data)) or True
        ours.cseq = 9
        between.calls[0].repeat()
        await asyncio.sleep(SOON)

    assert len(acks) == 1
    assert b"CSeq: 1 ACK" in acks[0]


async def test_the_ack_carries_the_login_of_its_invite() -> None:
    async with pair() as between:
        proof = [("Proxy-Authorization", 'Digest username="us"')]
        found: list[str | None] = []
        asked, served = await between.invite(proof)
        theirs = Dialog.answering(between.far, served)
        theirs.handlers.ack = lambda ack: found.append(ack.header("proxy-authorization"))
        served.respond(200)
        response = await asked.final()
        assert response is not None
        Dialog.calling(between.near, asked, response).acknowledge()
        await asyncio.sleep(SOON)

    assert found == [proof[0][1]]


@pytest.mark.parametrize("acknowledges", [True, False])
async def test_the_side_that_was_called_hangs_up_when_its_200_is_acknowledged(
    acknowledges: bool,
) -> None:
    """Not before; without an ACK after 64*T1 (RFC 3261 §15)."""
    async with pair() as between:
        ours, theirs = await between.call(acknowledged=False)
        over = asyncio.Event()
        ours.handlers.bye = over.set
        hanging_up = asyncio.create_task(theirs.bye())
        await asyncio.sleep(5)
        early = over.is_set()
        if acknowledges:
            ours.acknowledge()
            await asyncio.sleep(SOON)
        else:
            await asyncio.sleep(TIMEOUT)
        late = over.is_set()
        await hanging_up

    assert not early
    assert late


@pytest.mark.parametrize(("method", "tells"), [("INVITE", True), ("UPDATE", True), ("INFO", False)])
async def test_an_offer_and_its_200_say_where_to_go_from_now_on(method: str, tells: bool) -> None:
    """Target refresh (RFC 3261 §12.2): both sides by their Contact, others not."""
    elsewhere = [("Contact", "<sip:elsewhere@127.0.0.1:5099>")]
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.offer = theirs.handlers.info = Answers((200, ()), (200, elsewhere))
        request = ours.request(method)
        request.headers.set_single("Contact", "<sip:moved@127.0.0.1:5098>")
        between.near.send(request, ours.flow, between.far.transport.address)
        await asyncio.sleep(SOON)
        moved = theirs.route.target
        await ours.send(method, patience=1)

    assert (moved == "sip:moved@127.0.0.1:5098") is tells
    assert (ours.route.target == "sip:elsewhere@127.0.0.1:5099") is tells


async def test_an_offer_that_is_refused_changes_no_target() -> None:
    async with pair() as between:
        ours, theirs = await between.call()
        before = theirs.route
        request = ours.request("INVITE")
        request.headers.set_single("Contact", "<sip:moved@127.0.0.1:5098>")
        await between.near.send(request, ours.flow, between.far.transport.address).final()

    assert theirs.route == before


async def test_two_offers_that_meet_are_both_491() -> None:
    """Ours is not answered yet (RFC 3261 §14.2); each side then waits for its own time."""
    async with pair() as between:
        ours, theirs = await between.call()
        kept: list[ServerTransaction] = []
        theirs.handlers.offer = kept.append
        ours.handlers.offer = Answers()
        ours.ask("INVITE")
        await asyncio.sleep(SOON)
        theirs_refused = await theirs.ask("UPDATE", body=b"v=0").final()
        kept[0].respond(491)

    assert theirs_refused is not None
    assert theirs_refused.status_code == 491


@pytest.mark.parametrize(("method", "body"), [("INVITE", b""), ("UPDATE", b"v=0")])
async def test_a_second_offer_before_the_first_is_answered_may_come_later(
    method: str, body: bytes
) -> None:
    """500 with Retry-After up to ten seconds (RFC 3261 §14.2, RFC 3311 §5.2)."""
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.offer = lambda transaction: None
        ours.ask("INVITE")
        await asyncio.sleep(SOON)
        response = await ours.ask(method, body=body).final()

    assert response is not None
    assert response.status_code == 500
    assert 0 <= int(response.get_header("retry-after") or "-1") <= 10


async def test_what_comes_out_of_order_is_500() -> None:
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.info = Answers()
        ours.cseq = 7
        await ours.send("INFO")
        ours.cseq = 3
        response = await ours.ask("INFO").final()

    assert response is not None
    assert response.status_code == 500


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "JUMP"])
async def test_a_method_that_is_not_spoken_is_405_within_a_call_too(method: str) -> None:
    async with pair() as between:
        ours, _ = await between.call()
        response = await ours.send(method)

    assert response is not None
    assert response.status_code == 405
    assert "UPDATE" in response.headers.get("allow")


async def test_a_call_with_a_phone_of_the_first_sip() -> None:
    """Without tags: what it asks finds its call, and so does what we ask it."""
    async with pair() as between:
        flow = await between.flow()
        invite = between.request(flow)
        invite.headers.set_single("From", "sip:near@x")
        asked = between.near.send(invite, flow, flow.peer)
        await asyncio.sleep(SOON)
        theirs = Dialog.answering(between.far, between.calls[0])
        between.calls[0].respond(200)
        response = await asked.final()
        assert response is not None
        ours = Dialog.calling(between.near, asked, response)
        ours.acknowledge()
        over = asyncio.Event()
        ours.handlers.bye = over.set
        theirs.handlers.info = Answers()
        answered = await ours.send("INFO")
        await theirs.bye()

    assert answered is not None
    assert answered.status_code == 200
    assert over.is_set()


async def test_two_telephones_that_answer_one_invite_are_two_dialogs() -> None:
    """They differ in their tag alone; ending one leaves the other."""
    async with pair() as between:
        ours, _ = await between.call()
        invite = ours._asked
        assert invite is not None
        response = answer(between.calls[0].request.raw, 200, "OK", to_tag="another")
        second = Dialog.calling(between.near, invite, response)
        second.close()

    assert between.near.dialog(ours.key) is ours
    assert between.near.dialog(second.key) is None


async def test_a_telephone_whose_port_moves_is_followed() -> None:
    """A NAT gave it another one: our requests go to where its last came from."""
    async with pair() as between, pair() as elsewhere:
        ours, theirs = await between.call([("Contact", "<sip:near@nat.invalid>")])
        request = ours.request("INFO")
        flow = elsewhere.near.transport.udp_flow(between.far.transport.address)
        flow.send(bytes(request))
        await asyncio.sleep(SOON)

    assert theirs.flow.peer == elsewhere.near.transport.address


async def test_a_bye_ends_an_offer_that_is_not_answered() -> None:
    """487 to it (RFC 3261 §15.1.2)."""
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.offer = lambda transaction: None
        offered = ours.ask("INVITE")
        await asyncio.sleep(SOON)
        await ours.bye()
        response = await offered.final()

    assert response is not None
    assert response.status_code == 487


async def test_nobody_is_held_when_the_call_is_over() -> None:
    """Wherever the other side was seen, also while it was told that it is over."""
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.way.hosts.add("127.0.0.9")
        theirs.way.on_host("127.0.0.9")
        held = between.far.peers.standing("127.0.0.9")
        await theirs.bye()
        theirs.way.on_host("127.0.0.8")
        await asyncio.sleep(TIMEOUT + 1)
        after = [between.far.peers.standing(f"127.0.0.{n}") for n in (1, 8, 9)]

    assert held is Standing.ON_THE_LINE
    assert after == [Standing.TRUNK] * 3
    assert ours.closed
