"""Our calls to a telephone of another make (baresip) that wants its ringing acknowledged."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.permission import Permission
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.transport.flow import Address, Flow
from sip.phone import Phone
from tests.sip.bridge.caller import Phones

HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("reliable", "pracks"), [("", 0), ("yes", 1), ("required", 1)], ids=["no", "yes", "required"]
)
async def test_its_ringing_is_acknowledged_if_it_wants_that(
    near: Phones, reliable: Literal["", "yes", "required"], pracks: int
) -> None:
    """Once; and it is still able to be hung up on, with numbers that go on."""
    sent: list[str] = []
    rung: list[int] = []

    def tapped(data: bytes, flow: Flow, peer: Address, ours: bool) -> None:
        if ours:
            sent.append(data.decode().partition(" ")[0])

    async with Phone(f"{HERE}:9", reliable=reliable) as phone:
        uri = await phone.be_reachable()
        port = int(phone.address.rpartition(":")[2])
        near.endpoint.transport.tap = tapped
        calling = Dialler(
            near.endpoint,
            Destination(uri, Place(HERE, port), "<sip:+4420@us.example>"),
            Negotiation(Local(HERE, 20000)).offer(),
            WhileItRings(lambda response, host: rung.append(response.status_code)),
            Permission("desk", HERE),
            Carriers(Dns()),
        )
        dialling = asyncio.create_task(calling.dial("ours", 20))
        call = await phone.rings()
        await call.answer()
        dialog, response = await dialling
        ended = await dialog.send("BYE")

    assert response.status_code == 200
    assert rung
    assert sent.count("PRACK") == pracks
    assert ended is not None
    assert ended.status_code == 200
