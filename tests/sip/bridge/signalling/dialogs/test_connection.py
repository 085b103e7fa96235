"""A call over TCP whose connection is gone (RFC 3261 §18.1.1)."""

from __future__ import annotations

import asyncio
import socket

import pytest

from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.route import Route
from tests.sip.bridge.signalling.pair import SOON, Pair, pair


async def until(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def cut(between: Pair, *dialogs: Dialog) -> None:
    """The connection is closed by whoever called, as a proxy does with an idle one."""
    for connection in tuple(between.near.transport._connections.open):
        connection.close()
    await until(lambda: all(dialog.flow.closed for dialog in dialogs))


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE"])
async def test_what_we_ask_goes_over_a_new_connection_to_the_contact(method: str) -> None:
    async with pair(tcp=True) as between:
        ours, theirs = await between.call()
        await cut(between, ours, theirs)
        heard: list[str] = []
        ours.handlers.bye = lambda: heard.append("BYE")
        ours.handlers.info = ours.handlers.offer = lambda asked: (
            heard.append(asked.request.method),
            asked.respond(200),
        )
        if method == "BYE":
            await theirs.bye()
        else:
            await theirs.send(method)

    assert heard == [method]
    assert theirs.flow.reliable


async def test_each_side_may_connect_again_and_is_answered_there() -> None:
    """The caller comes back over a connection of its own: ours go over that one."""
    async with pair(tcp=True) as between:
        ours, theirs = await between.call()
        await cut(between, ours, theirs)
        over = asyncio.Event()
        ours.handlers.bye = over.set
        options = await ours.send("OPTIONS")
        connections = between.far.transport.connections
        await theirs.bye()

    assert options is not None
    assert options.status_code == 200
    assert over.is_set()
    assert connections == 1


async def test_a_name_is_looked_up_and_every_address_tried() -> None:
    async with pair(tcp=True) as between:
        ours, theirs = await between.call()
        port = between.near.transport.address[1]
        theirs.route = Route(f"sip:near@localhost:{port};transport=tcp")
        await cut(between, ours, theirs)
        over = asyncio.Event()
        ours.handlers.bye = over.set
        await theirs.bye()

    assert over.is_set()


@pytest.mark.parametrize("target", ["sip:near@127.0.0.1:{}", "sip:near@nobody.invalid:{}"])
async def test_where_nobody_listens_there_is_no_answer(target: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with pair(tcp=True) as between:
            ours, theirs = await between.call()
            theirs.route = Route(target.format(nobody.getsockname()[1]))
            await cut(between, ours, theirs)

            assert await theirs.send("INFO") is None


async def test_a_connection_that_breaks_under_a_request_is_made_again() -> None:
    """The telephone's end is gone without a word: what was sent into it is sent again."""
    async with pair(tcp=True) as between:
        ours, theirs = await between.call()
        ours.handlers.info = lambda asked: None
        asking = asyncio.create_task(theirs.send("INFO"))
        await asyncio.sleep(SOON)
        ours.handlers.info = lambda asked: asked.respond(200)
        await cut(between, ours, theirs)
        async with asyncio.timeout(20):
            response = await asking

    assert response is not None
    assert response.status_code == 200


@pytest.mark.parametrize("code", [200, 486])
async def test_an_answer_goes_to_where_its_via_says_when_the_connection_is_gone(code: int) -> None:
    """RFC 3261 §18.2.2: a proxy has closed it while the telephone rang. The ACK comes as it
    likes."""
    async with pair(tcp=True) as between:
        asked, served = await between.invite()
        for connection in tuple(between.near.transport._connections.open):
            connection.close()
        await until(lambda: served.flow.closed)
        served.respond(180)
        served.respond(code)
        async with asyncio.timeout(10):
            response = await asked.final()

    assert response is not None
    assert response.status_code == code
