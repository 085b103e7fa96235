"""A telephone that says a tone, and a line between, on a clock that a test moves."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np

from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.payload_types import G722_TYPE
from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.playout.playout import Playout
from sip.bridge.room.tracks.track_queue import TrackQueue

TICK = 0.02
START = 0.0107
"""When the first packet is sent: 10.7 ms after a tick of ours."""

Packet = tuple[float, int, bytes]
"""When it comes, its timestamp, what is in it."""


def wave(hz: float, rate: int = SAMPLE_RATE, loudness: int = 8000) -> Callable[[int, int], Pcm]:
    """So many samples of a tone, from one on."""

    def samples(start: int, count: int) -> Pcm:
        place = 2 * np.pi * hz / rate * np.arange(start, start + count)
        return (loudness * np.sin(place)).astype(np.int16)

    return samples


def packets(
    sound: Callable[[int, int], Pcm],
    seconds: float,
    *,
    ppm: float = 0.0,
    packet_ms: int = 20,
    codec: int = 0,
    begin: int = 1000,
) -> Iterator[Packet]:
    """What a telephone sends whose clock is so much faster than ours. Each packet leaves when its
    last sample is there."""
    rate = WIDE_RATE if codec == G722_TYPE else SAMPLE_RATE
    encode = encoder(codec, rate)
    samples, octets = packet_ms * rate // 1000, packet_ms * SAMPLE_RATE // 1000
    for index in range(int(seconds * 1000 / packet_ms)):
        sent = START + (index + 1) * packet_ms / 1000 / (1 + ppm / 1e6)
        yield sent, (begin + index * octets) & 0xFFFFFFFF, encode(sound(index * samples, samples))


def delayed(sent: Iterator[Packet], by: Callable[[int], float | None]) -> Iterator[Packet]:
    """In the order in which they come; None: that one does not."""
    waiting: list[Packet] = []
    for index, (at, timestamp, payload) in enumerate(sent):
        while waiting and waiting[0][0] <= at:
            yield heapq.heappop(waiting)
        late = by(index)
        if late is not None:
            heapq.heappush(waiting, (at + late, timestamp, payload))
    while waiting:
        yield heapq.heappop(waiting)


def heard(
    playout: Playout, coming: Iterator[Packet], seconds: float, *, codec: int = 0
) -> Iterator[Pcm | None]:
    """What is heard of it at each of our ticks."""
    nothing: Packet = (float("inf"), 0, b"")
    at, timestamp, payload = next(coming, nothing)
    for tick in range(int(seconds / TICK)):
        now = tick * TICK
        while at <= now:
            playout.put(timestamp, payload, codec, at)
            at, timestamp, payload = next(coming, nothing)
        yield playout.listen(now)


def heard_of_room(
    queue: TrackQueue, sound: Callable[[int, int], Pcm], seconds: float, *, ppm: float, frame: int
) -> Iterator[Pcm | None]:
    """What the phone hears of a track whose clock is so much faster than ours."""
    index = 0
    for tick in range(int(seconds / TICK)):
        now = tick * TICK
        while (at := START + (index + 1) * TICK / (1 + ppm / 1e6)) <= now:
            queue.put(sound(index * frame, frame).tobytes(), at)
            index += 1
        yield queue.take(now)


def whole(frames: Iterator[Pcm | None], samples: int = 160) -> Pcm:
    """With silence where nothing is heard."""
    quiet = np.zeros(samples, np.int16)
    return np.concatenate([quiet if pcm is None else pcm for pcm in frames])


def worst_turn(pcm: Pcm, hz: float, rate: int = SAMPLE_RATE) -> float:
    """The most, in parts of a turn, that the phase of a tone moves against its own pace from one
    half millisecond to the next."""
    place = np.arange(len(pcm))
    width = rate // 200
    turned = pcm.astype(np.float64) * np.exp(-2j * np.pi * hz / rate * place)
    summed = np.cumsum(turned)
    phase = np.angle(summed[width:] - summed[:-width])
    step = rate // 2000
    moved = np.angle(np.exp(1j * np.diff(phase[::step])))
    return float(np.abs(moved).max() / (2 * np.pi))


def quietest(pcm: Pcm, rate: int = SAMPLE_RATE) -> float:
    """The lowest RMS of any 5 ms."""
    width = rate // 200
    squares = np.cumsum(pcm.astype(np.float64) ** 2)
    return float(np.sqrt(((squares[width:] - squares[:-width]) / width).min()))
