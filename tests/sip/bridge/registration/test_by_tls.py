"""Accounts by TLS: whom we register with, what is said where that fails, and calls both ways by
the one connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiosipua.message import SipRequest

from dialplans.language.load import load_text
from dialplans.process.tls_files import TlsFiles
from sip.bridge.registration.account import account_of
from sip.bridge.registration.registrations import Registrations
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.flow import Flow
from sip.bridge.transport.tls import Certificates
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.registration.account import registered, until
from tests.sip.bridge.registration.registrar import Registrar, refusing, registrar, wants_login

HERE = "127.0.0.1"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextlib.asynccontextmanager
async def ours_by_tls(authority: Authority) -> AsyncIterator[Phones]:
    """It believes the authority, and listens for no TLS itself, as most that register."""
    certificates = Certificates(TlsFiles(None, "", "", "", authority.file))
    async with phones(certificates=certificates) as made:
        yield made


@contextlib.asynccontextmanager
async def server(authority: Authority, *hosts: str, **how: object) -> AsyncIterator[Registrar]:
    files = TlsFiles(f"{HERE}:0", *authority.issue("server", *(hosts or ("localhost",))))
    async with registrar(certificates=Certificates(files), **how) as there:
        yield there


async def test_an_account_is_registered_by_tls_and_says_goodbye(authority: Authority) -> None:
    """By a connection that the server can name us by when we have made it anew."""
    async with ours_by_tls(authority) as ours, server(authority) as there:
        there.usual = wants_login("switchboard", "secret")
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.registered)
            first = len(there.asked)
            there.hang_up()
            await until(lambda: len(there.asked) > first and kept.registered)
            state = kept.state
    contacts = [request.get_header("contact") or "" for request in there.asked]
    instances = {contact.partition("+sip.instance=")[2] for contact in contacts}

    assert state.error == ""
    assert {flow.name for flow in there.flows} == {"TLS"}
    assert all("transport=tls" in contact and ";reg-id=1" in contact for contact in contacts)
    assert len(instances) == 1
    assert instances.pop().startswith('"<urn:uuid:')
    assert all("outbound" in str(r.headers.get("supported")) for r in there.asked)
    assert there.expires[-1] == "0"


@pytest.mark.parametrize(
    ("hosts", "believed", "why"),
    [
        (("other.example",), True, "Hostname mismatch"),
        (("127.0.0.9",), True, "Hostname mismatch"),
        (("localhost",), False, "unable to get local issuer"),
    ],
    ids=["another name", "another address", "an unknown authority"],
)
async def test_a_server_that_is_not_the_one_is_told_nothing(
    authority: Authority, tmp_path: Path, hosts: tuple[str, ...], believed: bool, why: str
) -> None:
    """And `status` has one sentence for it."""
    own = authority if believed else Authority(tmp_path, "unknown")
    async with ours_by_tls(own) as ours, server(authority, *hosts) as there:
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.error)
            error = kept.error

    assert there.asked == []
    assert error.startswith(f"no connection to {HERE}:{there.tls_port} (TLS): ")
    assert why in error
    assert "\n" not in error


async def test_nobody_listens_for_tls_there(authority: Authority) -> None:
    async with (
        ours_by_tls(authority) as ours,
        registrar() as plain,
        registered(ours, plain.server, transport="tls") as kept,
    ):
        await until(lambda: kept.error)

    assert "(TLS)" in kept.error
    assert plain.asked == []


async def test_who_does_not_keep_connections_is_asked_without(authority: Authority) -> None:
    """439 First Hop Lacks Outbound Support (RFC 5626 §11.5)."""
    async with ours_by_tls(authority) as ours, server(authority) as there:
        there.script = [refusing(439)]
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.registered)

    assert "reg-id" in (there.asked[0].get_header("contact") or "")
    assert "reg-id" not in (there.asked[1].get_header("contact") or "")
    assert "outbound" not in str(there.asked[1].headers.get("supported"))


async def test_accounts_at_one_server_share_a_connection_and_all_notice_its_end(
    authority: Authority,
) -> None:
    async with ours_by_tls(authority) as ours, server(authority) as there:
        where = f"localhost:{there.tls_port}"
        async with (
            registered(ours, where, transport="tls") as one,
            registered(ours, where, transport="tls", user="other") as other,
        ):
            await until(lambda: one.registered and other.registered)
            shared = one.connection
            before = len(there.asked)
            assert shared is other.connection
            there.hang_up()
            await until(lambda: len(there.asked) >= before + 2)

    users = {request.get_header("to") for request in there.asked[before : before + 2]}
    assert len(users) == 2


async def test_a_call_of_the_server_comes_by_the_connection_of_the_account(
    authority: Authority,
) -> None:
    """There is no listener that it could come by."""
    came: list[tuple[str, Flow]] = []

    def invited(transaction: ServerTransaction) -> None:
        came.append((transaction.request.uri, transaction.flow))
        transaction.respond(486)

    async with ours_by_tls(authority) as ours, server(authority) as there:
        ours.endpoint.on_invite = invited
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.registered)
            contact = (there.asked[-1].get_header("contact") or "").partition(">")[0][1:]
            there.usual = lambda request: None
            invite = SipRequest(method="INVITE", uri=contact)
            for name, value in (
                ("Via", f"SIP/2.0/TLS {where};branch=z9hG4bKone"),
                ("Max-Forwards", "70"),
                ("From", f"<sip:+4930123@{where}>;tag=one"),
                ("To", f"<sip:switchboard@{where}>"),
                ("Call-ID", "one"),
                ("CSeq", "1 INVITE"),
                ("Contact", f"<sip:server@{where};transport=tls>"),
            ):
                invite.headers.append(name, value)
            there.flows[-1].send(bytes(invite))
            await until(lambda: came)
            same = came[0][1] is kept.connection

    assert same
    assert came[0][0] == contact


async def test_calls_out_go_by_the_connection_too(authority: Authority) -> None:
    """To the name that the certificate is for, and by 5061 where the plan names no port."""
    text = """
