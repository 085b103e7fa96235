"""What becomes of what we ask within a call and is not answered at once."""

from __future__ import annotations

import pytest

from sip.bridge.signalling.digest import Challenger, Login, Verdict
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.signalling.pair import Answers, pair

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "REFER", "NOTIFY"])
async def test_whatever_we_ask_is_asked_again_with_the_login(method: str) -> None:
    """A carrier may want it for each request, not only for the call."""
    login, challenger = Login("us", "secret", "carrier"), Challenger()

    def guarded(transaction: ServerTransaction) -> None:
        request = transaction.request
        given, call_id = request.header("proxy-authorization"), request.call_id
        verdict = challenger.verify(login, given, method=method, call_id=call_id)
        if verdict is Verdict.RIGHT:
            transaction.respond(200)
        else:
            challenge = challenger.challenge(login, call_id)
            transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])

    async with pair() as between:
        ours, theirs = await between.call()
        ours.login = Login("us", "secret")
        for name in ("offer", "info", "refer", "notify"):
            setattr(theirs.handlers, name, guarded)
        response = await ours.send(method)

    assert response is not None
    assert response.status_code == 200


@pytest.mark.parametrize("login", [None, Login("us", "wrong", "carrier")])
async def test_who_has_no_login_that_fits_is_not_asked_for_ever(login: Login | None) -> None:
    challenge = ("WWW-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"')
    guarded = Answers(*[(401, [challenge])] * 9)
    async with pair() as between:
        ours, theirs = await between.call()
        ours.login = login
        theirs.handlers.info = guarded
        response = await ours.send("INFO")

    assert response is not None
    assert response.status_code == 401
    assert len(guarded.asked) == (1 if login is None else 2)


@pytest.mark.parametrize(
    ("method", "refusal"),
    [
        ("INVITE", (491, ())),
        ("UPDATE", (491, ())),
        ("INVITE", (500, [("Retry-After", "3")])),
        ("INFO", (503, [("Retry-After", "2 (in a moment)")])),
        ("REFER", (500, [("Retry-After", "0;duration=60")])),
    ],
)
async def test_what_is_refused_for_now_is_asked_again(
    method: str, refusal: tuple[int, Headers]
) -> None:
    """Each try with a number of its own (RFC 3261 §14.1, §21.5.1, §21.5.4)."""
    answers = Answers(refusal, refusal)
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.offer = theirs.handlers.info = theirs.handlers.refer = answers
        response = await ours.send(method)

    assert response is not None
    assert response.status_code == 200
    assert answers.numbers == [2, 3, 4]


@pytest.mark.parametrize(
    ("method", "refusal"),
    [
        ("INFO", (491, ())),
        ("INVITE", (488, ())),
        ("INVITE", (503, ())),
        ("UPDATE", (500, [("Retry-After", "120")])),
    ],
)
async def test_what_is_refused_is_not_asked_again(
    method: str, refusal: tuple[int, Headers]
) -> None:
    answers = Answers(refusal)
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.offer = theirs.handlers.info = answers
        response = await ours.send(method)

    assert response is not None
    assert response.status_code == refusal[0]
    assert len(answers.asked) == 1


async def test_nobody_asks_without_end() -> None:
    answers = Answers(*[(500, [("Retry-After", "0")])] * 50)
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.info = answers
        response = await ours.send("INFO")

    assert response is not None
    assert response.status_code == 500
    assert len(answers.asked) < 10


async def test_no_answer_is_none() -> None:
    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.info = lambda transaction: None
        response = await ours.send("INFO")

    assert response is None


async def test_a_login_is_looked_for_when_somebody_wants_one() -> None:
    """And then kept."""
    challenge = ("WWW-Authenticate", 'Digest realm="carrier", nonce="n", qop="auth"')
    guarded = Answers((401, [challenge]), (200, ()), (401, [challenge]), (200, ()))
    sought: list[str] = []

    async def find() -> Login:
        sought.append("login")
        return Login("us", "secret")

    async with pair() as between:
        ours, theirs = await between.call()
        theirs.handlers.info = guarded
        ours.find_login = find
        await ours.send("INFO")
        second = await ours.send("INFO")

    assert second is not None
    assert second.status_code == 200
    assert sought == ["login"]
    assert "us" in (guarded.asked[1].header("authorization") or "")
