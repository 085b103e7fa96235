"""What a telephone asks of us while it rings, over real sockets, message by message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.dialling.dial import Dialler
from sip.bridge.dialling.early_dialogs import MOST, WhileItRings
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.dialling.carrier import Carrier
from tests.sip.bridge.dialling.dialling import dial, dialler, failure

pytestmark = pytest.mark.virtual_time(alone=True)

RELIABLE = ("Require", "100rel")


class Heard:
    """What a call is told while it rings."""

    def __init__(self) -> None:
        self.rings: list[tuple[int, str]] = []
        self.offers: list[str] = []
        self.keys: list[str] = []
        self.gone: list[str] = []

    def progress(self, response: SipResponse, host: str) -> None:
        to = response.to_addr
        self.rings.append((response.status_code, (to.tag or "") if to else ""))

    def offer(self, transaction: ServerTransaction, dialog: Dialog) -> None:
        self.offers.append(dialog.ends.remote_tag)
        transaction.respond(200, body=b"v=0\r\n")

    def call(self, near: Phones, far: Carrier, login: Login | None = None) -> Dialler:
        made = dialler(near, far, login=login)
        made.while_it_rings = WhileItRings(
            self.progress, self.offer, self.keys.append, self.gone.append
        )
        return made


def asked(
    invite: SipRequest,
    method: str,
    tag: str,
    number: int = 1,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> bytes:
    """A request of the telephone `tag` in the dialog that its ringing made."""
    contact = (invite.get_header("contact") or "").partition("<")[2].partition(">")[0]
    made = SipRequest(method=method, uri=contact)
    to = (invite.get_header("to") or "").strip("<>")
    for name, value in (
        ("Via", f"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{method}{tag}{number};rport"),
        ("Max-Forwards", "70"),
        ("From", f"<{to}>;tag={tag}"),
        ("To", invite.get_header("from") or ""),
        ("Call-ID", invite.call_id or ""),
        ("CSeq", f"{number} {method}"),
        ("Contact", f"<sip:moved-{tag}@127.0.0.1:5062>"),
        *headers,
    ):
        made.headers.append(name, value)
    if body and not any(name == "Content-Type" for name, _ in headers):
        made.headers.set_single("Content-Type", "application/sdp")
    made.body = body
    return bytes(made)


async def codes(far: Carrier, count: int) -> list[int]:
    """Of our answers so far, when there are so many."""
    async with asyncio.timeout(5):
        while len(far.responses) < count:
            await asyncio.sleep(0.01)
    return [response.status_code for response in far.responses]


def ring(invite: SipRequest, far: Carrier, tag: str, number: int, body: bytes = b"") -> None:
    headers = (RELIABLE, ("RSeq", str(number)))
    far.answer(invite, 183, tag=tag, headers=headers, body=body)


async def test_ringing_is_acknowledged_where_its_sender_wants_it(
    near: Phones, far: Carrier
) -> None:
    """Each in its own dialog, by name and number; what was heard is not told twice, and numbers go
    on from there once somebody has answered (RFC 3262 §4)."""
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    far.reacts = lambda request: far.answer(request, 200) if request.method == "PRACK" else None
    ring(invite, far, "a", 9000)
    await far.got("PRACK")
    ring(invite, far, "a", 9000)  # our PRACK was lost
    ring(invite, far, "b", 1)
    await far.got("PRACK", 2)
    ring(invite, far, "a", 9001)
    await far.got("PRACK", 3)
    far.answer(invite, 200, tag="a")
    dialog, _ = await calling
    ack = await far.got("ACK")
    hanging_up = asyncio.create_task(dialog.bye())
    bye = await far.got("BYE")
    far.answer(bye, 200)
    await hanging_up
    racks = [prack.get_header("rack") for prack in far.all("PRACK")]
    numbers = [prack.cseq.seq for prack in far.all("PRACK") if prack.cseq]

    assert "100rel" in str(invite.headers.get("supported"))
    assert racks == ["9000 1 INVITE", "1 1 INVITE", "9001 1 INVITE"]
    assert [prack.uri[:5] for prack in far.all("PRACK")] == ["sip:a", "sip:b", "sip:a"]
    assert numbers == [2, 2, 3]
    assert ack.cseq is not None
    assert bye.cseq is not None
    assert (ack.cseq.seq, bye.cseq.seq) == (1, 4)
    assert heard.rings == [(183, "a"), (183, "b"), (183, "a")]


async def test_ringing_that_comes_before_what_is_missing_waits_for_it(
    near: Phones, far: Carrier
) -> None:
    """It comes again, and so does what was lost."""
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    far.reacts = lambda request: far.answer(request, 200) if request.method == "PRACK" else None
    for number in (5, 7, 6, 7, 5):
        ring(invite, far, "a", number)
        await asyncio.sleep(0.2)
    far.answer(invite, 200, tag="a")
    await calling

    assert [p.get_header("rack") for p in far.all("PRACK")] == [
        f"{number} 1 INVITE" for number in (5, 6, 7)
    ]
    assert len(heard.rings) == 3


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "9" * 400])
async def test_ringing_that_cannot_be_acknowledged_is_heard_all_the_same(
    near: Phones, far: Carrier, number: str
) -> None:
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    far.answer(invite, 183, tag="a", headers=(RELIABLE, ("RSeq", number)))
    await asyncio.sleep(0.2)
    far.answer(invite, 200, tag="a")
    await calling

    assert heard.rings == [(183, "a")]
    assert far.all("PRACK") == []


async def test_an_acknowledgement_is_sent_until_it_is_answered_and_proved(
    near: Phones, far: Carrier
) -> None:
    """A lost one, and a proxy that wants the account's password for it."""
    heard = Heard()
    calling = dial(heard.call(near, far, Login("us", "secret")))
    invite = await far.got("INVITE")
    ring(invite, far, "a", 1)
    first = await far.got("PRACK", 2)  # the first one was lost
    asks = ("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
    far.answer(first, 407, headers=[asks])
    proved = await far.got("PRACK", 3)
    far.answer(proved, 200)
    far.answer(invite, 200, tag="a")
    await calling

    assert proved.get_header("rack") == "1 1 INVITE"
    assert 'username="us"' in (proved.get_header("proxy-authorization") or "")


async def test_each_telephone_may_ask_in_its_own_dialog_while_it_rings(
    near: Phones, far: Carrier
) -> None:
    """UPDATE for a new target, INFO with keys, OPTIONS; those of a third that does not ring are
    nobody's."""
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    for tag in ("a", "b"):
        far.answer(invite, 180, tag=tag)
    await asyncio.sleep(0.1)
    key = (("Content-Type", "application/dtmf-relay"),)
    for count, request in enumerate(
        (
            asked(invite, "UPDATE", "a"),
            asked(invite, "INFO", "b", headers=key, body=b"Signal=5\r\n"),
            asked(invite, "OPTIONS", "a", 2),
            asked(invite, "INFO", "a", 3),
            asked(invite, "UPDATE", "c"),
        ),
        1,
    ):
        far.send(request)
        await codes(far, count)
    far.answer(invite, 200, tag="b")
    dialog, _ = await calling

    assert await codes(far, 5) == [200, 200, 200, 200, 481]
    assert heard.keys == ["5"]
    assert far.responses[0].get_header("contact")
    assert dialog.ends.remote_tag == "b"


async def test_an_offer_while_it_rings_has_to_wait_for_the_answer_to_ours(
    near: Phones, far: Carrier
) -> None:
    """491 until ours has its answer in ringing that we have acknowledged (RFC 3311 §5.2), for each
    telephone on its own; a second INVITE is none at all."""
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    far.reacts = lambda request: far.answer(request, 200) if request.method == "PRACK" else None
    far.answer(invite, 183, tag="a", body=b"v=0\r\n")
    ring(invite, far, "b", 1, b"v=0\r\n")
    await far.got("PRACK")
    for count, request in enumerate(
        (
            asked(invite, "UPDATE", "a", body=b"v=0\r\n"),
            asked(invite, "UPDATE", "b", body=b"v=0\r\n"),
            asked(invite, "INVITE", "b", 2, body=b"v=0\r\n"),
        ),
        1,
    ):
        far.send(request)
        await codes(far, count)
    found = await codes(far, 3)
    far.answer(invite, 200, tag="a")
    dialog, _ = await calling
    dialog.waiting.end(dialog.receive)
    far.send(asked(invite, "UPDATE", "a", 2))
    after = await codes(far, 4)

    assert found == [491, 200, 491]
    assert heard.offers == ["b"]
    assert after[-1] == 488  # of the call that is up, which nobody has taken on yet
    assert not dialog.closed


@pytest.mark.parametrize("how", ["199", "BYE"])
async def test_a_telephone_that_rings_no_more_leaves_the_others_ringing(
    near: Phones, far: Carrier, how: str
) -> None:
    """199 is no sign of ringing (RFC 6228). A BYE is not allowed to it (RFC 3261 §15), and met."""
    heard = Heard()
    calling = dial(heard.call(near, far))
    invite = await far.got("INVITE")
    for tag in ("a", "b"):
        far.answer(invite, 180, tag=tag)
    await asyncio.sleep(0.1)
    if how == "BYE":
        far.send(asked(invite, "BYE", "a"))
    else:
        far.answer(invite, 199, tag="a")
    await asyncio.sleep(0.1)
    far.send(asked(invite, "INFO", "a", 5))
    far.send(asked(invite, "INFO", "b", 5))
    found = await codes(far, 3 if how == "BYE" else 2)
    far.answer(invite, 200, tag="b")
    dialog, _ = await calling

    assert heard.gone == ["a"]
    assert heard.rings == [(180, "a"), (180, "b")]
    assert found[-2:] == [481, 200]
    assert dialog.ends.remote_tag == "b"


async def test_nothing_is_left_of_dialogs_that_nobody_has_answered_in(
    near: Phones, far: Carrier
) -> None:
    """Refused, or given up while it rang; and no more of them are made than are of use."""
    calling = dial(Heard().call(near, far))
    invite = await far.got("INVITE")
    for n in range(MOST + 10):
        far.answer(invite, 180, tag=f"t{n}")
    await asyncio.sleep(0.1)
    while_ringing = near.endpoint.dialogs
    far.answer(invite, 486, tag="t1")
    refused = await failure(calling)
    after = near.endpoint.dialogs
    again = dial(Heard().call(near, far), 1.0)
    second = await far.got("INVITE", 2)
    far.answer(second, 180, tag="x")
    await failure(again)
    await far.got("CANCEL")

    assert while_ringing == MOST
    assert refused.code == 486
    assert (after, near.endpoint.dialogs) == (0, 0)


async def test_who_answers_too_late_is_hung_up_with_the_numbers_of_its_ringing(
    near: Phones, far: Carrier
) -> None:
    """A BYE with a number that a PRACK has used would be refused, and the telephone stay off the
    hook."""
    calling = dial(Heard().call(near, far))
    invite = await far.got("INVITE")
    far.reacts = lambda request: far.answer(request, 200) if request.method != "INVITE" else None
    for tag in ("a", "b"):
        ring(invite, far, tag, 1)
    await far.got("PRACK", 2)
    far.answer(invite, 200, tag="a")
    await calling
    far.answer(invite, 200, tag="b")
    bye = await far.got("BYE")

    assert bye.cseq is not None
    assert bye.cseq.seq == 3
    assert (bye.to_addr.tag if bye.to_addr else "") == "b"