version: 1
timezone: Europe/Berlin
trunks: {box: {transport: tls, register: {server: "SERVER", user: us, password: "env:BOX"}}}
numbers: {"+498920001000": {trunk: box, language: en, route: all}}
routes: {all: [{do: {voicemail: box}}]}
voicemail: {box: {max: 60s}}
"""
    async with ours_by_tls(authority) as ours, server(authority) as there:
        where = f"localhost:{there.tls_port}"
        loaded = load_text(text.replace("SERVER", where))
        assert loaded.plan is not None, loaded.report()
        kept = Registrations(ours.endpoint, {"BOX": "secret"})
        kept.follow(loaded.plan)
        kept.start()
        await until(lambda: kept.report()["box"]["registered"])
        way = kept.way_out(where, "us")
        await kept.aclose()
    plan = load_text(text.replace("SERVER", "sip.example")).plan
    assert plan is not None

    assert way is not None
    assert way.hop == ("localhost", there.tls_port)
    assert way.flow is not None
    assert (way.flow.name, way.flow.peer) == ("TLS", (HERE, there.tls_port))
    assert account_of("box", plan.trunks["box"], {"BOX": "x"}).hop == ("sip.example", 5061)


async def test_the_connection_is_kept_open_as_the_server_wants_it(authority: Authority) -> None:
    """From the moment it says so (Flow-Timer, RFC 5626 §4.4.1): an empty line, and its answer."""
    async with ours_by_tls(authority) as ours, server(authority) as there:
        there.extra = [("Flow-Timer", "1")]
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.registered)
            (end,) = there.transport._tls.open  # type: ignore[union-attr]
            pings = 0
            count = end.send

            def counted(data: bytes, to: tuple[str, int]) -> None:
                nonlocal pings
                pings += data == b"\r\n"
                count(data, to)

            end.send = counted  # type: ignore[method-assign]
            await until(lambda: pings >= 2)
            still = kept.connection is not None

    assert still


async def test_a_dead_connection_is_given_up_by_the_system(authority: Authority) -> None:
    """Nobody acknowledges anything any more: half a minute later it has ended."""
    import socket

    async with ours_by_tls(authority) as ours, server(authority) as there:
        where = f"localhost:{there.tls_port}"
        async with registered(ours, where, transport="tls") as kept:
            await until(lambda: kept.registered)
            assert kept.connection is not None
            (connection,) = ours.endpoint.transport._tls.open  # type: ignore[union-attr]
            bound = connection._transport.get_extra_info("socket")  # type: ignore[union-attr]
            waits = bound.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert waits == 30_000
    await asyncio.sleep(0)
