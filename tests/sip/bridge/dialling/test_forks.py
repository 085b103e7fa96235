"""An INVITE that rings at several telephones (RFC 3261 §13.2.2.4), over real sockets."""

from __future__ import annotations

import asyncio

import pytest
from aiosipua.message import SipRequest

from tests.sip.bridge.caller import Phones
from tests.sip.bridge.dialling.carrier import Carrier
from tests.sip.bridge.dialling.dialling import dial, dialler, failure

pytestmark = pytest.mark.virtual_time(alone=True)


def tags(requests: list[SipRequest]) -> list[str]:
    return [request.to_addr.tag for request in requests if request.to_addr is not None]


async def test_the_first_telephone_to_answer_has_the_call(near: Phones, far: Carrier) -> None:
    """Each 200 is acknowledged in its own dialog; all but the first are ended."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    for tag in ("a", "b", "c"):
        far.answer(invite, 180, tag=tag)
    for tag in ("b", "a", "c"):
        far.answer(invite, 200, tag=tag)
        await far.got("ACK", 1 + ("b", "a", "c").index(tag))
    dialog, _ = await calling
    await far.got("BYE", 2)
    await asyncio.sleep(0.1)

    assert dialog.ends.remote_tag == "b"
    assert not dialog.closed
    assert tags(far.all("ACK")) == ["b", "a", "c"]
    assert sorted(tags(far.all("BYE"))[:2]) == ["a", "c"]
    assert {ack.cseq.seq for ack in far.all("ACK") if ack.cseq} == {1}
    assert [ack.uri.partition("@")[0] for ack in far.all("ACK")] == ["sip:b", "sip:a", "sip:c"]


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "INFO"])
async def test_what_is_asked_right_behind_the_answer_is_asked_in_the_call(
    near: Phones, far: Carrier, method: str
) -> None:
    """In the same moment, before anybody has read the answer: it waits for the call, and is met."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    far.answer(invite, 200, tag="a")
    host, port = far.address
    lines = [
        f"{method} sip:{near.endpoint.host} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKnext",
        f"From: <sip:us@{host}>;tag=a",
        f"To: {invite.get_header('from')}",
        f"Call-ID: {invite.call_id}",
        f"CSeq: 1 {method}",
        "Content-Length: 0",
        "",
        "",
    ]
    far.send("\r\n".join(lines).encode())
    dialog, _ = await calling
    await asyncio.sleep(0.1)
    early = list(far.responses)
    asked = []
    dialog.handlers.bye = lambda: asked.append("BYE")
    dialog.handlers.offer = dialog.handlers.info = lambda it: asked.append(it.request.method)
    dialog.waiting.end(dialog.receive)

    assert early == []
    assert asked == [method]


async def test_a_repeated_answer_is_acknowledged_again_by_its_own_dialog(
    near: Phones, far: Carrier
) -> None:
    """An ACK was lost: another one for that telephone, and no second BYE."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    for count, tag in enumerate(("a", "b", "b", "a", "b"), 1):
        far.answer(invite, 200, tag=tag)
        await far.got("ACK", count)
    await calling
    bye = await far.got("BYE")
    far.answer(bye, 200)
    await asyncio.sleep(1)

    assert tags(far.all("ACK")) == ["a", "b", "b", "a", "b"]
    assert {ack.cseq.seq for ack in far.all("ACK") if ack.cseq} == {1}
    assert tags(far.all("BYE")) == ["b"]


async def test_what_another_telephone_says_does_not_end_the_call(
    near: Phones, far: Carrier
) -> None:
    """The loser of a fork may hang up before our BYE reaches it."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    far.answer(invite, 200, tag="a")
    far.answer(invite, 200, tag="b")
    dialog, _ = await calling
    await far.got("BYE")
    ended = []
    dialog.handlers.bye = lambda: ended.append("a")
    dialog.waiting.end(dialog.receive)
    host, port = far.address
    for tag in ("b", "a"):
        lines = [
            f"BYE sip:{near.endpoint.host} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{tag}",
            f"From: <sip:us@{host}>;tag={tag}",
            f"To: {invite.get_header('from')}",
            f"Call-ID: {invite.call_id}",
            "CSeq: 1 BYE",
            "Content-Length: 0",
            "",
            "",
        ]
        far.send("\r\n".join(lines).encode())
        await asyncio.sleep(0.1)
        if tag == "b":
            assert ended == []

    assert ended == ["a"]


async def test_a_call_that_is_given_up_is_ended_wherever_it_is_answered(
    near: Phones, far: Carrier
) -> None:
    """CANCEL crosses two answers on their way: both telephones are hung up, and acknowledged as
    often as they ask."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    far.answer(invite, 180, tag="a")
    await asyncio.sleep(0.1)
    calling.cancel()
    cancel = await far.got("CANCEL")
    for tag in ("a", "b", "a"):
        far.answer(invite, 200, tag=tag)
    await far.got("BYE", 2)
    await asyncio.sleep(0.1)

    assert cancel.via[0].branch == invite.via[0].branch
    assert tags(far.all("ACK")) == ["a", "b", "a"]
    assert sorted(tags(far.all("BYE"))[:2]) == ["a", "b"]


async def test_an_answer_that_nobody_had_time_to_read_is_ended(near: Phones, far: Carrier) -> None:
    """It came in the same moment as the end of our patience."""
    calling = dial(dialler(near, far))
    invite = await far.got("INVITE")
    far.answer(invite, 180, tag="a")
    await asyncio.sleep(0.1)
    far.answer(invite, 200, tag="a")
    while far.all("ACK") == [] and near.endpoint.counters.received < 2:
        await asyncio.sleep(0)
    calling.cancel()
    await far.got("BYE")

    assert tags(far.all("ACK")) == ["a"]


async def test_a_telephone_that_rings_too_long_is_cancelled(near: Phones, far: Carrier) -> None:
    """By the call's own patience; a 487 that never comes is not waited for."""
    calling = dial(dialler(near, far), patience=20)
    invite = await far.got("INVITE")
    far.answer(invite, 180, tag="a")
    why = await failure(calling)
    await far.got("CANCEL")
    await asyncio.sleep(70)

    assert (why.code, why.cause) == (408, "no_answer")
    assert why.detail == "nobody answered within 20 s"
    assert near.endpoint.transactions == 0


async def test_silence_is_no_telephone_that_rings(near: Phones, far: Carrier) -> None:
    """Timer B: no provisional answer within half a minute. Nothing is cancelled that was never
    heard of."""
    why = await failure(dial(dialler(near, far)))

    assert (why.code, why.cause) == (408, "unreachable")
    assert "CANCEL" not in far.methods()


async def test_a_short_patience_does_not_call_silence_ringing(near: Phones, far: Carrier) -> None:
    """And whoever wakes up later is cancelled then."""
    calling = dial(dialler(near, far), patience=5)
    invite = await far.got("INVITE")
    why = await failure(calling)
    before = len(far.all("INVITE"))
    await asyncio.sleep(3)
    far.answer(invite, 180, tag="late")
    await far.got("CANCEL")

    assert why.cause == "unreachable"
    assert len(far.all("INVITE")) == before
