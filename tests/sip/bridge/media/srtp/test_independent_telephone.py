"""Reports on encrypted sound, to and from a telephone of another make (baresip)."""

from __future__ import annotations

import asyncio

import numpy as np

from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.permission import Permission
from sip.bridge.media.address import Ours
from sip.bridge.media.g711 import FRAME
from sip.bridge.media.stream import RtpStream
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import Spoken
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import parse
from sip.phone import Phone
from tests.sip.bridge.caller import phones
from tests.sip.bridge.descriptions import LAWS
from tests.sip.bridge.streams import close_stream, open_stream

HERE = "127.0.0.1"
LOUD = np.full(FRAME, 8000, np.int16)


async def talk_until_measured(stream: RtpStream) -> dict[str, float]:
    """Until the telephone has said when it got a report of ours."""
    async with asyncio.timeout(60):
        while "round_trip_ms" not in (found := stream.figures()):
            stream.speak(LOUD)
            stream.listen()
            stream.rtcp.say()
            await asyncio.sleep(0.02)
    return found


async def test_reports_are_understood_both_ways() -> None:
    """The time that a report takes there and back is known only if each side has read the other's
    with the keys of the call."""
    async with phones() as near, Phone(f"{HERE}:9", encryption="srtp-mand") as phone:
        uri = await phone.be_reachable()
        port = int(phone.address.rpartition(":")[2])
        stream = await open_stream(near.ports)
        local = Local(HERE, stream.port)
        negotiation = Negotiation(local, Spoken(LAWS), Encryption.REQUIRED)
        calling = Dialler(
            near.endpoint,
            Destination(uri, Place(HERE, port), "<sip:+4420@us.example>"),
            negotiation.offer(),
            WhileItRings(),
            Permission("desk", HERE),
            Carriers(Dns()),
        )
        dialling = asyncio.create_task(calling.dial("ours", 20))
        call = await phone.rings()
        await call.answer()
        dialog, response = await dialling
        allowed = Allowed(Ours(), HERE)
        stream.aim(allowed.remote(negotiation.take(parse(response.text), allowed)))
        figures = await talk_until_measured(stream)
        encrypted, sent = stream.protection.on, stream.protection.reports
        await dialog.send("BYE")
        close_stream(near.ports, stream)

    assert encrypted
    assert sent > 0
    assert figures["loss_sent_pct"] < 100
    assert stream.unreadable == 0
