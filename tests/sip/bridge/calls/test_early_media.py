"""What is heard while it rings, of one telephone or of several (RFC 3960)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import cast

import pytest
from aiosipua.message import SipRequest, SipResponse

from dialplans.contracts.jobs import EARLY_SOUND
from sip.bridge.calls.early_media import LOOK_SECONDS, SILENT_LOOKS, EarlyMedia
from sip.bridge.calls.remote_sound import Allowed, MediaNames
from sip.bridge.media.address import Ours
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.formats import Spoken
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import Session, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.workers.media import Media
from tests.sip.bridge.caller import tone
from tests.sip.bridge.descriptions import LAWS
from tests.sip.bridge.streams import close_stream, open_stream
from tests.stack.free_ports import free_udp_range

HOST = "127.0.0.1"
pytestmark = pytest.mark.virtual_time(alone=True)


class Place:
    """A call's place in its worker, as signalling sees it, with the stream that is there."""

    def __init__(self, stream: RtpStream, attributes: Mapping[str, str] | None = None) -> None:
        self._stream = stream
        self.attributes = dict(attributes or {})
        self.first_packet = stream.first_packet
        self.sent_to = False
        self.heard: list[bool] = []

    def aim(self, remote: Remote) -> None:
        self._stream.aim(remote)

    def enter_early(self, *, to_phone: bool, from_phone: bool) -> None:
        self.sent_to = to_phone
        self.heard.append(from_phone)

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        self.attributes.update(attributes)


class Line:
    """A call of ours that rings, and telephones that might take it."""

    def __init__(self, ports: Ports, ours: RtpStream) -> None:
        self.ports = ports
        self.ours = ours
        self.phones: list[RtpStream] = []
        self.place = Place(ours)
        self.negotiation = Negotiation(Local(HOST, ours.port), Spoken(LAWS))
        self.offer = self.negotiation.offer()
        self.early = self.about(self.place)

    def about(self, place: Place) -> EarlyMedia:
        media = cast("Media", place)
        return EarlyMedia(self.negotiation, media, ours=Ours(HOST), names=MediaNames())

    async def phone(self) -> tuple[RtpStream, bytes]:
        """And how it describes itself."""
        phone = await open_stream(self.ports)
        answer, allowed = Negotiation(Local(HOST, phone.port), Spoken(LAWS)), Allowed(Ours(), HOST)
        agreed = answer.answer(parse(self.offer.decode()), allowed)
        phone.aim(allowed.remote(agreed))
        self.phones.append(phone)
        return phone, answer.said

    async def hears(self, phone: RtpStream) -> bool:
        """Whether a packet of this telephone counts."""
        before = self.ours.reception.received
        phone.speak(tone(425)[0])
        await asyncio.sleep(0.01)
        return self.ours.reception.received > before

    def close(self) -> None:
        self.early.close()
        for stream in (self.ours, *self.phones):
            close_stream(self.ports, stream)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    ports = Ports(HOST, PortRange(*free_udp_range(40)))
    made = Line(ports, await open_stream(ports))
    yield made
    made.close()
    await asyncio.sleep(0)


def rings(tag: str, body: bytes = b"", code: int = 183) -> SipResponse:
    made = SipResponse(status_code=code, reason_phrase="Rings")
    made.headers.set_single("To", f"<sip:you@h>;tag={tag}")
    made.body = body
    return made


def port_of(session: Session) -> int:
    return session.sections[0].port


async def test_the_last_telephone_that_speaks_is_heard(line: Line) -> None:
    (first, its), (second, others) = await line.phone(), await line.phone()
    line.early.progress(rings("a", its), HOST)
    heard = [await line.hears(first)]
    line.early.progress(rings("b", others), HOST)
    heard += [await line.hears(second), await line.hears(first)]
    line.early.progress(rings("a", code=180), HOST)
    heard += [await line.hears(second)]

    assert heard == [True, True, False, True]
    assert line.place.attributes[EARLY_SOUND] == "on"


