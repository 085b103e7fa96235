"""Which worker takes a call, and what is done when it is gone."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from livekit.protocol.room import RoomConfiguration

from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.packet import Sender
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import Remote
from sip.bridge.room.join_token import ParticipantSpec
from sip.bridge.runtime.port_range import PortRange
from sip.bridge.workers.channel import Channel
from sip.bridge.workers.media import Media, NotJoinedError
from sip.bridge.workers.pool import Pool
from sip.bridge.workers.protocol import (
    Aim,
    Close,
    Closed,
    Down,
    Figures,
    Joined,
    Load,
    NotJoined,
    Open,
    Progress,
    SetAttributes,
    Up,
    decode_down,
    encode,
)
from tests.sip.bridge.person import until
from tests.stack.free_ports import free_udp_range

CONFIG = RoomConfiguration(empty_timeout=7)
SPEC = ParticipantSpec("call-1", "sip_1", "Ann", attributes={"a": "1"}, config=CONFIG)


class FakeWorker:
    """Listens where a worker would; says what it is told to say, and keeps what it hears."""

    def __init__(self, path: Path) -> None:
        self.heard: list[Down] = []
        self._sockets: list[int] = []
        self._channel: Channel | None = None
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(str(path))
        self._listening.listen()
        self._listening.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())

    def tell(self, message: Up) -> None:
        assert self._channel is not None
        self._channel.send(encode(message))

    def die(self) -> None:
        assert self._channel is not None
        self._channel.close()

    async def aclose(self) -> None:
        self._accepting.cancel()
        self._listening.close()
        if self._channel is not None:
            self._channel.close()
        for number in self._sockets:
            os.close(number)

    async def opened(self) -> Open:
        """The next call that it is given."""
        await until(lambda: any(isinstance(message, Open) for message in self.heard))
        while not isinstance(found := self.heard.pop(0), Open):
            pass
        return found

    async def _accept(self) -> None:
        while True:
            end, _ = await asyncio.get_running_loop().sock_accept(self._listening)
            self._channel = Channel(end, self._received, lambda: None)
            self.tell(Load(pid=1, late=0.0, resident=1000, cpu=0.1))

    def _received(self, raw: bytes, sockets: list[int]) -> None:
        message = decode_down(raw)
        self.heard.append(message)
        self._sockets += sockets
        if isinstance(message, Close):
            self.tell(Closed(call=message.call, figures=Figures(sender=Sender(1, 2, 3))))


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[list[FakeWorker]]:
    made = [FakeWorker(tmp_path / str(index)) for index in range(2)]
    yield made
    for one in made:
        await one.aclose()


@pytest.fixture
async def pool(tmp_path: Path, workers: list[FakeWorker]) -> AsyncIterator[Pool]:
    made = Pool(tmp_path, len(workers))
    await made.start()
    await until(lambda: made.there == 2)
    yield made
    await made.aclose()


@pytest.fixture
def ports() -> Iterator[Ports]:
    made = Ports("127.0.0.1", PortRange(*free_udp_range(20)))
    yield made
    assert len(made) == 0


def joined(call: str) -> Joined:
    return Joined(call=call, sid="PA_1", identity="sip_1", has_others=False)


async def join(media: Media, worker: FakeWorker) -> Open:
    joining = asyncio.create_task(media.join(url="ws://x", token="made"))
    opened = await worker.opened()
    worker.tell(joined(media.call))
    await joining
    return opened


async def test_calls_are_shared_out(pool: Pool, ports: Ports, workers: list[FakeWorker]) -> None:
    calls = [Media(pool, ports, f"SCL_{index}", SPEC) for index in range(6)]
    joining = [asyncio.create_task(one.join()) for one in calls]
    await until(lambda: sum(len(worker.heard) for worker in workers) == 6)
    shares = [len(worker.heard) for worker in workers]
    for worker in workers:
        for message in tuple(worker.heard):
            worker.tell(joined(message.call))
    await asyncio.gather(*joining)
    for one in calls:
        await one.close()

    assert shares == [3, 3]


async def test_a_worker_is_told_all_of_a_call(
    pool: Pool, ports: Ports, workers: list[FakeWorker]
) -> None:
    media = Media(pool, ports, "SCL_1", SPEC)
    numbers = PayloadTypes(8, 8, 101)
    remote = Remote(("192.0.2.1", 4000), numbers, frozenset({"192.0.2.9"}), behind_nat=True)
    media.aim(remote, agreed=False)
    media.rate = 16_000
    opened = await join(media, workers[0])
    await media.close()

    assert (opened.spec, opened.url, opened.token) == (SPEC, "ws://x", "made")
    assert (opened.remote, opened.agreed, opened.joined) == (remote, False, None)
    assert opened.rate == 16_000


async def test_the_next_worker_goes_on_where_the_last_one_was(
    pool: Pool, ports: Ports, workers: list[FakeWorker]
) -> None:
    """With what was agreed, said and counted since; and under no number that was sent already."""
    media = Media(pool, ports, "SCL_1", SPEC)
    await join(media, workers[0])
    remote = Remote(("192.0.2.1", 4000))
    media.aim(remote, agreed=False)
    media.agreed()
    media.enter(joins_others=True)
    media.direct(to_phone=False, from_phone=True)
    media.set_status("active")
    sender = Sender(77, 70_000, 0xFFFFFF00)
    workers[0].tell(Progress(call="SCL_1", figures=Figures(sender=sender, received=90, lost=1)))
    await until(lambda: media.figures.received == 90)
    workers[0].die()
    opened = await workers[1].opened()
    workers[1].tell(Progress(call="SCL_1", figures=Figures(sender=opened.sender, received=5)))
    await until(lambda: media.figures.received == 95)
    figures = media.figures
    await media.close()

    assert (opened.remote, opened.agreed) == (remote, True)
    assert opened.joined == joined("SCL_1")
    assert opened.entered is not None
    assert (opened.entered.to_phone, opened.entered.joins_others) == (False, True)
    assert opened.spec.attributes == {"a": "1", "sip.callStatus": "active"}
    assert opened.token == ""
    assert opened.sender.ssrc == 77
    assert opened.sender.sequence >= 70_050
    assert opened.sender.timestamp < 0x80000000
    assert figures.lost == 1


async def test_a_call_waits_for_a_worker_where_there_is_none(tmp_path: Path, ports: Ports) -> None:
    pool = Pool(tmp_path, 1)
    starting = asyncio.create_task(pool.start())
    media = Media(pool, ports, "SCL_1", SPEC)
    joining = asyncio.create_task(media.join())
    await asyncio.sleep(0)
    worker = FakeWorker(tmp_path / "0")
    await worker.opened()
    worker.tell(joined("SCL_1"))
    await joining
    await media.close()
    await starting
    await pool.aclose()
    await worker.aclose()


async def test_a_room_that_cannot_be_joined_is_said_with_its_reason(
    pool: Pool, ports: Ports, workers: list[FakeWorker]
) -> None:
    media = Media(pool, ports, "SCL_1", SPEC)
    joining = asyncio.create_task(media.join())
    await workers[0].opened()
    workers[0].tell(NotJoined(call="SCL_1", why="no such server"))
    with pytest.raises(NotJoinedError, match="no such server"):
        await joining
    await media.close()


async def test_what_is_said_before_the_worker_is_there_is_not_lost(
    pool: Pool, ports: Ports, workers: list[FakeWorker]
) -> None:
    media = Media(pool, ports, "SCL_1", SPEC)
    media.set_attributes({"b": "2"})
    opened = await join(media, workers[0])
    media.set_attributes({"c": "3"})
    media.aim(Remote(None))
    await until(lambda: len(workers[0].heard) >= 2)
    await media.close()

    assert opened.spec.attributes == {"a": "1", "b": "2"}
    told = [message for message in workers[0].heard if not isinstance(message, Close)]
    assert [type(message) for message in told] == [SetAttributes, Aim]


async def test_a_call_that_is_over_is_taken_by_no_other_worker(
    pool: Pool, ports: Ports, workers: list[FakeWorker]
) -> None:
    media = Media(pool, ports, "SCL_1", SPEC)
    await join(media, workers[0])
    await media.close()
    workers[0].die()
    await asyncio.sleep(0.05)

    assert workers[1].heard == []
    assert media.figures.sender == Sender(1, 2, 3)
