"""Answers of a carrier that were good once: a call of ours comes to an end, and nothing escapes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.dialling.failure import NotAnsweredError, printable
from sip.bridge.dialling.redirect import contacts
from sip.bridge.registration.granted import granted
from sip.bridge.sdp.bodies import BodyError, description_in
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.again import retry_after
from sip.bridge.signalling.dialogs.proofs import Proofs
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.message import new_tag, response
from sip.bridge.signalling.reading.parse import parse
from sip.bridge.signalling.session_timer import as_client, minimum
from tests.sip.bridge.hostile.answering import Answering, answering, sender
from tests.sip.bridge.hostile.makers import EXCHANGE
from tests.sip.bridge.hostile.mutation import OF_TEXT, SEED, mutated, with_length

pytestmark = pytest.mark.virtual_time(alone=True)

CALLS = 800
SESSION = ("Session-Expires", "90;refresher=uas")
KINDS: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (100, (("Timestamp", "54 0.1"),)),
    (180, (("Require", "100rel"), ("RSeq", "7"), ("Contact", "<sip:b@127.0.0.1:9>"))),
    (183, (("Contact", "<sip:b@127.0.0.1:9;transport=tcp>"), ("P-Early-Media", "sendrecv"))),
    (200, (("Contact", '"B" <sip:b@127.0.0.1:9;x=y>'), ("Record-Route", "<sip:p;lr>"), SESSION)),
    (200, (("Record-Route", "<sip:127.0.0.1:9>"), ("Allow", "INVITE, UPDATE, BYE"))),
    (302, (("Contact", "<sip:c@127.0.0.1>;q=0.7, tel:+49891;q=.1, <sips:d@x:99999?a=b>"),)),
    (401, (("WWW-Authenticate", 'Digest realm="x", nonce="1", algorithm=MD5, qop="auth"'),)),
    (
        407,
        (
            (
                "Proxy-Authenticate",
                'Digest realm="a,b\\"", nonce="1", algorithm=SHA-256, opaque="c"',
            ),
        ),
    ),
    (422, (("Min-SE", "120"),)),
    (486, (("Reason", 'Q.850;cause=17;text="User busy"'), ("Warning", '399 x "no, \\"really\\""'))),
    (500, (("Retry-After", "1 (soon);duration=5"),)),
    (503, (("Retry-After", "18446744073709551616"),)),
)


def invite(leg: Answering, to: tuple[str, int]) -> SipRequest:
    flow = leg.endpoint.transport.udp_flow(to)
    made = SipRequest(method="INVITE", uri=f"sip:b@{to[0]}:{to[1]}")
    made.headers.append("Via", leg.endpoint.via(flow))
    for name, value in (
        ("Max-Forwards", "70"),
        ("From", f"<sip:a@x>;tag={new_tag()}"),
        ("To", "<sip:b@x>"),
        ("Call-ID", new_tag()),
        ("CSeq", "1 INVITE"),
        ("Contact", leg.endpoint.contact(flow)),
    ):
        made.headers.set_single(name, value)
    return made


def answer_to(asked: bytes, chance: random.Random) -> bytes:
    """Of one of the kinds, changed, but mostly so that it still finds its request."""
    code, headers = chance.choice(KINDS)
    raw = parse(asked)
    assert isinstance(raw, SipRequest)
    made = response(raw, code, "Words", to_tag="theirs")
    for name, value in headers:
        made.headers.append(name, value)
    if code in (183, 200):
        made.headers.append("Content-Type", "application/sdp")
        made.body = EXCHANGE.encode()
    whole = bytes(made)
    head, _, rest = whole.partition(b"\r\nFrom:")
    changed = head + b"\r\nFrom:" + mutated((rest,), chance, OF_TEXT)
    return with_length(changed) if chance.random() < 0.7 else changed


def read_by_whoever_dials(asked: ClientTransaction, found: SipResponse, leg: Answering) -> None:
    login = Login("u", "secret")
    Proofs().add(login, found, "INVITE", asked.request.uri)
    contacts(found)
    retry_after(found)
    granted(found, "<sip:a@127.0.0.1>", 300)
    as_client(found.get_header("session-expires"))
    minimum(found.get_header("min-se"))
    printable(found.reason_phrase)
    with contextlib.suppress(BodyError):
        description_in(found)
    if found.status_code >= 300:
        NotAnsweredError.refused(found)
    elif found.status_code >= 180:
        dialog = Dialog.calling(leg.endpoint, asked, found)
        if found.status_code >= 200:
            dialog.acknowledge()
        dialog.close()


async def test_a_call_out_ends_whatever_it_is_answered() -> None:
    chance, codes = random.Random(SEED), Counter[int]()
    async with answering() as leg:
        with sender() as carrier:
            to = carrier.getsockname()
            for _ in range(CALLS):
                asked = leg.endpoint.send(invite(leg, to), leg.endpoint.transport.udp_flow(to))
                await asyncio.sleep(0)
                raw = carrier.recv(65535)
                for _ in range(chance.randrange(1, 5)):
                    carrier.sendto(answer_to(raw, chance), leg.address)
                await asyncio.sleep(0.001)
                for found in asked.unread():
                    codes[found.status_code] += 1
                    read_by_whoever_dials(asked, found, leg)
                asked.close()
                while True:
                    try:
                        carrier.recv(65535)
                    except BlockingIOError:
                        break
        left = leg.endpoint.transactions
        dialogs = leg.endpoint.dialogs

    assert leg.problems == []
    assert (left, dialogs) == (0, 0)
    assert {100, 180, 200, 302, 401, 407, 486, 503} <= codes.keys()
