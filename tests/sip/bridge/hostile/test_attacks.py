"""Attacks on a call that is up, and on the memory of whoever answers."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import replace

import pytest

from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.guard import Limits, Rate
from sip.bridge.transport.peers import Peers
from tests.sip.bridge.hostile.answering import Answering, answering, pour, sender
from tests.sip.bridge.hostile.makers import IN_A_CALL, INVITES, OUTSIDE, addressed
from tests.sip.bridge.hostile.test_amplification import OTHERS, among_strangers, codes, read_off
from tests.sip.bridge.registrar.desk import desk
from tests.sip.bridge.signalling.pair import pair

pytestmark = pytest.mark.virtual_time(alone=True)

USUAL = Limits.of(calls=20, messages=500, octets=1_000_000, stranger_octets=4000)
"""As a leg has them."""

SAVED_UP = 60
SLOW = replace(
    USUAL,
    peer=replace(USUAL.peer, calls=Rate(0.001, SAVED_UP)),
    peers=replace(USUAL.peers, calls=Rate(0.001, SAVED_UP)),
)
"""The same, and however long a test takes no call is added to what was saved up."""

GUESSES = 60


async def asked(leg: Answering, *every: bytes, wait: float = 0.5) -> list[int]:
    with sender() as stranger:
        found: list[bytes] = []
        await pour(leg, every, stranger, lambda: found.extend(read_off(stranger)))
        await asyncio.sleep(wait)
        found.extend(read_off(stranger))
    return codes(found)


async def call_of_a_trunk(leg: Answering) -> Dialog:
    with sender() as trunk:
        trunk.sendto(addressed(INVITES["carrier"], 1, trunk.getsockname()[1]), leg.address)
        await asyncio.sleep(0.1)
    return leg.dialogs[-1]


def guesses(kind: str, dialog: Dialog) -> list[bytes]:
    """Everything right but our tag; and with theirs, and with a longer one."""
    tag = dialog.ends.local_tag
    tags = [secrets.token_hex(6) for _ in range(GUESSES)]
    tags += [dialog.ends.remote_tag, tag[:-1], tag + "0", tag.upper() + "x", f"{tag} "[:-2]]
    call = dialog.ends.call_id
    return [
        addressed(IN_A_CALL[kind], 100 + number, 5070, call=call, tag=guess)
        for number, guess in enumerate(tags)
    ]


@pytest.mark.parametrize("kind", ["bye", "reinvite", "update", "key", "refer", "notify", "prack"])
async def test_a_guessed_tag_reaches_no_call(kind: str) -> None:
    """Whoever knows the Call-ID and the caller's tag does not know ours."""
    async with answering() as leg:
        dialog = await call_of_a_trunk(leg)
        leg.seen.clear()
        found = await asked(leg, *guesses(kind, dialog))
        closed = dialog.closed

    assert not closed
    assert leg.seen == set()
    assert set(found) <= {400, 481}
    assert leg.problems == []


async def test_a_cancel_with_another_branch_takes_nothing_back() -> None:
    """Nor one that names another sender, or another number."""
    async with pair() as between:
        _, served = await between.invite()
        taken_back: list[bool] = []
        served.on_cancel = lambda: taken_back.append(True)
        via = served.request.headers("via")[0]
        branch = served.request.via.branch or ""
        lines = bytes(served.request.raw).replace(b"INVITE", b"CANCEL")
        with sender() as stranger:
            for forged in (
                lines.replace(branch.encode(), b"z9hG4bKguess"),
                lines.replace(
                    via.encode(), b"SIP/2.0/UDP 127.0.0.66:5060;branch=" + branch.encode()
                ),
                lines.replace(served.request.call_id.encode(), b"another"),
            ):
                stranger.sendto(forged, between.far.transport.address)
                await asyncio.sleep(0.1)

        assert taken_back == []


async def test_thousands_of_invites_with_one_branch_are_one() -> None:
    """A retransmission costs no memory; those of other calls are counted as calls."""
    async with answering(SLOW) as leg:
        same = [addressed(INVITES["desk telephone"], 1, 5070)] * 900
        await asked(leg, *same)
        one = len(leg.dialogs)
        others = [
            addressed(INVITES["desk telephone"], number, 5070).replace(
                b"z9hG4bK%d" % number, b"z9hG4bK1"
            )
            for number in range(2, 900)
        ]
        await asked(leg, *others)
        opened = leg.endpoint.transactions

    assert one == 1
    assert opened <= SAVED_UP
    assert leg.problems == []


async def test_huge_tags_are_kept_by_nobody() -> None:
    """A stranger's answer is no longer than what came, and nothing stays."""
    async with among_strangers() as leg:
        every = [
            addressed(raw, number, 5070, tag="t" * 9000)
            for number, raw in enumerate(IN_A_CALL.values())
            if b"{tag}" in raw
        ]
        found = await asked(leg, *every)
        kept = leg.endpoint.transactions

    assert set(found) == {481}
    assert kept <= 1  # an INVITE waits for its ACK
    assert leg.problems == []


async def test_a_flood_of_registers_fills_no_memory() -> None:
    """Of a stranger, within its rate: each is forgotten after 64·T1."""
    raw = OUTSIDE["register"]
    async with answering(USUAL, Peers(lambda: OTHERS)) as leg:
        for number in range(0, 2000, 100):
            await asked(leg, *(addressed(raw, number + n, 5070) for n in range(100)), wait=0.05)
        during = leg.endpoint.transactions
        await asyncio.sleep(2 * TIMEOUT)
        after = leg.endpoint.transactions

    assert during < 1000  # of 2,000
    assert after == 0
    assert leg.problems == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.66"])
@pytest.mark.parametrize("changed", [("CSeq", "9 REGISTER"), ("Call-ID", "another"), ("X", "y")])
async def test_a_proof_that_was_heard_on_the_way_is_worth_nothing(
    host: str, changed: tuple[str, str]
) -> None:
    """Sent again as it was, under another number or another call, from anywhere."""
    async with answering() as leg, desk(leg.address) as ann, desk(leg.address, host) as thief:
        first = await ann.ask((ann.contact,), {})
        proof = ann.proof(first)
        good = await ann.ask((ann.contact,), {}, (proof,))
        thief.call_id, thief.cseq = ann.call_id, ann.cseq
        replayed = await thief.ask((thief.contact,), {changed[0]: changed[1]}, (proof,))

    assert (good.status_code, replayed.status_code) == (200, 401)


async def test_who_says_goodbye_a_thousand_times_is_told_481() -> None:
    """And pays for it with its own rate: a trunk's call goes on."""
    async with answering(USUAL, Peers(lambda: None)) as leg:
        dialog = await call_of_a_trunk(leg)
        every = [
            addressed(IN_A_CALL["bye"], number, 5070, call=f"c{number}", tag="x")
            for number in range(1000)
        ]
        found = Counter(await asked(leg, *every))

    assert set(found) == {481}
    assert not dialog.closed
