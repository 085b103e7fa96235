"""A lost packet is not heard as a hole, and a phone that is gone does not drone on."""

from __future__ import annotations

import numpy as np
import pytest

from sip.bridge.media.codecs.concealment import FRAMES, Concealment
from sip.bridge.media.g711 import Pcm, loudness

RATES = [8_000, 16_000]


def voice(hz: float, rate: int, seconds: float = 1.0) -> list[Pcm]:
    """A tone with two overtones, in frames."""
    time = np.arange(int(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * hz * n * time) / n for n in (1, 2, 3))
    return np.split((6000 * wave).astype(np.int16), int(seconds * 50))


def loudest_step(pcm: Pcm) -> int:
    return int(np.abs(np.diff(pcm.astype(np.int32))).max())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [70, 110, 123.4, 220, 390])
def test_a_voice_goes_on_where_a_packet_is_missing(hz: float, rate: int) -> None:
    """As it would have gone on, and without a jump before or after."""
    frames, concealment = voice(hz, rate), Concealment(rate)
    heard = [concealment.heard(frame) for frame in frames[:10]]
    instead = concealment.missing()
    after = concealment.heard(frames[11])
    assert instead is not None
    likeness = np.corrcoef(instead, frames[10])[0, 1]
    around = np.concatenate([heard[-1], instead, after])

    assert likeness > 0.95
    assert loudest_step(around) < 1.5 * loudest_step(np.concatenate(frames))
    assert np.array_equal(after[rate // 200 :], frames[11][rate // 200 :])


@pytest.mark.parametrize("rate", RATES)
def test_it_fades_and_ends(rate: int) -> None:
    frames, concealment = voice(150, rate), Concealment(rate)
    for frame in frames[:5]:
        concealment.heard(frame)
    instead = [concealment.missing() for _ in range(FRAMES + 3)]
    filled = [pcm for pcm in instead if pcm is not None]
    loud = [loudness(pcm) for pcm in filled]

    assert len(filled) == FRAMES
    assert loud == sorted(loud, reverse=True)
    assert abs(int(filled[-1][-1])) < 200
    assert instead[FRAMES:] == [None] * 3


def test_what_comes_after_a_pause_of_the_line_is_as_it_came() -> None:
    frames, concealment = voice(150, 8_000), Concealment()
    for frame in frames[:5]:
        concealment.heard(frame)
    for _ in range(FRAMES + 1):
        concealment.missing()

    assert np.array_equal(concealment.heard(frames[20]), frames[20])


def test_nothing_is_made_up_before_anything_was_heard() -> None:
    concealment = Concealment()
    assert concealment.missing() is None
    concealment.heard(voice(150, 8_000)[0])

    assert concealment.missing() is None


@pytest.mark.parametrize("level", [0, 1, 32767])
def test_silence_and_the_loudest_sound_stay_what_they_are(level: int) -> None:
    """No division by nothing, and nothing wraps around."""
    frame = np.full(160, level, np.int16)
    concealment = Concealment()
    concealment.heard(frame)
    concealment.heard(frame)
    instead = concealment.missing()

    assert instead is not None
    assert instead.min() >= 0
    assert instead.max() <= level


def test_every_third_packet_may_be_missing() -> None:
    """Whatever is heard in between is what the next is made of."""
    frames, concealment = voice(180, 8_000), Concealment()
    for index, frame in enumerate(frames):
        pcm = concealment.missing() if index % 3 == 2 else concealment.heard(frame)
        assert index < 2 or pcm is not None