async def test_each_telephone_is_taken_at_its_own_word(line: Line) -> None:
    """Whoever answers need not say again what their own 183 has said; another's is no use."""
    (first, its), (second, others) = await line.phone(), await line.phone()
    line.early.progress(rings("a", its), HOST)
    line.early.progress(rings("b", others), HOST)

    assert port_of(line.early.answer(rings("a", code=200))) == first.port
    assert port_of(line.early.answer(rings("b", code=200))) == second.port
    assert port_of(line.early.answer(rings("b", its, 200))) == first.port
    assert line.early.answer(rings("c", code=200)).sections == ()


@pytest.mark.parametrize(
    "body",
    [b"nonsense", b"v=0\r\nc=IN IP4 224.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n", b""],
    ids=["no description", "multicast", "nothing"],
)
async def test_what_cannot_be_heard_changes_nothing(line: Line, body: bytes) -> None:
    """The call rings on."""
    line.early.progress(rings("a", body), HOST)

    assert line.place.heard == []
    assert EARLY_SOUND not in line.place.attributes


async def test_a_name_is_looked_up_before_it_is_heard(line: Line) -> None:
    phone, its = await line.phone()
    line.early.progress(rings("a", its.replace(b"127.0.0.1", b"localhost")), HOST)
    at_once = await line.hears(phone)
    while not line.place.heard:
        await asyncio.sleep(0.01)

    assert not at_once
    assert await line.hears(phone)


async def test_who_asks_for_quiet_has_it(line: Line) -> None:
    phone, its = await line.phone()
    quiet = Place(line.ours, {EARLY_SOUND: "off"})
    early = line.about(quiet)
    early.progress(rings("a", its), HOST)
    heard = await line.hears(phone)

    assert not heard
    assert quiet.attributes[EARLY_SOUND] == "off"
    assert port_of(early.answer(rings("a", code=200))) == phone.port


async def test_silence_is_sent_only_as_long_as_nothing_comes(line: Line) -> None:
    """To be found behind a NAT; whoever speaks has found us."""
    phone, its = await line.phone()
    line.early.progress(rings("a", its), HOST)
    at_once = line.place.sent_to
    await asyncio.sleep(LOOK_SECONDS * (SILENT_LOOKS + 2))
    later = line.place.sent_to
    await line.hears(phone)
    await asyncio.sleep(LOOK_SECONDS * 2)

    assert (at_once, later, line.place.sent_to) == (False, True, False)


async def test_a_telephone_that_only_listens_is_not_heard(line: Line) -> None:
    _, its = await line.phone()
    line.early.progress(rings("a", its.replace(b"a=sendrecv", b"a=recvonly")), HOST)

    assert line.place.heard == [False]


class Update:
    """An UPDATE of the telephone `tag` with a description; `code` and `said` are our answer."""

    def __init__(self, tag: str, body: bytes) -> None:
        raw = SipRequest(method="UPDATE", uri="sip:us@h")
        raw.headers.set_single("Content-Type", "application/sdp")
        raw.body = body
        self.request = SimpleNamespace(raw=raw)
        self.flow = SimpleNamespace(peer=(HOST, 5060))
        self.code, self.said = 0, b""
        self.headers: dict[str, str] = {}
        contact = SimpleNamespace(contact=lambda flow: "<sip:us@h>")
        self._dialog = SimpleNamespace(ends=SimpleNamespace(remote_tag=tag), endpoint=contact)

    def respond(
        self, code: int, reason: str = "", *, headers: Headers = (), body: bytes = b""
    ) -> None:
        self.code, self.said, self.headers = code, body, dict(headers)

    async def come(self, early: EarlyMedia) -> None:
        early.offered(cast("ServerTransaction", self), cast("Dialog", self._dialog))
        async with asyncio.timeout(5):
            while not self.code:
                await asyncio.sleep(0.01)


def offers(phone: RtpStream, codec: int = 8) -> bytes:
    made = Negotiation(Local(HOST, phone.port), Spoken((codec,)))
    return made.offer()


