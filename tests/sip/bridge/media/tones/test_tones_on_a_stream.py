"""Keys between two phones over real sockets: as tones where one of them takes no events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from sip.bridge.media.clock import TICK_SECONDS
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.codecs.resample import WIDE_RATE, silence
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from tests.sip.bridge.caller import tone
from tests.sip.bridge.streams import close_stream, open_stream
from tests.stack.free_ports import free_udp_range


@dataclass
class Pair:
    ports: Ports
    us: RtpStream
    them: RtpStream
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    told: list[Pcm] = field(default_factory=list)

    def talk(self, codec: int, *, keys: int | None, tones: bool) -> None:
        """`keys`: the number that events have both ways; `tones`: both listen for them."""
        numbers = replace(PayloadTypes.static(codec, keys), tones=tones)
        for one, other in ((self.us, self.them), (self.them, self.us)):
            one.set_rate(WIDE_RATE if codec == 9 else SAMPLE_RATE)
            host = frozenset({"127.0.0.1"})
            one.aim(Remote(("127.0.0.1", other.port), numbers, hosts=host))
        self.us.on_key, self.them.on_key = self.ours.append, self.theirs.append

    async def run(self, seconds: float, says: list[Pcm] | None = None) -> None:
        """Both clocks at once; `says` is what they say over and over."""
        begun = time.monotonic()
        for tick in range(int(seconds / TICK_SECONDS)):
            await asyncio.sleep(max(0.0, begun + tick * TICK_SECONDS - time.monotonic()))
            heard = self.us.listen()
            self.told += [] if heard is None else [heard]
            self.them.listen()
            self.us.speak(silence(self.us.rate))
            self.them.speak(says[tick % len(says)] if says else silence(self.them.rate))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    ports = Ports("127.0.0.1", PortRange(*free_udp_range(20)))
    made = Pair(ports, await open_stream(ports), await open_stream(ports))
    yield made
    close_stream(ports, made.us)
    close_stream(ports, made.them)
    await asyncio.sleep(0)


@pytest.mark.parametrize("codec", [0, 8, 9])
async def test_keys_are_sent_as_tones_to_a_phone_that_takes_no_events(
    pair: Pair, codec: int
) -> None:
    """And with their pauses."""
    pair.talk(codec, keys=None, tones=True)
    pair.us.press("1w9#")
    await pair.run(2.2)

    assert "".join(pair.theirs) == "19#"
    assert not pair.us.pressing


async def test_what_the_phone_types_is_not_heard(pair: Pair) -> None:
    pair.talk(0, keys=None, tones=True)
    pair.them.press("4711")
    await pair.run(1.6)

    assert "".join(pair.ours) == "4711"
    assert max(int(np.abs(pcm.astype(int)).max()) for pcm in pair.told) < 100


async def test_nobody_listens_for_tones_where_the_trunk_does_not_say_so(pair: Pair) -> None:
    pair.talk(0, keys=None, tones=False)
    pair.them.press("47")
    await pair.run(1.0)

    assert pair.ours == []
    assert max(int(np.abs(pcm.astype(int)).max()) for pcm in pair.told) > 5000


async def test_events_are_events_where_both_know_them(pair: Pair) -> None:
    pair.talk(0, keys=101, tones=True)
    pair.us.press("12")
    pair.them.press("34")
    await pair.run(1.2)

    assert ("".join(pair.ours), "".join(pair.theirs)) == ("34", "12")


async def test_a_tone_of_ours_that_comes_back_is_no_key_of_the_phone(pair: Pair) -> None:
    """A line with an echo."""
    pair.talk(0, keys=None, tones=True)
    pair.us.press("5")
    for _ in range(3):
        await pair.run(0.1)
    pair.them.press("5")
    await pair.run(0.6)

    assert pair.ours == []


async def test_a_voice_is_heard_on_such_a_trunk(pair: Pair) -> None:
    pair.talk(0, keys=None, tones=True)
    await pair.run(1.0, tone(600))

    assert max(int(np.abs(pcm.astype(int)).max()) for pcm in pair.told) > 10000
    assert pair.ours == []
