"""Telephones of RFC 2543, written out by hand: neither tags of their own nor branches."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from sip.bridge.signalling.dialog import Dialog
from tests.sip.bridge.signalling.pair import Pair, pair


class OldPhone:
    """Sends lines by UDP and reads what comes back."""

    def __init__(self, between: Pair, branch: str) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self._to = between.far.transport.address
        self._branch = branch

    def send(self, method: str, call_id: str, *, number: int = 1, tag: str = "") -> None:
        host, port = self.socket.getsockname()
        lines = (
            f"{method} sip:far@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port}{self._branch}",
            "From: sip:near@127.0.0.1",
            f"To: <sip:far@127.0.0.1>{f';tag={tag}' if tag else ''}",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {method}",
            f"Contact: sip:near@{host}:{port}",
            "",
            "",
        )
        self.socket.sendto("\r\n".join(lines).encode(), self._to)

    async def code(self) -> int:
        async with asyncio.timeout(5):
            data = await asyncio.get_running_loop().sock_recv(self.socket, 65535)
        return int(data.split()[1])


@pytest.fixture(params=["", ";branch=1", ";branch=z9hG4bK"])
async def old(request: pytest.FixtureRequest) -> AsyncIterator[tuple[OldPhone, Pair]]:
    async with pair() as between:
        phone = OldPhone(between, request.param)
        yield phone, between
        phone.socket.close()


async def test_its_calls_are_told_apart_and_its_repeats_are_not(
    old: tuple[OldPhone, Pair],
) -> None:
    phone, between = old
    for call_id in ("one", "two", "one"):
        phone.send("INVITE", call_id)
    while len(between.calls) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)

    assert [call.request.call_id for call in between.calls] == ["one", "two"]


async def test_its_ack_ends_a_refusal_and_its_cancel_a_call(old: tuple[OldPhone, Pair]) -> None:
    phone, between = old
    between.far.on_invite = lambda transaction: (
        between.calls.append(transaction),
        transaction.respond(180),
    )
    phone.send("INVITE", "one")
    ringing = await phone.code()
    between.calls[0].on_cancel = lambda: between.calls[0].respond(487)
    phone.send("CANCEL", "one")
    codes = {await phone.code(), await phone.code()}
    phone.send("ACK", "one", tag=between.calls[0].to_tag)
    async with asyncio.timeout(5):
        await between.calls[0].settled.wait()

    assert ringing == 180
    assert codes == {200, 487}


async def test_its_call_is_answered_asked_in_and_ended(old: tuple[OldPhone, Pair]) -> None:
    phone, between = old
    phone.send("INVITE", "one")
    while not between.calls:
        await asyncio.sleep(0.01)
    served = between.calls[0]
    theirs, acked = Dialog.answering(between.far, served), asyncio.Event()
    theirs.handlers.ack = lambda ack: acked.set()
    served.respond(200)
    codes = [await phone.code()]
    phone.send("ACK", "one", tag=served.to_tag)
    async with asyncio.timeout(5):
        await acked.wait()
    for number, method in ((2, "OPTIONS"), (3, "BYE")):
        phone.send(method, "one", number=number, tag=served.to_tag)
        codes.append(await phone.code())

    assert codes == [200, 200, 200]
    assert theirs.closed