async def test_a_telephone_may_describe_its_sound_anew_while_it_rings(line: Line) -> None:
    """From another port and with another codec (RFC 3311): it is answered, heard there, and what
    was agreed on then is that of the call, whatever its 200 says."""
    (first, its), (second, _) = await line.phone(), await line.phone()
    line.early.progress(rings("a", its), HOST)
    update = Update("a", offers(second))
    await update.come(line.early)
    old, new = await line.hears(first), await line.hears(second)
    allowed = Allowed(Ours(HOST), HOST)
    negotiation, agreed = await line.early.agreement(rings("a", its, 200), allowed)
    other, _ = await line.early.agreement(rings("b", its, 200), allowed)

    assert update.code == 200
    assert parse(update.said.decode()).sections[0].formats[0] == "8"
    assert update.headers["Contact"] == "<sip:us@h>"
    assert (old, new) == (False, True)
    assert agreed.sound.address == (HOST, second.port)
    assert agreed.payload_types.codec == 8
    assert (negotiation is line.negotiation, other is line.negotiation) == (False, True)


async def test_an_offer_of_one_telephone_does_not_move_the_sound_of_another(line: Line) -> None:
    """Both ring; each has its own sound, and only one of them is heard."""
    (first, its), (second, others) = await line.phone(), await line.phone()
    third, _ = await line.phone()
    line.early.progress(rings("a", its), HOST)
    line.early.progress(rings("b", others), HOST)
    await Update("a", offers(third)).come(line.early)
    heard = [await line.hears(phone) for phone in (first, third, second)]
    _, agreed = await line.early.agreement(rings("b", code=200), Allowed(Ours(HOST), HOST))

    assert heard == [False, False, True]
    assert agreed.sound.address == (HOST, second.port)


@pytest.mark.parametrize(
    "body",
    [
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9000 RTP/AVP 18\r\n",
        b"v=0\r\nc=IN IP4 224.0.0.1\r\nm=audio 9000 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 9000 RTP/AVP 96\r\n",
        b"nonsense",
    ],
    ids=["a foreign codec", "multicast", "no sound", "no description"],
)
async def test_an_offer_that_cannot_be_met_changes_nothing(line: Line, body: bytes) -> None:
    phone, its = await line.phone()
    line.early.progress(rings("a", its), HOST)
    update = Update("a", body)
    await update.come(line.early)
    _, agreed = await line.early.agreement(rings("a", code=200), Allowed(Ours(HOST), HOST))

    assert update.code == 488
    assert "Warning" in update.headers
    assert await line.hears(phone)
    assert agreed.sound.address == (HOST, phone.port)


async def test_a_second_offer_waits_for_the_answer_to_the_first(line: Line) -> None:
    phone, its = await line.phone()
    line.early.progress(rings("a", its), HOST)
    first, second = Update("a", offers(phone)), Update("a", offers(phone))
    both = asyncio.gather(first.come(line.early), second.come(line.early))
    await both

    assert (first.code, second.code) == (200, 500)
    assert 0 <= int(second.headers["Retry-After"]) <= 10


async def test_who_rings_no_more_makes_way_for_who_does(line: Line) -> None:
    """A 199: the announcement of the other telephone is heard again."""
    (first, its), (second, others) = await line.phone(), await line.phone()
    line.early.progress(rings("a", its), HOST)
    line.early.progress(rings("b", others), HOST)
    line.early.gone("b")
    heard = [await line.hears(second), await line.hears(first)]
    line.early.gone("c")
    heard.append(await line.hears(first))
    line.early.gone("a")
    line.early.gone("a")

    assert heard == [False, True, True]
    assert line.place.heard[-1] is False


async def test_an_offer_that_the_answer_to_the_call_overtakes_is_answered_first(
    line: Line,
) -> None:
    """Its host name was still looked up when somebody took the call."""
    (_, its), (second, _) = await line.phone(), await line.phone()
    line.early.progress(rings("a", its), HOST)
    update = Update("a", offers(second).replace(b"127.0.0.1", b"localhost"))
    asking = asyncio.create_task(update.come(line.early))
    await asyncio.sleep(0)
    line.early.close()
    _, agreed = await line.early.agreement(rings("a", its, 200), Allowed(Ours(HOST), HOST))
    await asking

    assert update.code == 200
    assert agreed.sound.address == (HOST, second.port)
