"""A registrar that asks who we are, wants it otherwise, or does not answer at all."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from tests.sip.bridge.caller import Phones
from tests.sip.bridge.registration.account import registered, until
from tests.sip.bridge.registration.registrar import (
    refusing,
    registrar,
    silent,
    wants_login,
)

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.mark.parametrize("algorithms", [("MD5",), ("SHA-256",), ("SHA-512-256", "SHA-256", "MD5")])
@pytest.mark.parametrize("proxy", [False, True])
async def test_a_challenge_is_answered(
    ours: Phones, algorithms: tuple[str, ...], proxy: bool
) -> None:
    """By the first of the offered ways that we know, under the name that goes with the password."""
    usual = wants_login("zugang@home", "secret", algorithms=algorithms, proxy=proxy)
    async with (
        registrar(usual=usual) as there,
        registered(ours, there.server, login="zugang@home") as kept,
    ):
        await until(lambda: kept.registered)
    known = next(name for name in algorithms if name in ("MD5", "SHA-256"))
    header = "proxy-authorization" if proxy else "authorization"

    assert f"algorithm={known}" in (there.asked[1].get_header(header) or "")
    assert there.asked[1].get_header("to") == "<sip:switchboard@127.0.0.1>"


async def test_a_proxy_and_the_registrar_may_both_ask(ours: Phones) -> None:
    """The second request is still without an answer to the registrar, the third has both."""
    proxy = wants_login("switchboard", "secret", proxy=True)
    own = wants_login("switchboard", "secret")
    script = [proxy, own, own]
    async with registrar(script=script) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        last = there.asked[2]

    assert last.get_header("proxy-authorization")
    assert last.get_header("authorization")


async def test_a_nonce_that_is_too_old_is_not_a_wrong_password(ours: Phones) -> None:
    def challenge(nonce: str, stale: bool) -> Any:
        more = ", stale=TRUE" if stale else ""
        value = f'Digest realm="home", nonce="{nonce}"{more}'
        return refusing(401, WWW_Authenticate=value)

    script = [challenge("one", False), challenge("two", True)]
    async with registrar(script=script) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)

    assert 'nonce="two"' in (there.asked[2].get_header("authorization") or "")


async def test_a_wrong_password_is_said_and_not_tried_again_and_again(ours: Phones) -> None:
    """Boxes at home lock out who does."""
    usual = wants_login("switchboard", "another")
    async with registrar(usual=usual) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.error)
        first = len(there.asked)
        await asyncio.sleep(140)

        assert len(there.asked) == first == 2
        assert not kept.registered
        assert kept.state.error == f"{there.server} does not accept the password of switchboard"
        assert "secret" not in repr(kept.state)


async def test_a_longer_time_is_asked_for_where_the_server_wants_it(ours: Phones) -> None:
    """423 with Min-Expires (§10.2.8)."""
    script = [refusing(423, Min_Expires="3600")]
    async with registrar(script=script) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)

        assert there.expires == ["600", "3600"]


@pytest.mark.parametrize("least", ["", "nonsense", "10", "99999999999999999999"])
async def test_a_423_that_asks_for_nothing_sensible_is_an_error(ours: Phones, least: str) -> None:
    usual = refusing(423, Min_Expires=least)
    async with registrar(usual=usual) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.error)

        assert len(there.asked) == 1
        assert "423" in kept.error


async def test_waits_between_failures_grow(ours: Phones) -> None:
    """RFC 5626 §4.5, so that a server that comes back is not overrun, and found again all the
    same within minutes."""
    loop = asyncio.get_running_loop()
    times: list[float] = []

    def failing(request: object) -> Any:
        times.append(loop.time())
        return 500, []

    async with registrar(usual=failing) as there, registered(ours, there.server) as kept:
        await until(lambda: len(times) == 9)
        there.usual = None
        await until(lambda: kept.registered)
    waits = [late - early for early, late in itertools.pairwise(times)]

    assert 5 <= waits[0] <= 10.5
    assert all(wait <= 301 for wait in waits)
    assert waits[-1] >= 150
    assert kept.error == ""


async def test_a_server_that_says_when_is_not_asked_before(ours: Phones) -> None:
    script = [refusing(503, Retry_After="120 (maintenance);duration=60")]
    async with registrar(script=script) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.error)
        await asyncio.sleep(115)

        assert len(there.asked) == 1
        await until(lambda: kept.registered)


async def test_nobody_there_is_an_error_and_what_was_granted_still_counts(ours: Phones) -> None:
    """A refresh that is lost leaves the old binding until its time is over."""
    async with registrar() as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        there.usual = silent
        await until(lambda: kept.error)
        still = kept.registered
        await asyncio.sleep(120)

        assert still
        assert not kept.registered
        assert kept.error == f"nobody answers at {there.server} (UDP)"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("no-such-host.invalid", "the name no-such-host.invalid leads to no address"),
        (f"{'a' * 70}.example", f"the name {'a' * 70}.example leads to no address"),
    ],
)
async def test_a_name_that_leads_nowhere_is_an_error(ours: Phones, server: str, said: str) -> None:
    async with registered(ours, server) as kept:
        await until(lambda: kept.error)

        assert kept.error == said


async def test_a_server_that_keeps_nothing_has_not_registered_us(ours: Phones) -> None:
    def keeps_nothing(request: Any) -> Any:
        return 200, [("Contact", f"{request.get_header('contact').partition(';')[0]};expires=0")]

    async with registrar(usual=keeps_nothing) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.error)

        assert not kept.registered
