"""Session timers while a call is up (RFC 4028)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiosipua.message import SipResponse

from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_refresh import SessionRefresh
from sip.bridge.signalling.session_timer import IntervalTooSmallError, SessionTimer
from tests.sip.bridge.signalling.pair import SOON, pair

pytestmark = pytest.mark.virtual_time(alone=True)

SAID = b"v=0\r\n"
AGREES = [("Session-Expires", "100;refresher=uac")]


async def nothing(response: SipResponse) -> None:
    """What they say of their sound is the same."""


@dataclass
class Line:
    """A session of ours, and a phone that gives `answers` to its refreshes, and then 200."""

    session: SessionRefresh
    answers: list[tuple[int, Headers]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def answer(self, transaction: ServerTransaction) -> None:
        self.asked.append(transaction.request)
        code, headers = self.answers.pop(0) if self.answers else (200, AGREES)
        transaction.respond(code, headers=headers)

    async def alive_after(self, seconds: float) -> bool:
        """Looked at as often as a call does."""
        for _ in range(round(seconds * 2)):
            if not await self.session.keep_alive():
                return False
            await asyncio.sleep(0.5)
        return True


@contextlib.asynccontextmanager
async def line(allows: str = "INVITE, BYE", *, we_refresh: bool = True) -> AsyncIterator[Line]:
    async with pair() as between:
        ours, theirs = await between.call(answer=[("Allow", allows)])
        made = Line(SessionRefresh(ours, lambda: SAID, nothing))
        made.session.timer = SessionTimer(100, we_refresh=we_refresh)
        theirs.handlers.offer = made.answer
        yield made
        made.session.close()


@pytest.mark.parametrize(
    ("allows", "method", "body"),
    [("INVITE, BYE", "INVITE", SAID), ("INVITE,Update ,BYE", "UPDATE", b"")],
)
async def test_a_refresh_is_an_update_where_the_phone_takes_one(
    allows: str, method: str, body: bytes
) -> None:
    """Else an INVITE with the description of before; at half the interval, each time."""
    async with line(allows) as phone:
        alive = await phone.alive_after(120)

    assert alive
    assert [(request.method, request.body) for request in phone.asked] == [(method, body)] * 2
    assert phone.asked[0].header("session-expires") == "100;refresher=uac"
    assert phone.asked[0].header("supported") == "timer"


@pytest.mark.parametrize("code", [405, 501])
async def test_a_phone_that_takes_no_update_after_all_gets_an_invite(code: int) -> None:
    async with line("UPDATE") as phone:
        phone.answers = [(code, ())]
        alive = await phone.alive_after(120)

    assert alive
    assert [request.method for request in phone.asked] == ["UPDATE", "INVITE", "INVITE"]


async def test_a_longer_interval_that_is_asked_for_is_kept_to() -> None:
    """422 names it, and Min-SE repeats it from then on (RFC 4028 §7.4)."""
    async with line() as phone:
        longer = [("Session-Expires", "400;refresher=uac")]
        phone.answers = [(422, [("Min-SE", "400 ;x=y")]), (200, longer), (200, longer)]
        await phone.alive_after(500)

    sent = [(r.header("session-expires"), r.header("min-se")) for r in phone.asked]
    assert sent[0] == ("100;refresher=uac", None)
    assert sent[1:] == [("400;refresher=uac", "400")] * 3


async def test_a_phone_that_takes_over_refreshes_from_then_on() -> None:
    """We wait, and hang up a little before the end if nothing comes (RFC 4028 §10)."""
    async with line() as phone:
        phone.answers = [(200, [("Session-Expires", "60;refresher=uas")])]
        before = await phone.alive_after(50 + 38)
        after = await phone.alive_after(8)

    assert before
    assert not after
    assert len(phone.asked) == 1


@pytest.mark.parametrize("code", [488, 403, 603, 405])
async def test_a_phone_that_refuses_a_refresh_is_there_all_the_same(code: int) -> None:
    async with line() as phone:
        phone.answers = [(code, ())] * 9
        alive = await phone.alive_after(300)

    assert alive
    assert len(phone.asked) > 3


@pytest.mark.parametrize("code", [481, 408])
async def test_a_phone_that_knows_of_no_call_has_none(code: int) -> None:
    async with line() as phone:
        phone.answers = [(code, ())]
        alive = await phone.alive_after(60)

    assert not alive


@pytest.mark.parametrize("refusal", [(491, ()), (500, [("Retry-After", "4")])])
async def test_a_refresh_that_comes_at_a_bad_time_comes_again(refusal: tuple[int, Headers]) -> None:
    async with line() as phone:
        phone.answers = [refusal]
        alive = await phone.alive_after(60)

    assert alive
    assert len(phone.asked) == 2


async def test_a_200_without_an_interval_ends_the_timer() -> None:
    async with line() as phone:
        phone.answers = [(200, ())]
        alive = await phone.alive_after(1000)

    assert alive
    assert len(phone.asked) == 1
    assert phone.session.timer is None


@pytest.mark.parametrize(
    ("headers", "timer"),
    [
        ((), None),
        ((("x", "300"), ("k", "timer")), SessionTimer(300, we_refresh=False)),
        ((("x", "300;refresher=uas"), ("k", "a, timer")), SessionTimer(300, we_refresh=True)),
        ((("Require", "timer"), ("x", "300")), SessionTimer(300, we_refresh=False)),
        ((("Session-Expires", "300"),), SessionTimer(300, we_refresh=True)),
        ((("Session-Expires", "20"),), SessionTimer(90, we_refresh=True)),
    ],
)
async def test_each_refresh_of_theirs_agrees_anew(
    headers: Headers, timer: SessionTimer | None
) -> None:
    """Without an interval there is none any more; a phone that knows no timers is never told that
    its interval is too small, for it would not know what to do: it is made longer."""
    async with pair() as between:
        ours, theirs = await between.call()
        session = SessionRefresh(theirs, lambda: SAID, nothing)
        session.timer = SessionTimer(100, we_refresh=False)
        theirs.handlers.offer = lambda asked: (
            session.agree(session.asked(asked.request)),
            asked.respond(200),
        )
        await ours.send("UPDATE", headers=headers)
        await asyncio.sleep(SOON)

    assert session.timer == timer


async def test_an_interval_that_is_too_small_is_refused_with_the_least() -> None:
    async with pair() as between:
        _, theirs = await between.call()
        session = SessionRefresh(theirs, lambda: SAID, nothing)
        _, served = await between.invite([("Supported", "timer"), ("Session-Expires", "89")])

        with pytest.raises(IntervalTooSmallError):
            session.asked(served.request)
